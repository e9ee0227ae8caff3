"""What is revoked, as this process knows it: read again when the epoch has changed, never older than a second where it matters.

A *mark* is what a block can name in a run: the digest of a manifest, or `tool:<name>`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import redis
from django.conf import settings
from redis.exceptions import RedisError

from tenants.errors import WrongState
from tenants.provenance.models import Revocation, RevocationEpoch

log = logging.getLogger("guildhall.revocations")
FRESH_SECONDS = 1.0
CHANNEL = "guildhall.revocations"
Kind = Revocation.Kind


@dataclass(frozen=True, slots=True)
class Revoked:
    """Why one mark is revoked, in words for whoever holds it. `url` is a path of this site, or empty."""

    mark: str
    kind: str
    block_id: UUID
    reason_code: str
    reason: str
    url: str
    effective_at: datetime

    @property
    def sentence(self) -> str:
        more = f" More: {self.url}" if self.url else ""
        return f"The marketplace has blocked it: {self.reason.rstrip('.')}.{more}"


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that was revoked at epoch `seq`, looked at last at `looked` on the monotonic clock."""

    seq: int = -1
    looked: float = float("-inf")
    by_mark: Mapping[str, tuple[Revoked, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def age(self) -> float:
        """Seconds since the epoch could be read."""
        return time.monotonic() - self.looked

    def find(self, marks: Collection[str], kind: str) -> Revoked | None:
        """The oldest revocation of this kind among `marks`."""
        if self.by_mark.keys().isdisjoint(marks):
            return None
        found = (each for mark in marks for each in self.by_mark.get(mark, ()) if each.kind == kind)
        return min(found, key=lambda each: each.effective_at, default=None)


class Memory:
    """One per process. `look` is what the watcher of runs calls; everybody else asks `hard` and `soft`."""

    def __init__(self) -> None:
        self._known = Known()
        self._guard = threading.Lock()

    @property
    def known(self) -> Known:
        """What was known at the last look; asks nobody."""
        return self._known

    def look(self) -> Known:
        """Read the epoch, and all that is revoked if it is another one. Raises DatabaseError."""
        with self._guard:
            seq = RevocationEpoch.objects.values_list("seq", flat=True).first() or 0
            by_mark = self._known.by_mark if seq == self._known.seq else _read()
            self._known = Known(seq, time.monotonic(), by_mark)
            return self._known

    def fresh(self) -> Known:
        """At most a second old."""
        known = self._known
        return known if known.seq >= 0 and known.age < FRESH_SECONDS else self.look()

    def forget(self) -> None:
        """Read everything anew at the next look; how long ago the last one was is not forgotten."""
        self._known = replace(self._known, seq=-1)


memory = Memory()


def hard(marks: Collection[str]) -> Revoked | None:
    """What stops a run with these marks; None where nothing does."""
    return memory.fresh().find(marks, Kind.HARD) if marks else None


def soft(marks: Collection[str]) -> Revoked | None:
    """What a run with these marks is warned of, and what keeps it from being installed anew."""
    return memory.fresh().find(marks, Kind.SOFT) if marks else None


def refuse_hard(marks: Collection[str]) -> None:
    """Raise WrongState where something among `marks` may not be begun."""
    if found := hard(marks):
        raise WrongState(found.sentence, code="revoked")


def announce() -> None:
    """Have every worker look now, after the commit. A lost message costs the half second until it looks by itself."""
    try:
        with redis.Redis.from_url(settings.LIVE_REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
            client.publish(CHANNEL, "look")
    except RedisError:
        log.warning("Redis is away; workers will look for revocations by themselves")


def _read() -> Mapping[str, tuple[Revoked, ...]]:
    rows = Revocation.objects.filter(lifted_at__isnull=True)
    return MappingProxyType(_by_mark(_as_revoked(row) for row in rows))


def _as_revoked(row: Revocation) -> Revoked:
    return Revoked(row.digest, row.kind, row.block_id, row.reason_code, row.reason, row.url, row.effective_at)


def _by_mark(found: Iterable[Revoked]) -> dict[str, tuple[Revoked, ...]]:
    groups: dict[str, list[Revoked]] = defaultdict(list)
    for each in found:
        groups[each.mark].append(each)
    return {mark: tuple(group) for mark, group in groups.items()}
