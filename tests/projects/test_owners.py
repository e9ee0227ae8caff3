"""A worker that died is known at once to its neighbours on the machine; whoever is frozen, or lives elsewhere, has until its lease runs out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from signal import SIGCONT, SIGSTOP

import pytest
from django.utils import timezone

from projects.work import owners, queue
from projects.work.models import WorkItem
from projects.work.sweeping import sweep
from tenants.context import enter
from tenants.ids import uuid7
from tests.servers.waiting import wait_for

NAMES = """
import os
from projects.work import owners
print(owners.own(), flush=True)
if os.fork() == 0:
    print(owners.own(), flush=True)
    os._exit(0)
os.wait()
"""


@pytest.fixture
def neighbour() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def name_of(pid: int) -> str:
    """As the process would call itself: ours, with its number and its birth."""
    place = owners.own().rsplit(":", 2)[0]
    return f"{place}:{pid}:{stat(pid)[19]}"


def stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def held_by(owner: str) -> WorkItem:
    made = uuid7()
    with enter("t_acme"):
        queue.enqueue(kind="test", object_id=made, queue="crews")
    found = WorkItem.objects.filter(object_id=made)
    found.update(state="running", owner=owner, lease_until=timezone.now() + timedelta(hours=1))
    return found.get()


def swept(item: WorkItem) -> tuple[str, int]:
    sweep()
    item.refresh_from_db()
    return item.state, item.crashes


def test_our_own_name_is_what_the_kernel_knows_of_us(db: None) -> None:
    item = held_by(owners.own())
    assert owners.dead() == []
    assert swept(item) == ("running", 0)


def test_what_a_killed_neighbour_held_is_taken_back_before_its_lease_ends(
    db: None, neighbour: subprocess.Popen[bytes]
) -> None:
    item = held_by(name_of(neighbour.pid))
    assert swept(item) == ("running", 0)
    neighbour.kill()
    wait_for(lambda: stat(neighbour.pid)[0] == "Z")
    assert swept(item) == ("queued", 1), "a zombie is dead, whoever has not noticed yet"
    assert neighbour.wait() == -9


def test_the_frozen_keep_what_they_hold(db: None, neighbour: subprocess.Popen[bytes]) -> None:
    item = held_by(name_of(neighbour.pid))
    neighbour.send_signal(SIGSTOP)
    wait_for(lambda: stat(neighbour.pid)[0] == "T")
    assert swept(item) == ("running", 0)
    neighbour.send_signal(SIGCONT)


def test_another_process_with_the_same_number_is_not_it(db: None, neighbour: subprocess.Popen[bytes]) -> None:
    living = name_of(neighbour.pid)
    earlier = held_by(f"{living}1")
    later = held_by(living)
    assert (swept(earlier), swept(later)) == (("queued", 1), ("running", 0))


@pytest.mark.parametrize("owner", ["elsewhere:0123456789ab:1:2", "elsewhere:77:abcdef", "sweeper"])
def test_of_others_nothing_is_known(db: None, owner: str) -> None:
    assert swept(held_by(owner)) == ("running", 0)


def test_a_forked_process_has_a_name_of_its_own() -> None:
    said = subprocess.run([sys.executable, "-c", NAMES], capture_output=True, text=True, check=True).stdout.split()
    parent, child = (name.rsplit(":", 2) for name in said)
    assert parent[0] == child[0] == owners.own().rsplit(":", 2)[0]
    assert parent[1] != child[1]
