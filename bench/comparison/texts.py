"""What docs/benchmarks.md says beside its figures: how they come about, how they are guarded; what
attackers cost, which `bench/attacks` measures; and crowds, which `bench/recovery` and `bench/joins` do."""

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

ATTACKS = """## Under attack
`bench/attacks` sets one attacker after another on a server with the default configuration and one loop, 10
seconds each, while two honest clients talk in a room. On 2 cores, where compilers were at work as well:
```sh
bench/attacks                          # about seven minutes
bench/attacks --only publish,ping -- --limits-messages-per-minute 600   # other settings of the server
```

| the attacker | it did, a second | server CPU | kernel alone | memory, MiB | log | p99 | longest turn | pair, p50 / p99 | errors |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
| nobody | – | 1.1 % | – | 16 / 16 / 16 | 0 B | ≤ 0.25 ms | ≤ 1 ms | 0.40 / 3.55 ms | 0 |
| subscribes to 128 new topics, leaves them, again | 8,800 rounds, 16 dials | 99.8 % | 0.8 % | 17 / 26 / 26 | 0 B | ≤ 2.5 ms | ≤ 10 ms | 0.68 / 3.13 ms | 0 |
| publishes to ever new topics | 119,802 frames, 461 dials | 99.9 % | 4.4 % | 16 / 172 / 172 | 0 B | ≤ 2.5 ms | ≤ 10 ms | 2.85 / 5.26 ms | 0 |
| joins ever new rooms, and leaves | 46,655 rounds, 292 dials | 99.9 % | 4.4 % | 16 / 173 / 173 | 0 B | ≤ 0.5 ms | ≤ 5 ms | 0.67 / 1.62 ms | 0 |
| dials `/chat/NEW`, hangs up | 3,308 dials | 25.1 % | 14.8 % | 16 / 113 / 113 | 0 B | ≤ 0.25 ms | ≤ 5 ms | 0.32 / 3.26 ms | 0 |
| 22,000 topics in one bucket of a plain hash table | 10,932,483 frames, 206 dials | 99.8 % | 20.3 % | 16 / 116 / 114 | 0 B | ≤ 2.5 ms | ≤ 10 ms | 1.37 / 5.80 ms | 0 |
| HTTP API, wrong key, pipelined | 960,019 requests, 2,289 dials | 21.1 % | 15.1 % | 16 / 17 / 17 | 1548 B | ≤ 0.25 ms | ≤ 5 ms | 0.32 / 2.57 ms | 0 |
| WebSocket handshakes, wrong token | 3,046 dials | 24.9 % | 12.8 % | 16 / 17 / 17 | 1234 B | ≤ 0.25 ms | ≤ 2.5 ms | 0.33 / 2.93 ms | 0 |
| `/metrics`, wrong key, pipelined | 1,790,879 requests, 2,389 dials | 20.5 % | 14.2 % | 16 / 17 / 17 | 1047 B | ≤ 0.25 ms | ≤ 5 ms | 0.31 / 3.20 ms | 0 |
| frames `{"type":"pong"}` | 14,987,180 frames, 1,822 dials | 41.8 % | 16.3 % | 16 / 18 / 17 | 0 B | ≤ 0.5 ms | ≤ 10 ms | 0.37 / 4.21 ms | 0 |
| the same, 1,000 a connection | 2,494,330 frames, 2,495 dials | 40.1 % | 14.9 % | 16 / 17 / 17 | 0 B | ≤ 0.25 ms | ≤ 5 ms | 0.32 / 1.07 ms | 0 |
| WebSocket pongs | 52,997,615 frames, 2,154 dials | 33.7 % | 14.5 % | 16 / 18 / 17 | 0 B | ≤ 0.5 ms | ≤ 5 ms | 0.32 / 4.01 ms | 0 |
| WebSocket pings | 50,956,637 frames, 1,981 dials | 41.4 % | 14.4 % | 16 / 18 / 17 | 0 B | ≤ 0.5 ms | ≤ 2.5 ms | 0.30 / 3.64 ms | 0 |
| `/metrics`, pipelined | 4,321,745 requests, 2,511 dials | 20.0 % | 13.0 % | 16 / 18 / 17 | 0 B | ≤ 0.25 ms | ≤ 2.5 ms | 0.28 / 2.66 ms | 0 |
| `/healthz`, pipelined | 281,875 requests, 1.6 dials | 99.6 % | 1.0 % | 16 / 18 / 17 | 0 B | ≤ 0.25 ms | ≤ 5 ms | 0.34 / 1.87 ms | 0 |
| sockets that say nothing | 4,410 dials | 13.4 % | 11.4 % | 17 / 18 / 18 | 0 B | ≤ 0.25 ms | ≤ 2.5 ms | 0.30 / 2.58 ms | 0 |
| half requests | 3,190 dials | 15.8 % | 10.8 % | 16 / 19 / 19 | 0 B | ≤ 0.25 ms | ≤ 2.5 ms | 0.29 / 4.08 ms | 0 |
| half TLS handshakes | 3,606 dials | 66.7 % | 12.7 % | 18 / 41 / 40 | 0 B | ≤ 2.5 ms | ≤ 5 ms | 0.45 / 3.89 ms | 0 |

- The attacker has one address and a quarter of a processor. All that it sends is prepared, and it
  reads the answers away without looking at them; a connection that the server closes it replaces by
  a new one. What it did is what the kernel took from it: much is thrown away with the connections that the
  server closes. A round is a `subscribe` or `join` and what undoes it.
- 100 % do not mean that others wait: whoever sends more gets more of what nobody else needs.
- Server and all others have a processor each. **Server CPU** is user and system time, in percent of one.
  **Kernel alone** is the system time of a program that gets as many connections and as much data from the
  same attacker, and throws all away: a server can cost no less. It answers nothing but handshakes.
- **Memory** is the resident set before, at most, and a second after the attack; **log** what was
  written to the log meanwhile.
- **p99** is that of `troupe_delivery_latency_seconds`: from reading a message to having written it to its
  receivers. **Longest turn** is the last bucket of `troupe_turn_seconds` that got an entry: so long others may
  wait for a loop. Both are upper ends of buckets.
- The **pair** says 40 messages a second; its time is from sending a message to having it back, on a
  processor that it shares with the attacker. Each checks that all come, once and in order.
- Over 5 ms (p99), over 10 ms (turn) and any error are bold, and make the exit code 1.
"""

CROWDS = """## Crowds
Thousands who do the same within a second. The server has the default configuration, but for a history of the
topic, and one loop on one processor; all clients are on another.
```sh
bench/recovery   # 10,000 clients are cut at once and come back within a second, each 100 messages behind
bench/joins      # 10,000 clients join one room within a second
```
**Coming back.** In turns they only come back, and come back and get what they missed, three times each.
- CPU is that of all threads of the server, to the nanosecond; what a recovered message costs is the difference of
  the medians, by clients and messages.
- Encodings are those of `troupe_encodings_total`, without the answers that are made either way: each message once,
  however many ask for it.
- Memory is the highest resident set while they come back, against the one when all were there, before they were cut.
  It may grow by one encoding of what was missed, and 512 bytes a client.
- At the end one in a hundred reads nothing any more (and has a small buffer in the kernel). Messages of 32 KiB are
  published behind the replay, each when all others have the one before, until those who do not read are closed with
  4409. Everybody else has every message, once and in order.

**Joining.** All are connected already. Frames are those that a member gets until all are in, answers included. The
bars are those of [attacks](#under-attack): 5 ms from reading to having written (p99), 10 ms for a turn; two clients
talk in another room meanwhile.
"""
