"""Who is meant by a message: one by name, or everybody whose terms fit it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from agents.protocol.messages import Message
from agents.protocol.terms import Terms
from agents.protocol.topics import HOST, is_reserved

MOST_TOPICS = 2_000


class Addressee(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def terms(self) -> Terms: ...


A = TypeVar("A", bound=Addressee)


class Routes(Generic[A]):
    """Addressees by their names, in the order in which they came; who may want a topic is worked out once for each."""

    def __init__(self) -> None:
        self._known: dict[str, A] = {}
        self._listening: dict[str, tuple[A, ...]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[A]:
        return iter(tuple(self._known.values()))

    def add(self, addressee: A) -> None:
        self._known[addressee.name] = addressee
        self._listening.clear()

    def remove(self, addressee: A) -> None:
        if self._known.get(addressee.name) is addressee:
            del self._known[addressee.name]
            self._listening.clear()

    def targets(self, message: Message) -> list[A]:
        """Whom it goes to; the sender does not hear itself."""
        if message.recipient:
            found = self._known.get(message.recipient)
            return [found] if found is not None else []
        listening = self._interested(message.topic)
        return [each for each in listening if each.name != message.sender and each.terms.wants(message)]

    def _interested(self, topic: str) -> tuple[A, ...]:
        """Who may want a message of the topic; what depends on the single message is asked later."""
        known = self._listening.get(topic)
        if known is None:
            if len(self._listening) >= MOST_TOPICS:
                self._listening.clear()
            every = self._known.values()
            known = tuple(each for each in every if not topic or each.terms.wants_topic(topic))
            self._listening[topic] = known
        return known


def may_speak(sender: str, topic: str) -> bool:
    """Only the host speaks on topics of the system."""
    return sender == HOST or not is_reserved(topic)
