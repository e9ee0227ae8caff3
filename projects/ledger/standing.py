"""Whether the marketplace still lets a run go on, as flags in memory that its watcher keeps fresh."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from projects.ledger.marks import is_risky, marks_of
from projects.ledger.stops import RunStopped
from projects.models import Run
from tenants.provenance import revoked
from tenants.provenance.models import Revocation
from tenants.provenance.revoked import Known, Revoked

UNKNOWN = "For {seconds:.0f} s nobody could find out whether the marketplace has blocked it."


class Standing:
    """What is known of one run's marks. A run without any is never asked about."""

    def __init__(self, run: Run) -> None:
        self._marks = marks_of(run)
        self._came_from_market = bool(run.manifest_digests)
        self._is_risky = is_risky(run)
        self._blocked: Revoked | None = None
        self._warned: set[str] = set()

    @property
    def must_stop(self) -> bool:
        return self._blocked is not None or (self._is_risky and _in_doubt() > 0)

    def judge(self, known: Known) -> Iterator[str]:
        """Take over what is known now. Yields what the run's story has to say, each sentence once."""
        if not self._marks:
            return
        self._blocked = known.find(self._marks, Revocation.Kind.HARD)
        for told in self._told(known):
            if told not in self._warned:
                self._warned.add(told)
                yield told

    def check(self) -> None:
        """Raises RunStopped where it must not take another step."""
        if self._blocked is not None:
            raise RunStopped(Run.Status.CANCELLED, "revoked", self._blocked.sentence)
        if self._is_risky and (seconds := _in_doubt()):
            detail = UNKNOWN.format(seconds=seconds) + " It may do much, so it stops; go on with it later."
            raise RunStopped(Run.Status.CANCELLED, "revocations_unknown", detail)

    def _told(self, known: Known) -> Iterator[str]:
        if (warned := known.find(self._marks, Revocation.Kind.SOFT)) is not None:
            yield warned.sentence
        if self._came_from_market and not self._is_risky and _in_doubt():
            yield "For a while nobody could find out whether the marketplace has blocked it. It goes on."


def _in_doubt() -> float:
    """Seconds since this process could find out what is revoked; zero where that is not long ago."""
    age = revoked.memory.known.age
    return age if age > settings.REVOCATIONS_UNKNOWN_SECONDS else 0.0
