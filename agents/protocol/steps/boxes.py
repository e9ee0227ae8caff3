"""What waits for numbered members. Members for whom the same waits share one queue, so that a word to all is put down once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from agents.protocol.messages import Message, fields_of, message_of
from agents.protocol.terms import Terms
from agents.protocol.waiting import Waiting

Left = tuple[Message, list[int]]
"""A message that is in these members' inboxes no more, or never was."""


Group = tuple[Sequence[Message], list[int]]
"""What waits, in its order, and all for whom just that waits."""


class Box:
    """A queue, and how many members have it."""

    __slots__ = ("members", "waiting")

    def __init__(self, waiting: Waiting[Message], members: int) -> None:
        self.waiting, self.members = waiting, members


class Boxes:
    """Inboxes by member; who has none has nothing waiting."""

    def __init__(self) -> None:
        self._held: dict[int, Box] = {}
        self._ends: float | None = None
        self._grouped: list[Group] | None = None

    def __bool__(self) -> bool:
        return bool(self._held)

    def __iter__(self) -> Iterator[int]:
        """The members for whom something waits."""
        return iter(self._held)

    def waiting(self, member: int) -> Sequence[Message]:
        """In the order in which they are read."""
        box = self._held.get(member)
        return () if box is None else box.waiting.items()

    def put(self, message: Message, members: list[int], terms: Terms) -> list[Left]:
        """Into the inboxes of these members, who all have these terms; what found no place comes back."""
        self._grouped = None
        if message.expires_at is not None and (self._ends is None or message.expires_at < self._ends):
            self._ends = message.expires_at
        left = []
        for box, theirs in self._alike(members):
            out = self._own(box, theirs).waiting.admit(message, message.priority, terms)
            if out is not None:
                left.append((out, theirs))
        return left

    def take(self, members: Iterable[int]) -> list[Left]:
        """Empty the inboxes of these members: they have read what was there, or left."""
        return [(message, [member]) for member, box in self._emptied(members) for message in box.waiting]

    def forget(self, members: Iterable[int]) -> None:
        """The same where nobody asks what there was."""
        self._emptied(members)

    def expire(self, now: float) -> list[Left]:
        """Take out what was not read in time, each message with all who missed it."""
        if self._ends is None or now < self._ends:
            return []
        gone: list[Left] = []
        for _, members in self.groups():
            waiting = self._held[members[0]].waiting
            gone += [(message, members) for message in waiting.weed(lambda each: each.has_expired(now))]
            if not len(waiting):
                self.forget(members)
        self._grouped = None
        ends = (each.expires_at for messages, _ in self.groups() for each in messages if each.expires_at is not None)
        self._ends = min(ends, default=None)
        return joined(gone)

    def groups(self) -> list[Group]:
        """Each queue with its members, by the first of them; worked out once until something changes."""
        if self._grouped is None:
            found: dict[Box, list[int]] = {}
            for member in sorted(self._held):
                found.setdefault(self._held[member], []).append(member)
            self._grouped = [(box.waiting.items(), members) for box, members in found.items()]
        return self._grouped

    def snapshot(self) -> dict[str, Any]:
        """Each message once, as `orjson` writes it; each queue as its members and the places of its messages."""
        groups = self.groups()
        one = {id(message): message for messages, _ in groups for message in messages}
        places = dict(zip(one, range(len(one)), strict=True))
        queues = [[members, [places[id(message)] for message in messages]] for messages, members in groups]
        return {"messages": [fields_of(each) for each in one.values()], "queues": queues}

    def restore(self, content: Mapping[str, Any]) -> None:
        """Become what the snapshot was."""
        messages = [message_of(each) for each in content.get("messages", ())]
        self._held, self._grouped = {}, None
        for members, places in content.get("queues", ()):
            waiting: Waiting[Message] = Waiting()
            for place in places:
                waiting.put(messages[place], messages[place].priority)
            self._held |= dict.fromkeys(members, Box(waiting, len(members)))
        self._ends = min((each.expires_at for each in messages if each.expires_at is not None), default=None)

    def _emptied(self, members: Iterable[int]) -> list[tuple[int, Box]]:
        """The queues that these members had."""
        self._grouped, had = None, []
        for member in members:
            box = self._held.pop(member, None)
            if box is not None:
                box.members -= 1
                had.append((member, box))
        return had

    def _alike(self, members: list[int]) -> Iterable[tuple[Box | None, list[int]]]:
        """The members by the queue that they have now."""
        if len(members) == 1:
            return ((self._held.get(members[0]), members),)
        found: dict[Box | None, list[int]] = {}
        for member in members:
            box = self._held.get(member)
            if box in found:
                found[box].append(member)
            else:
                found[box] = [member]
        return found.items()

    def _own(self, box: Box | None, members: list[int]) -> Box:
        """A queue that these members have and nobody else."""
        if box is None:
            box = Box(Waiting(), len(members))
        elif box.members == len(members):
            return box
        else:
            box.members -= len(members)
            box = Box(box.waiting.copy(), len(members))
        if len(members) == 1:
            self._held[members[0]] = box
        else:
            self._held.update(dict.fromkeys(members, box))
        return box


def joined(left: Iterable[Left]) -> list[Left]:
    """Each message once, with all the members, in the order of the messages."""
    found: dict[UUID, Left] = {}
    for message, members in left:
        found.setdefault(message.id, (message, []))[1].extend(members)
    return sorted(found.values(), key=lambda each: each[0].id.int)
