#!/usr/bin/env python3
"""Time the tutorial (runbooks/home-ssh.lua) by vpcrun, boto3 and the aws CLI in one run, and print Markdown.

Started by scripts/benchmark-home-ssh, which provides the binary, moto's server and the peers' tools.

One cycle of one contender starts from nothing (a new world file, or moto reset; a new working directory) and times
three whole processes, from before the fork until the process is reaped: `apply` builds, `re-run` must change nothing,
`teardown` must remove all. Contenders take turns inside each round and another one starts each round, so that a busy
machine hits all alike. A phase that fails or makes changes where it should not (or none where it should) ends the
benchmark: a wrong answer has no speed. The first round warms caches and is dropped.

The table gives medians; absolute times hold for one machine, ratios within one table can be compared.
"""

import argparse
import contextlib
import dataclasses
import importlib.metadata
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PEERS = os.path.join(ROOT, "benches", "peers")
RUNBOOK = os.path.join(ROOT, "runbooks", "home-ssh.lua")
REGION = "ap-northeast-1"
PHASES = ["apply", "re-run", "teardown"]


@dataclasses.dataclass
class Contender:
    """One way to do the job. In a command, FOLDER stands for the cycle's own folder."""

    name: str
    commands: dict  # phase -> argument list
    changes: Callable[[str], int]  # standard output -> how many things the phase changed
    env: dict = dataclasses.field(default_factory=dict)  # beyond environment()
    uses_moto: bool = True


def vpcrun(name, binary, target, uses_moto):
    """vpcrun on one target; `--json` is part of what is timed, so that its counts can be checked."""
    options = ["--json", "--region", REGION, *target]
    apply = [binary, RUNBOOK, *options]
    teardown = [binary, "destroy", RUNBOOK, *options]

    def changes(output):
        report = json.loads(output)
        return report["created"] + report["changed"] + report["deleted"]

    return Contender(name, dict(zip(PHASES, [apply, apply, teardown])), changes, uses_moto=uses_moto)


def peer(name, command, moto):
    """A peer with the verbs up and down, whose last line is `N changed`."""
    up, down = [*command, "up"], [*command, "down"]
    last_line = re.compile(r"(\d+) changed\s*\Z")
    changes = lambda output: int(last_line.search(output)[1])
    return Contender(name, dict(zip(PHASES, [up, up, down])), changes, env={"AWS_ENDPOINT_URL": moto})


def http(url, method="GET"):
    """One request to moto's own interface."""
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
        return answer.read()


@contextlib.contextmanager
def moto_server():
    """moto's server on a free loopback port, ready to answer, gone afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(["moto_server", "-H", "127.0.0.1", "-p", str(port)],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                http(url + "/moto-api/data.json")
                break
            except urllib.error.URLError:
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit("moto_server did not start: run `moto_server -p 5000` to see why")
                time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait()


def environment(home):
    """What every contender gets: test credentials, no configuration of the user's, no metadata service, no pager."""
    keep = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **keep,
        "HOME": home,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_PAGER": "",
        "ZONE_1": f"{REGION}a",  # moto has no ap-northeast-1b
        "ZONE_2": f"{REGION}c",
    }


def timed(command, cwd, env):
    """Seconds from the fork until the process is reaped, and its standard output. A failure ends the benchmark."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        code = process.wait()
        seconds = time.perf_counter() - start
        out.seek(0)
        err.seek(0)
        if code:
            sys.exit(f"{' '.join(command)}\nended with {code}:\n{err.read().decode()}{out.read().decode()}")
        return seconds, out.read().decode()


def cycle(contender, moto):
    """One contender's three phases from nothing to nothing: seconds by phase."""
    if contender.uses_moto:
        http(moto + "/moto-api/reset", "POST")
        # A reset drops each region's default VPC, the next request makes it again. Nobody is timed for that.
        http(f"{moto}/?Action=DescribeVpcs&Version=2016-11-15&AWSAccessKeyId=test")
    with tempfile.TemporaryDirectory(prefix="vpcrun-benchmark-") as folder:
        work, home = os.path.join(folder, "work"), os.path.join(folder, "home")
        os.mkdir(work)
        os.mkdir(home)
        env = environment(home) | contender.env
        seconds = {}
        for phase in PHASES:
            command = [part.replace("FOLDER", folder) for part in contender.commands[phase]]
            seconds[phase], output = timed(command, work, env)
            changes = contender.changes(output)
            if (changes == 0) != (phase == "re-run"):
                sys.exit(f"{contender.name}: {phase} made {changes} changes:\n{output}")
        return seconds


def race(contenders, moto, rounds):
    """Seconds by contender and phase, one figure a round, contenders taking turns."""
    taken = {c.name: {phase: [] for phase in PHASES} for c in contenders}
    for number in range(rounds + 1):
        for turn in range(len(contenders)):
            contender = contenders[(number + turn) % len(contenders)]
            seconds = cycle(contender, moto)
            shown = "  ".join(f"{phase} {seconds[phase] * 1000:.1f} ms" for phase in PHASES)
            print(f"round {number or 'warm-up'}  {contender.name}: {shown}", file=sys.stderr, flush=True)
            if number:
                for phase in PHASES:
                    taken[contender.name][phase].append(seconds[phase])
    return taken


def start_up(binary, rounds):
    """Seconds of a runbook of one line, and of a process that does nothing: what is left is vpcrun's start."""
    with tempfile.TemporaryDirectory(prefix="vpcrun-benchmark-") as folder:
        with open(os.path.join(folder, "one-line.lua"), "w") as runbook:
            runbook.write('print("first line")\n')
        env = environment(folder)
        commands = {"vpcrun": [binary, "one-line.lua", "--world", ":memory:"], "true": ["true"]}
        taken = {name: [] for name in commands}
        for number in range(rounds + 3):
            for name, command in commands.items():
                seconds, output = timed(command, folder, env)
                if name == "vpcrun" and "first line" not in output:
                    sys.exit(f"the runbook of one line did not print its line:\n{output}")
                if number >= 3:
                    taken[name].append(seconds)
        return taken


def milliseconds(figures):
    """`median (min-max)`, in milliseconds."""
    digits = 1 if statistics.median(figures) < 0.1 else 0
    median, low, high = (f"{v * 1000:,.{digits}f}" for v in (statistics.median(figures), min(figures), max(figures)))
    return f"{median} ({low}-{high})"


def print_race(taken, rounds):
    """The table of the race: each contender's times, and how many times the first one's median they are."""
    first, *_ = taken
    whole = {name: [sum(t) for t in zip(*(phases[p] for p in PHASES))] for name, phases in taken.items()}
    print(f"Milliseconds, median (min-max) of {rounds} rounds; x is the multiple of the first row.\n")
    print("| | " + " | ".join(f"{p} | x" for p in [*PHASES, "whole cycle"]) + " |")
    print("|---|" + "---:|---:|" * (len(PHASES) + 1))
    for name, phases in taken.items():
        cells = []
        for figures, base in [(phases[p], taken[first][p]) for p in PHASES] + [(whole[name], whole[first])]:
            cells += [milliseconds(figures), f"{statistics.median(figures) / statistics.median(base):,.1f}"]
        print(f"| {name} | " + " | ".join(cells) + " |")


def print_start_up(taken, rounds):
    """The table of the start-up."""
    print(f"\nStart-up, milliseconds, median (min-max) of {rounds} processes:\n")
    print("| process | ms |\n|---|---:|")
    print(f"| `vpcrun one-line.lua --world :memory:`, whole process | {milliseconds(taken['vpcrun'])} |")
    print(f"| `true`: what any process costs here | {milliseconds(taken['true'])} |")


def machine():
    """Processor, cores, memory and kernel, as one line."""
    model, memory = platform.processor() or platform.machine(), ""
    with contextlib.suppress(OSError):
        with open("/proc/cpuinfo") as info:
            model = next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), model)
        with open("/proc/meminfo") as info:
            memory = f", {int(info.readline().split()[1]) / 2**20:.0f} GiB"
    return f"{model}, {os.cpu_count()} cores{memory}, {platform.system()} {platform.release()}"


def versions(binary):
    """The versions of all that was timed, as one line."""
    tools = [("vpcrun", [binary, "--version"])] if binary else []
    tools.append(("rustc", ["rustc", "--version"]))
    said = [subprocess.run(c, capture_output=True, text=True, check=True).stdout.split()[1] for _, c in tools]
    names = [f"{name} {version}" for (name, _), version in zip(tools, said)]
    names += [f"{name} {importlib.metadata.version(name)}" for name in ("boto3", "awscli", "moto")]
    return ", ".join([*names, f"Python {platform.python_version()}"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vpcrun", metavar="BINARY", help="the built binary; without it only the peers run")
    parser.add_argument("--runs", type=int, default=5, help="rounds that count (default 5)")
    parser.add_argument("--starts", type=int, default=100, help="processes of the start-up table (default 100)")
    args = parser.parse_args()
    binary = args.vpcrun and os.path.abspath(args.vpcrun)
    with moto_server() as moto:
        contenders = [
            peer("boto3, on moto's server", [sys.executable, os.path.join(PEERS, "home_ssh.py")], moto),
            peer("aws CLI, on moto's server", [os.path.join(PEERS, "home-ssh.sh")], moto),
        ]
        if binary:
            contenders = [
                vpcrun("vpcrun, local world", binary, ["--world", "FOLDER/world"], uses_moto=False),
                vpcrun("vpcrun, on moto's server", binary, ["--endpoint-url", moto], uses_moto=True),
                *contenders,
            ]
        load = os.getloadavg()[0]
        taken = race(contenders, moto, args.runs)
        starts = start_up(binary, args.starts) if binary else None
    print(f"{machine()}; load average {load:.1f} at the start\n\n{versions(binary)}\n")
    print_race(taken, args.runs)
    if starts:
        print_start_up(starts, args.starts)


if __name__ == "__main__":
    main()
