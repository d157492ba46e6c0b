"""Ansible's amazon.aws against the embedded EC2: a network is built, built again without a change, broken and removed.

The environment says which server, credentials and region (AWS_*), and which actions the server has (VPCRUN_ACTIONS).
"""

import os
import re
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(here))

from steps import client, compare_pictures, fail, picture, step

CALM = {
    "ANSIBLE_FORCE_COLOR": "false",
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_PIPELINING": "true",
}


def play(name):
    """Runs a playbook and gives how many tasks were ok and changed."""
    command = [os.path.join(os.path.dirname(sys.executable), "ansible-playbook"), os.path.join(here, name)]
    done = subprocess.run(command, env={**os.environ, **CALM}, capture_output=True, text=True, check=False)
    recap = re.search(r"ok=(\d+) +changed=(\d+) +unreachable=0 +failed=0 ", done.stdout)
    if done.returncode != 0 or not recap:
        fail(f"ansible-playbook {name} ended with {done.returncode}:\n{done.stdout[-6000:]}\n{done.stderr[-3000:]}")
    return done.stdout, int(recap[1]), int(recap[2])


def main():
    ec2 = client()
    before = picture(ec2)
    _, ok, changed = play("present.yml")
    step(f"present: {ok} tasks, {changed} changed something")
    built = picture(ec2)
    text, ok, changed = play("present.yml")
    if changed:
        fail(f"the second run changed {changed}:\n{text}")
    compare_pictures(built, picture(ec2))
    step(f"present again: {ok} tasks, nothing changed")
    _, ok, _ = play("refused.yml")
    compare_pictures(built, picture(ec2))
    step(f"refused: {ok} tasks, nothing changed")
    _, ok, changed = play("absent.yml")
    step(f"absent: {ok} tasks, {changed} changed something")
    compare_pictures(before, picture(ec2))
    step("the account is as it was")


main()
