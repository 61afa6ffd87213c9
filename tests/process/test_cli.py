"""The command line: version, check, and configuration that cannot be used."""

import contextlib
import random
import re
import shutil
import socket
import subprocess

import pytest
from harness import BINARY, DEADLINE, SOURCE_DIR, Server, environment, run_troupe


def test_version():
    ran = run_troupe("version")
    assert ran.returncode == 0
    assert re.search(r"\b\d+\.\d+\.\d+\b", ran.stdout)


def test_help_names_the_subcommands():
    ran = run_troupe("--help")
    assert ran.returncode == 0
    for subcommand in ("serve", "check", "version"):
        assert subcommand in ran.stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["serve", "--nonsense"], ["check"], []])
def test_wrong_arguments(arguments):
    ran = run_troupe(*arguments)
    assert ran.returncode != 0
    assert ran.stdout


def test_bench_runs_the_program_beside_the_binary(tmp_path):
    binary = shutil.copy(BINARY, tmp_path / "troupe")
    command = [binary, "bench", "fanout", "-n", "3", "--help"]
    alone = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    assert alone.returncode == 2
    assert str(tmp_path / "troupe-bench") in alone.stderr and "TROUPE_BENCH" in alone.stderr
    beside = tmp_path / "troupe-bench"
    beside.write_text('#!/bin/sh\necho "$@"\nexit 7\n')
    beside.chmod(0o755)
    ran = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    assert (ran.returncode, ran.stdout) == (7, "fanout -n 3 --help\n")


def test_check_accepts_the_documented_example():
    ran = run_troupe("check", SOURCE_DIR / "docs/troupe.example.toml")
    assert ran.returncode == 0, ran.stdout


def test_config_prints_the_documented_example():
    ran = run_troupe("config")
    assert ran.returncode == 0
    assert ran.stdout == (SOURCE_DIR / "docs/troupe.example.toml").read_text()


def test_check_accepts_an_empty_file(tmp_path):
    (tmp_path / "empty.toml").write_text("")
    ran = run_troupe("check", tmp_path / "empty.toml")
    assert ran.returncode == 0, ran.stdout


BAD = {
    "syntax": ("\n[server\nport = 1\n", 2, ""),
    "unknown section": ("[server]\nport = 1\n\n[sever]\nport = 1\n", 4, "sever"),
    "unknown key": ("[server]\n\nprot = 8081\n", 3, "prot"),
    "wrong type": ('[server]\nport = "8081"\n', 2, "port"),
    "out of range": ("# a comment\n[server]\nport = 70000\n", 3, "port"),
    "beyond the loops": ("[server]\nloops = 1\n[limits]\nconnections_max = 5000000\n", 4, "on 1 loop"),
    "negative": ("[limits]\n\n\noutbox_bytes_max = -1\n", 4, "outbox_bytes_max"),
}


@pytest.mark.parametrize("text, line, named", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("command", [["check"], ["serve", "--config"]], ids=["check", "serve"])
def test_a_bad_file_is_refused_with_its_place(tmp_path, command, text, line, named):
    path = tmp_path / "bad.toml"
    path.write_text(text)
    ran = run_troupe(*command, path)
    assert ran.returncode == 1, ran.stdout
    assert f"{path}:{line}" in ran.stdout
    assert named in ran.stdout


@pytest.mark.parametrize("command", [["check"], ["serve", "--config"]], ids=["check", "serve"])
def test_a_file_that_is_not_there(tmp_path, command):
    ran = run_troupe(*command, tmp_path / "absent.toml")
    assert ran.returncode == 1
    assert "absent.toml" in ran.stdout


def test_port_in_use():
    with Server() as server:
        ran = run_troupe("serve", "--port", server.port)
        assert ran.returncode == 1, ran.stdout
        assert "--port: server.port: cannot listen on 0.0.0.0 port " in ran.stdout
        assert str(server.port) in ran.stdout
        assert "in use" in ran.stdout.lower()


def test_port_in_use_by_another_program():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ran = run_troupe("serve", "--port", port)
        assert ran.returncode == 1, ran.stdout
        assert str(port) in ran.stdout
        assert "in use" in ran.stdout.lower()


def serve_together(count, *options):
    """Servers that are started in the same moment: what each of them prints first, or "" for those that
    end instead."""
    started = [
        subprocess.Popen(
            [BINARY, "serve", *map(str, options)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        lines = [process.stdout.readline() for process in started]
        for process, line in zip(started, lines):
            if not line:
                assert process.wait(DEADLINE) == 1
        return lines
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.communicate(timeout=DEADLINE)


def test_servers_that_start_in_the_same_moment_do_not_share_a_port():
    # Bound, and not listening: in nobody's way. To every address, or a socket of a test beside this one
    # may be given the same port on another.
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("0.0.0.0", 0))
        port = reserved.getsockname()[1]
        for host in ("127.0.0.1", "0.0.0.0") * 4:
            lines = serve_together(3, "--port", port, "--host", host)
            assert sum("listening" in line for line in lines) == 1, lines


def free_port():
    """None that the kernel hands out by itself: a test beside this one might get it."""
    for port in random.sample(range(10_000, 30_000), 100):
        with contextlib.suppress(OSError), socket.create_server(("0.0.0.0", port)):
            return port
    raise AssertionError("no port is free")


def test_the_address_goes_to_standard_output_and_the_port_is_the_configured_one(tmp_path):
    port = free_port()
    config = tmp_path / "port.toml"
    config.write_text(f"[server]\nport = {port}\n")
    with subprocess.Popen(
        [BINARY, "serve", "--config", config],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            line = next(line for line in process.stdout if "http://" in line)
            everywhere = rf"0\.0\.0\.0:{port} \(every IPv4 address\), here http://127\.0\.0\.1:{port}/"
            assert re.fullmatch(rf"troupe \S+ listening on {everywhere}\n", line)
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE):
                pass
        finally:
            process.terminate()
        process.stdout.read()
        assert process.wait(DEADLINE) == 0


def test_a_host_may_be_a_name():
    with Server("--host", "localhost") as server:
        assert f" listening on http://127.0.0.1:{server.port}/\n" in server.log()
        assert server.http("GET", "/healthz")[0] == 200


@pytest.mark.parametrize("command", [["check"], ["serve", "--config"]], ids=["check", "serve"])
def test_what_does_not_start_is_refused_by_both_in_the_same_words(tmp_path, command):
    config = tmp_path / "troupe.toml"
    config.write_text('[server]\nhost = "192.0.2.1"\n[auth]\njwks_file = "/nowhere.json"\n')
    ran = subprocess.run(
        [BINARY, *command, config],
        env={**environment(), "TROUPE_AUTH_PUBLIC_KEY_FILE": "", "TROUPE_PORT": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
    )
    assert ran.returncode == 1
    assert f"{config}:2:8: server.host: cannot listen on 192.0.2.1: " in ran.stdout
    assert f"{config}:4:13: auth.jwks_file: /nowhere.json: cannot be read" in ran.stdout
    assert "TROUPE_PORT: no such variable, did you mean TROUPE_SERVER_PORT?" in ran.stdout


@pytest.mark.parametrize("source", ["file", "environment", "flag"])
def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path, source):
    """The heartbeat that a client is told shows which of them was used."""
    config = tmp_path / "troupe.toml"
    config.write_text("[server]\nheartbeat_seconds = 11\n")
    options, expected, variables = ["--config", config], 11, {}
    if source != "file":
        variables, expected = {"TROUPE_SERVER_HEARTBEAT_SECONDS": "12"}, 12
    if source == "flag":
        options, expected = [*options, "--server-heartbeat-seconds", 13], 13
    with Server(*options, variables=variables) as server, server.client() as client:
        assert client.connection["heartbeat"] == expected


def test_a_bad_environment_variable_is_named():
    ran = subprocess.run(
        [BINARY, "serve", "--port", "0"],
        env={**environment(), "TROUPE_SERVER_HEARTBEAT_SECONDS": "soon"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=DEADLINE,
    )
    assert ran.returncode == 1
    assert "TROUPE_SERVER_HEARTBEAT_SECONDS" in ran.stdout
