#!/usr/bin/env python3
"""How long a person waits at the prompt: start-up, and Tab with more than 1,000 resources in the world.

    benches/session.py [VPCRUN]      default: target/debug/vpcrun

Times are taken in a pseudo-terminal, from the fork to the prompt and from the Tab key to the completed line.
"""

import os
import pty
import select
import statistics
import sys
import tempfile
import time

VPCRUN = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/debug/vpcrun")
FILL = (
    "local v = ec2.vpc { name = 'lab', cidr = '10.0.0.0/16' } "
    "for i = 0, 199 do ec2.api.create_subnet { vpc_id = v, cidr_block = '10.0.' .. i .. '.0/24', "
    "tag_specifications = { { resource_type = 'subnet', tags = { { key = 'Name', value = 'net' .. i } } } } } end "
    "for i = 1, 900 do ec2.api.create_security_group { vpc_id = v, group_name = 'g' .. i, description = 'x' } end "
    "print('fil' .. 'led')"
)


class Session:
    """vpcrun in a terminal."""

    def __init__(self, home, *arguments):
        self.process, self.terminal = pty.fork()
        if self.process == 0:
            os.environ.update(HOME=home, TERM="xterm")
            os.execv(VPCRUN, [VPCRUN, *arguments])

    def wait_for(self, text, seconds=120):
        seen, end = b"", time.monotonic() + seconds
        while text not in seen:
            if not select.select([self.terminal], [], [], max(0, end - time.monotonic()))[0]:
                raise SystemExit(f"{text!r} does not come: {seen[-400:]!r}")
            seen += os.read(self.terminal, 65536)

    def type(self, text):
        os.write(self.terminal, text)

    def leave(self):
        time.sleep(0.05)
        self.type(b"\x04")
        try:
            while os.read(self.terminal, 65536):
                pass
        except OSError:  # the last process in the terminal has ended
            pass
        os.waitpid(self.process, 0)


def milliseconds(start):
    return (time.perf_counter() - start) * 1000


def start_up(home):
    start = time.perf_counter()
    session = Session(home)
    session.wait_for(b"default> ")
    taken = milliseconds(start)
    session.leave()
    return taken


def tabs(home):
    session = Session(home, "repl", "--world", ":memory:")
    session.wait_for(b"> ")
    session.type(FILL.encode() + b"\r")
    session.wait_for(b"filled")
    session.wait_for(b"> ")
    time.sleep(1)
    for _ in range(40):
        session.type(b'ec2.api.describe_subnets { subnet_ids = { "net42')
        session.wait_for(b"net42")
        time.sleep(0.05)
        start = time.perf_counter()
        session.type(b"\t")
        session.wait_for(b"subnet-0")
        yield milliseconds(start)
        session.type(b"\x03")
        session.wait_for(b"> ")
    session.leave()


def row(name, times):
    times = sorted(times)
    print(f"| {name} | {statistics.median(times):.1f} ms | {times[-1]:.1f} ms |")


with tempfile.TemporaryDirectory() as home:
    start_up(home)
    print("| | median of 40 | longest |\n|---|---|---|")
    row("start-up to the prompt", [start_up(home) for _ in range(40)])
    row("Tab, 1,100 resources", list(tabs(home)))
