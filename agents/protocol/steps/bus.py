"""The bus of a play: driven by steps, without a clock and without waiting, the same every time, and part of a state that is kept.

Members are numbered and stand in circles of those who listen alike. Messages lie in inboxes until their members have read, in the order of
priority, then of sending; a message lives for `ttl` steps after the one in which it was sent. What waits is bounded: in each inbox by the
terms of its circle, and in all together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, Unpack

import orjson

from agents.protocol.errors import NotAllowed
from agents.protocol.history import Record
from agents.protocol.messages import (
    NORMAL,
    Draft,
    How,
    Message,
    as_read,
    check_how,
    check_name,
    encoded,
    message_of,
    packed,
    seal_as,
)
from agents.protocol.receipts import DeadLetter, Reason, Receipt, death, letter
from agents.protocol.routes import Routes, may_speak
from agents.protocol.steps.boxes import MOST_BYTES, Boxes, Group, Left, joined
from agents.protocol.steps.names import id_of, name_of
from agents.protocol.steps.notes import AROUND, Note, note_of
from agents.protocol.steps.recent import Recent
from agents.protocol.terms import Terms
from agents.protocol.topics import HOST

AMONG = "among"
"""The header that says of which members a broadcast was for some only."""
_HIGHEST_NUMBER = 10**12
"""A circle's name must leave room for it, so that the names of members need no look each time."""
_NO_HEADERS: Mapping[str, str] = {}

Missed = tuple[Reason, list[int]]
"""Why a message is not in these members' inboxes."""


class Members(Protocol):
    """Who is there."""

    def circle_of(self, member: int) -> int:
        """The place of its circle, also of one that has left."""
        ...

    def is_there(self, member: int) -> bool: ...

    def of(self, circle: int) -> Sequence[int]:
        """Everybody of a circle who is there, by number."""
        ...


@dataclass(frozen=True, slots=True)
class Circle:
    """Members who have the same terms, each with an inbox of its own."""

    name: str
    terms: Terms
    place: int = 0


class StepBus:
    """`mark` stands for the play; with the step and a number it names a message. `history` is told everything that is said, and every death.

    Once `most_bytes` wait, no inbox takes more until somebody has read.
    """

    def __init__(
        self, mark: int, circles: Sequence[Circle], members: Members, history: Recent, *, most_bytes: int = MOST_BYTES
    ) -> None:
        self.step = 0
        self.dead: Counter[str] = Counter()
        self._mark, self._circles, self._members = mark, tuple(circles), members
        self._routes: Routes[Circle] = Routes()
        for circle in circles:
            check_name(name_of(circle.name, _HIGHEST_NUMBER))
            self._routes.add(circle)
        self._history = history
        self._boxes = Boxes(most_bytes)
        self._number = 0

    def begin(self, step: int) -> None:
        """A step begins: what nobody has read in time is dead."""
        if step == self.step:
            return
        self.step, self._number = step, 0
        self._bury("expired", self._boxes.expire(step - 1))

    # Speaking; `sender` is a member, or None for the host

    def send(
        self, content: Any, *, sender: int | None, to: int,
        headers: Mapping[str, str] = _NO_HEADERS, priority: int = NORMAL, ttl: float | None = None,
    ) -> Outcome:  # fmt: skip
        """To one member. Raises BadMessage; that it could not be delivered is in the outcome."""
        check_how(headers, priority, ttl)
        body = encoded(content)
        ends = None if ttl is None else self.step + ttl
        note = Note(
            self.step, self._number, sender, to, as_read(content, body), AROUND + len(body), "", headers, priority, ends
        )
        self._number += 1
        if not self._members.is_there(to):
            return self._told(Outcome(self, note, 0, [("undeliverable", [to])]))
        return self._put(note, ((self._circles[self._members.circle_of(to)], [to]),))

    def broadcast(
        self, content: Any, *, sender: int | None, among: tuple[str, Iterable[int]] | None = None, **how: Unpack[How]
    ) -> Outcome:
        """To all who want it but the sender; `among`: a word for some members, and those. Raises BadMessage."""
        members = None
        if among is not None:
            word, members = among
            how["headers"] = {**how.get("headers", {}), AMONG: word}
        return self._tell(Draft(self._name(sender), content, **how), sender, members)

    def publish(self, topic: str, content: Any, *, sender: int | None, **how: Unpack[How]) -> Outcome:
        """To whoever listens to the topic or to such content, but not back to the sender. Raises BadMessage, NotAllowed."""
        name = self._name(sender)
        if not may_speak(name, topic):
            raise NotAllowed(f"Only the host speaks on {topic}.")
        return self._tell(Draft(name, content, topic=topic, **how), sender, None)

    # Reading

    def __iter__(self) -> Iterator[int]:
        """The members for whom something waits."""
        return iter(self._boxes)

    def __bool__(self) -> bool:
        return bool(self._boxes)

    def waiting(self, member: int) -> Sequence[Message]:
        """What an inbox holds, in the order in which it is read."""
        return [self.message(note) for note in self._boxes.waiting(member)]

    def contents(self, member: int) -> Sequence[Any]:
        """The same without what is around it."""
        return [note.content for note in self._boxes.waiting(member)]

    def queues(self) -> Iterator[Group]:
        """What waits, with all for whom just that waits; by the first of them."""
        return iter(self._boxes.groups())

    def read(self, members: Iterable[int]) -> None:
        """These members have read all that they had."""
        self._boxes.forget(members)

    def leave(self, member: int) -> None:
        """The member is gone: what still waits for it is dead."""
        self._bury("closed", self._boxes.take([member]))

    @property
    def size(self) -> int:
        """Bytes that wait."""
        return self._boxes.size

    # Keeping

    def snapshot(self) -> dict[str, Any]:
        """Everything, as `orjson` writes it; nothing while nothing waits."""
        return self.kept()()

    def kept(self) -> Callable[[], dict[str, Any]]:
        """The snapshot of now, which is worked out when it is asked for."""
        return partial(self._written, self.step, self._number, self._boxes.groups())

    def restore(self, content: Mapping[str, Any]) -> None:
        """Become what the snapshot was; what was told since is forgotten."""
        self.step, self._number = content.get("step", 0), content.get("number", 0)
        notes = [note_of(message_of(each)) for each in content.get("messages", ())]
        queues = content.get("queues", ())
        self._boxes.become(([notes[place] for place in places], members) for members, places in queues)
        self._history.take()

    def _written(self, step: int, number: int, groups: Sequence[Group]) -> dict[str, Any]:
        """Each message once; each queue as its members and the places of its messages."""
        if not groups:
            return {}
        one = dict.fromkeys(note for notes, _ in groups for note in notes)
        places = dict(zip(one, range(len(one)), strict=True))
        queues = [[members, [places[note] for note in notes]] for notes, members in groups]
        return {
            "step": step,
            "number": number,
            "messages": [orjson.Fragment(self._packed(note)) for note in one],
            "queues": queues,
        }

    # Writing down

    def message(self, note: Note) -> Message:
        """With its id and its names: they are what they were when it was sent, since members keep their circles."""
        return note.message or Message(
            id=id_of(self._mark, note.step, note.number),
            kind="direct",
            sender=self._name(note.sender),
            recipient=self._name(note.to),
            topic=note.topic,
            content=note.content,
            body=encoded(note.content),
            headers=note.headers,
            priority=note.priority,
            sent_at=note.step,
            expires_at=note.expires_at,
        )

    def _packed(self, note: Note) -> bytes:
        """Worked out once, however often it is kept: thousands may wait for many steps."""
        if note.packed is None:
            note.packed = packed(self.message(note))
        return note.packed

    def letter(self, note: Note, reason: Reason, members: list[int]) -> DeadLetter:
        """For all members who miss it for that reason."""
        first, others = self._name(min(members)), len(members) - 1
        who = f"{first} and {others:,} others" if others > 1 else f"{first} and another one" if others else first
        return letter(self.message(note), who, reason, at=self.step, count=len(members))

    def _death(self, note: Note, reason: Reason, members: list[int]) -> Record:
        return death(self.letter(note, reason, members))

    def _name(self, member: int | None) -> str:
        return HOST if member is None else name_of(self._circles[self._members.circle_of(member)].name, member)

    def _tell(self, draft: Draft, sender: int | None, among: Iterable[int] | None) -> Outcome:
        message = seal_as(draft, ident=id_of(self._mark, self.step, self._number), at=self.step)
        self._number += 1
        wanted: dict[int, list[int]] = {circle.place: [] for circle in self._routes.targets(message)}
        if among is None:
            wanted = {place: list(self._members.of(place)) for place in wanted}
        for member in among or ():
            if (place := self._members.circle_of(member)) in wanted:
                wanted[place].append(member)
        told = [(self._circles[place], _others(members, sender)) for place, members in wanted.items()]
        return self._put(note_of(message), told)

    def _put(self, note: Note, told: Iterable[tuple[Circle, list[int]]]) -> Outcome:
        if self._boxes.are_full:
            return self._told(Outcome(self, note, 0, [("full", members) for _, members in told if members]))
        missed: list[Missed] = []
        dropped: list[Left] = []
        reached = 0
        for circle, members in told:
            left = self._boxes.put(note, members, circle.terms)
            reached += len(members)
            if not left:
                continue
            without = [member for out, theirs in left if out is note for member in theirs]
            dropped += [each for each in left if each[0] is not note]
            reached -= len(without)
            if without:
                missed.append(("full" if circle.terms.overflow == "refuse" else "dropped", without))
        if dropped:
            self._bury("dropped", joined(dropped))
        return self._told(Outcome(self, note, reached, missed))

    def _told(self, outcome: Outcome) -> Outcome:
        self._history.said(outcome.record)
        for reason, members in outcome.missed:
            self.dead[reason] += len(members)
        return outcome

    def _bury(self, reason: Reason, left: Iterable[Left]) -> None:
        for note, members in left:
            self.dead[reason] += len(members)
            self._history.died(partial(self._death, note, reason, members))


@dataclass(slots=True)
class Outcome:
    """What became of a message that was sent: in how many inboxes it is; what else a receipt says, where somebody asks."""

    bus: StepBus
    note: Note
    delivered: int
    missed: Sequence[Missed]

    @property
    def dead(self) -> tuple[DeadLetter, ...]:
        return tuple(self.bus.letter(self.note, reason, members) for reason, members in self.missed)

    def record(self) -> Record:
        return Receipt(self.bus.message(self.note), self.delivered, self.dead).record()


def _others(members: list[int], sender: int | None) -> list[int]:
    """All but the sender; `members` may be changed for it."""
    if sender in members:
        members.remove(sender)
    return members
