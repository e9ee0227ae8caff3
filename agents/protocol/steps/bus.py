"""The bus of a play: driven by steps, without a clock and without waiting, the same every time, and part of a state that is kept.

Members are numbered and stand in circles of those who listen alike. Messages lie in inboxes until their members have read, in the order of
priority, then of sending; a message lives for `ttl` steps after the one in which it was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Unpack

from agents.protocol.errors import NotAllowed
from agents.protocol.messages import Draft, How, Message, seal_as
from agents.protocol.receipts import DeadLetter, Reason, Receipt, letter
from agents.protocol.routes import Routes, may_speak
from agents.protocol.steps.boxes import Boxes, Group, Left, joined
from agents.protocol.steps.names import id_of, name_of
from agents.protocol.steps.recent import Recent
from agents.protocol.terms import Terms
from agents.protocol.topics import HOST

AMONG = "among"
"""The header that says of which members a broadcast was for some only."""


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
    """`mark` stands for the play; with the step and a number it names a message. `history` is told everything that is said, and every death."""

    def __init__(self, mark: int, circles: Sequence[Circle], members: Members, history: Recent) -> None:
        self.step = 0
        self.dead: Counter[str] = Counter()
        self._mark, self._circles, self._members = mark, tuple(circles), members
        self._routes: Routes[Circle] = Routes()
        for circle in circles:
            self._routes.add(circle)
        self._history = history
        self._boxes = Boxes()
        self._number = 0

    def begin(self, step: int) -> None:
        """A step begins: what nobody has read in time is dead."""
        if step == self.step:
            return
        self.step, self._number = step, 0
        self._bury("expired", self._boxes.expire(step - 1))

    # Speaking; `sender` is a member, or None for the host

    def send(self, content: Any, *, sender: int | None, to: int, **how: Unpack[How]) -> Receipt:
        """To one member. Raises BadMessage; that it could not be delivered is in the receipt."""
        message = self._sealed(Draft(self._name(sender), content, recipient=self._name(to), **how))
        if not self._members.is_there(to):
            dead = letter(message, message.recipient, "undeliverable", at=self.step)
            return self._told(Receipt(message, 0, (dead,)))
        return self._told(self._put(message, ((self._circles[self._members.circle_of(to)], [to]),)))

    def broadcast(
        self, content: Any, *, sender: int | None, among: tuple[str, Iterable[int]] | None = None, **how: Unpack[How]
    ) -> Receipt:
        """To all who want it but the sender; `among`: a word for some members, and those. Raises BadMessage."""
        members = None
        if among is not None:
            word, members = among
            how["headers"] = {**how.get("headers", {}), AMONG: word}
        return self._tell(Draft(self._name(sender), content, **how), sender, members)

    def publish(self, topic: str, content: Any, *, sender: int | None, **how: Unpack[How]) -> Receipt:
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
        return self._boxes.waiting(member)

    def queues(self) -> Iterator[Group]:
        """What waits, with all for whom just that waits; by the first of them."""
        return iter(self._boxes.groups())

    def read(self, members: Iterable[int]) -> None:
        """These members have read all that they had."""
        self._boxes.forget(members)

    def leave(self, member: int) -> None:
        """The member is gone: what still waits for it is dead."""
        self._bury("closed", self._boxes.take([member]))

    # Keeping

    def snapshot(self) -> dict[str, Any]:
        """Everything, as JSON can say it; nothing while nothing waits."""
        if not self._boxes:
            return {}
        return {"step": self.step, "number": self._number, **self._boxes.snapshot()}

    def restore(self, content: Mapping[str, Any]) -> None:
        """Become what the snapshot was; what was told since is forgotten."""
        self.step, self._number = content.get("step", 0), content.get("number", 0)
        self._boxes.restore(content)
        self._history.take()

    def _name(self, member: int | None) -> str:
        return HOST if member is None else name_of(self._circles[self._members.circle_of(member)].name, member)

    def _sealed(self, draft: Draft) -> Message:
        message = seal_as(draft, ident=id_of(self._mark, self.step, self._number), at=self.step)
        self._number += 1
        return message

    def _tell(self, draft: Draft, sender: int | None, among: Iterable[int] | None) -> Receipt:
        message = self._sealed(draft)
        wanted: dict[int, list[int]] = {circle.place: [] for circle in self._routes.targets(message)}
        if among is None:
            wanted = {place: list(self._members.of(place)) for place in wanted}
        for member in among or ():
            if (place := self._members.circle_of(member)) in wanted:
                wanted[place].append(member)
        told = [(self._circles[place], _others(members, sender)) for place, members in wanted.items()]
        return self._told(self._put(message, told))

    def _put(self, message: Message, told: Iterable[tuple[Circle, list[int]]]) -> Receipt:
        dead, dropped, reached = list[DeadLetter](), list[Left](), 0
        for circle, members in told:
            left = self._boxes.put(message, members, circle.terms)
            if not left:
                reached += len(members)
                continue
            missed = [member for out, theirs in left if out is message for member in theirs]
            dropped += [each for each in left if each[0] is not message]
            reached += len(members) - len(missed)
            if missed:
                dead.append(self._letter(message, "full" if circle.terms.overflow == "refuse" else "dropped", missed))
        if dropped:
            self._bury("dropped", joined(dropped))
        return Receipt(message, reached, tuple(dead))

    def _told(self, receipt: Receipt) -> Receipt:
        self._history.said(receipt)
        for dead in receipt.dead:
            self.dead[dead.reason] += dead.count
        return receipt

    def _bury(self, reason: Reason, left: Iterable[Left]) -> None:
        for message, members in left:
            self.dead[reason] += len(members)
            self._history.died(self._letter(message, reason, members))

    def _letter(self, message: Message, reason: Reason, members: list[int]) -> DeadLetter:
        first, others = self._name(min(members)), len(members) - 1
        who = f"{first} and {others:,} others" if others > 1 else f"{first} and another one" if others else first
        return letter(message, who, reason, at=self.step, count=len(members))


def _others(members: list[int], sender: int | None) -> list[int]:
    """All but the sender; `members` may be changed for it."""
    if sender in members:
        members.remove(sender)
    return members
