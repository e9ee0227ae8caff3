"""What was said since somebody last asked: a history in memory, and bounded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agents.protocol.history import Record

MOST_RECORDS = 200


@dataclass(frozen=True, slots=True)
class Said:
    """Records in their order, and how many messages there were, also those that are not among them."""

    records: tuple[Record, ...] = ()
    count: int = 0


class Recent:
    """Keeps the first `most` messages, and as many deaths of earlier ones; only of those a record is asked for."""

    def __init__(self, most: int = MOST_RECORDS) -> None:
        self._most = most
        self._records: list[Record] = []
        self._said = self._died = 0

    def said(self, record: Callable[[], Record]) -> None:
        """A message was sent."""
        self._said += 1
        if self._said <= self._most:
            self._records.append(record())

    def died(self, record: Callable[[], Record]) -> None:
        """One that was sent before does not arrive."""
        self._died += 1
        if self._died <= self._most:
            self._records.append(record())

    def take(self) -> Said:
        """All there is, which is then forgotten."""
        said = Said(tuple(self._records), self._said)
        self._records, self._said, self._died = [], 0, 0
        return said
