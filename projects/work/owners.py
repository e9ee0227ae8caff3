"""Who holds a lease: a process, by a name from which its neighbours can tell that it is dead.

A lease of a worker that died runs out by itself. Whoever shares its machine need not wait for that: the kernel knows at
once that a process has ended, and another one with its number has another time of birth.
"""

from __future__ import annotations

import os
import socket
from hashlib import blake2b
from pathlib import Path
from uuid import uuid4

from django.db import connection

_OWNERS = """
SELECT DISTINCT owner FROM work_workitem WHERE state = 'running' AND starts_with(owner, %s)"""
_BORN, _STATE = 19, 0  # fields of /proc/<pid>/stat after the name, which is in brackets
_ENDED = frozenset("ZX")


def own() -> str:
    """`<host>:<place>:<pid>:<birth>` of this process."""
    return _own


def dead() -> list[str]:
    """Those of the owners in the queue that ran in our place and have ended; none where the kernel does not say."""
    if not _birth():
        return []
    with connection.cursor() as cursor:
        cursor.execute(_OWNERS, [_PLACE])
        owners = [str(owner) for (owner,) in cursor.fetchall()]
    return [owner for owner in owners if not _lives(*owner.removeprefix(_PLACE).split(":"))]


def _lives(pid: str, born: str) -> bool:
    try:
        fields = _fields(pid)
    except (FileNotFoundError, ProcessLookupError):
        return False
    except OSError:  # we cannot look: nobody is dead because of that
        return True
    return fields[_STATE] not in _ENDED and fields[_BORN] == born


def _fields(pid: str) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _birth() -> str:
    """Ours, in ticks since the machine was started; empty where there is no /proc."""
    try:
        return _fields("self")[_BORN]
    except OSError:
        return ""


def _place() -> str:
    """Where process numbers mean the same processes: one boot of a machine, one namespace, one user who sees them all.

    Without a kernel that says so, a place of our own: there, leases have to run out.
    """
    try:
        known = (
            f"{Path('/proc/sys/kernel/random/boot_id').read_text()}{Path('/proc/self/ns/pid').readlink()}{os.getuid()}"
        )
    except OSError:
        known = uuid4().hex
    return f"{socket.gethostname()[:60]}:{blake2b(known.encode(), digest_size=6).hexdigest()}:"


def _name_ourselves() -> None:
    global _own  # noqa: PLW0603  (one name per process)
    _own = f"{_PLACE}{os.getpid()}:{_birth() or uuid4().hex[:6]}"


_PLACE = _place()
_own = ""
_name_ourselves()
os.register_at_fork(after_in_child=_name_ourselves)
