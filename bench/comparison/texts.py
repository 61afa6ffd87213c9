"""What docs/benchmarks.md says beside its figures: how they come about, how they are guarded."""

METHOD = """## Method
- Server and load generator run side by side on one machine over loopback, so wall-clock throughput
  says little; the figure that counts is the **server's own CPU time (user + system, all its
  processes) per delivered message**, read from `/proc` before and after the measured window.
- Everything is held against `floor`: a program that does nothing but `send()` the bytes, one call
  per message and member (`bench/floor`). The ratio to it in the same run is what travels to other
  machines; microseconds do not.
- The server has one half of the processors to itself and the generator the other (`taskset`): on
  shared ones each is charged for the other's interruptions, and which one is luck.
- A fresh server process for every measurement; all servers take turns in every round, and the table
  shows the median (lowest–highest) of {rounds}. A warm-up precedes every measured window.
- Messages are published as 100 bytes. Floor, Beast, nchan, ws, NATS, Centrifuge and Socket.IO pass
  the text on as it is (in their own envelopes); FastAPI and Troupe parse JSON and add user, time
  and more, so they deliver more bytes.
- Every receiver checks every message: one missing, doubled or out of order fails the measurement,
  and the cell says so.
- Latency is measured from when a message was *due*, not from when a late generator came to send it.
  In the paced cases a delivery normally costs its own read; more messages a read mean that a server
  (or the generator) had stalled or gathers messages, and then its cost looks better than it is.
- Memory is the growth of the server's resident set over 10,000 or 19,000 connections that are open
  and silent. The kernel's own memory for a socket comes on top and is the same for all.
- `troupe bench --help` runs single cases by hand, against any WebSocket server.
"""

GUARDING = """## Guarding against slow-downs
Two runs of one binary differ by up to 13 %, so two figures, or two medians, prove nothing.
`bench/guard` holds two builds against each other in a way that tells a slow-down from noise:
```sh
git worktree add ../troupe-old COMMIT   # what to compare with, built with the same preset
(cd ../troupe-old && cmake --preset release -DTROUPE_TESTS=OFF && cmake --build --preset release)
bench/guard ../troupe-old/build/release build/release                  # about twelve minutes
bench/guard --instructions ../troupe-old/build/release build/release   # half a minute
```
Exit code 0 means not slower, 1 slower, and 2 that it cannot be told: a message was lost, something
is missing, or there were fewer than 15 pairs. `--cases fanout-50,rooms` measures less, `--pairs 30`
more, and `--json FILE` keeps every figure. Leave the machine alone meanwhile.

**The servers.** Both run in turns over six of the cases above, in shorter runs: flat out, 1,000 and
10,000 subscribers, rooms, set-up, idle connections. One run of each makes a pair; who goes first is
shuffled under a fixed seed, and every case comes round before the next pair. One load generator,
the new build's, drives both. What counts is the server's own CPU time per delivered message; for
set-up that per connection, and for idle connections the memory of each.
```
case              old      new  new/old  95 % interval
fanout-50       3.470    3.512    1.009  0.985 to 1.031  ok
rooms           5.210    5.748    1.102  1.071 to 1.139  SLOWER
```
- `old` and `new` are medians; `new/old` is the median of the pairs' ratios, in which what the
  machine did to both cancels out. An interval so made holds the true one 95 times of 100: for 15
  pairs it goes from the 4th smallest ratio to the 4th largest.
- `SLOWER` means that the whole interval is above 1.03.
- `ok` means that no slow-down was shown, not that there is none: the upper end says how large one
  may still hide. Where that is too much, a quieter machine or more pairs narrow it. If runs scatter
  over 13 %, 15 pairs find a slow-down of 10 % in six of seven tries and 30 pairs nearly always; if
  over 5 %, 15 pairs find one of 5 % in two of three.

**The instructions.** `--instructions` counts what an iteration of each micro-benchmark executes,
under valgrind's callgrind (`apt-get install valgrind`). The counts repeat to the last instruction,
so it fails where there are over 1 % more. Where a path does more on purpose, say so with
`--allow 'deliver/*=3'`. Benchmarks that only one build has are listed. `micro-actor-hop` is left
out: its threads take turns by chance. A count may also change because the benchmark's own source
did. And an instruction is not a time: what misses the cache more often shows only with the servers.
"""

MILLION = """## A million connections in one process
Each loop of the server has [a descriptor table of its own](design/0003-threads.md), so a limit of 20,000
open files bounds a loop and not the process. `bench/hold` starts one server with as many loops as that
takes, connects, holds for 40 seconds, then announces four times to everybody:
```console
$ sudo sysctl -w net.ipv4.tcp_mem="2000000 2000000 4000000"
$ bench/hold -n 1000000
1,000,000 connections to 1 server, 82.0 s to connect
sockets in the kernel      2,000,002 (both ends)
server memory              721 bytes a connection, 688 MiB
kernel memory, both ends   8.67 KiB a connection, 8470 MiB
server CPU while idle      51.97 % of a core
a broadcast to everybody   14.27 s, 20.18 s, 18.03 s, 45.03 s
delivered                  4,000,000, missing 0, doubled 0
server CPU per delivery    19.65 µs
problems                   none
```
That is 53 loops and 51 processes of the load generator on 2 cores, which receive everything that is sent;
so the times say how long this machine takes for both ends, and the figures that travel are bytes and CPU. Idle
means a heartbeat to each connection every 30 seconds, and its answer: 67,000 messages a second. It needs:
- **memory**: about 0.7 KiB a connection in the server and 4.3 KiB in the kernel; the other ends, which are
  here as well, take 4.3 KiB more in the kernel. 12 GiB were in use.
- **`tcp_mem`**: pages that all sockets together may use for what is on its way, two a connection here. The
  default is a fraction of the memory; above it the kernel drops what arrives, and TCP sends it again.
  `bench/hold` says when it is smaller than that.
- **`fs.file-max`** above the number of sockets, and a hard limit of open files (`ulimit -Hn`) from which the
  loops follow: `--loops` asks for more.
- **addresses**: one client address has 28,000 ports for one port of the server (`ip_local_port_range`). The
  generator takes eight loopback addresses a process.
"""
