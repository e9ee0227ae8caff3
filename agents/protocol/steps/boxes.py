"""What waits for numbered members. Members for whom the same waits share one queue, so that a word to all is put down once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from agents.protocol.messages import Message, packed, unpacked
from agents.protocol.terms import Terms
from agents.protocol.waiting import Waiting

Left = tuple[Message, list[int]]
"""A message that is in these members' inboxes no more, or never was."""


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

    def __bool__(self) -> bool:
        return bool(self._held)

    def __iter__(self) -> Iterator[int]:
        """The members for whom something waits."""
        return iter(self._held)

    def waiting(self, member: int) -> Sequence[Message]:
        """In the order in which they are read."""
        box = self._held.get(member)
        return () if box is None else tuple(box.waiting)

    def put(self, message: Message, members: Iterable[int], terms: Terms) -> list[Left]:
        """Into the inboxes of these members, who all have these terms; what found no place comes back."""
        if message.expires_at is not None and (self._ends is None or message.expires_at < self._ends):
            self._ends = message.expires_at
        alike: dict[Box | None, list[int]] = {}
        for member in members:
            alike.setdefault(self._held.get(member), []).append(member)
        left = []
        for box, theirs in alike.items():
            out = self._own(box, theirs).waiting.admit(message, message.priority, terms)
            if out is not None:
                left.append((out, theirs))
        return left

    def take(self, members: Iterable[int]) -> list[Left]:
        """Empty the inboxes of these members: they have read what was there, or left."""
        taken = []
        for member in members:
            box = self._held.pop(member, None)
            if box is not None:
                box.members -= 1
                taken += [(message, [member]) for message in box.waiting]
        return taken

    def forget(self, members: Iterable[int]) -> None:
        """The same where nobody asks what there was."""
        for member in members:
            box = self._held.pop(member, None)
            if box is not None:
                box.members -= 1

    def expire(self, now: float) -> list[Left]:
        """Take out what was not read in time, each message with all who missed it."""
        if self._ends is None or now < self._ends:
            return []
        gone: list[Left] = []
        for box, members in self.groups():
            gone += [(message, members) for message in box.waiting.weed(lambda each: each.has_expired(now))]
            if not len(box.waiting):
                self.forget(members)
        ends = [each.expires_at for box, _ in self.groups() for each in box.waiting if each.expires_at is not None]
        self._ends = min(ends, default=None)
        return joined(gone)

    def groups(self) -> list[tuple[Box, list[int]]]:
        """Each queue with its members, by the first of them."""
        found: dict[Box, list[int]] = {}
        for member, box in sorted(self._held.items()):
            found.setdefault(box, []).append(member)
        return list(found.items())

    def snapshot(self) -> dict[str, Any]:
        """Each message once; each queue as its members and the places of its messages."""
        messages: dict[UUID, Message] = {}
        groups = self.groups()
        for box, _ in groups:
            messages |= {message.id: message for message in box.waiting}
        places = {ident: place for place, ident in enumerate(messages)}
        queues = [[members, [places[message.id] for message in box.waiting]] for box, members in groups]
        return {"messages": [orjson.Fragment(packed(each)) for each in messages.values()], "queues": queues}

    def restore(self, content: Mapping[str, Any]) -> None:
        """Become what the snapshot was."""
        messages = [unpacked(orjson.dumps(each)) for each in content.get("messages", ())]
        self._held = {}
        for members, places in content.get("queues", ()):
            waiting: Waiting[Message] = Waiting()
            for place in places:
                waiting.put(messages[place], messages[place].priority)
            self._held |= dict.fromkeys(members, Box(waiting, len(members)))
        self._ends = min((each.expires_at for each in messages if each.expires_at is not None), default=None)

    def _own(self, box: Box | None, members: list[int]) -> Box:
        """A queue that these members have and nobody else."""
        if box is None:
            box = Box(Waiting(), len(members))
        elif box.members == len(members):
            return box
        else:
            box.members -= len(members)
            box = Box(box.waiting.copy(), len(members))
        self._held.update(dict.fromkeys(members, box))
        return box


def joined(left: Iterable[Left]) -> list[Left]:
    """Each message once, with all the members, in the order of the messages."""
    found: dict[UUID, Left] = {}
    for message, members in left:
        found.setdefault(message.id, (message, []))[1].extend(members)
    return sorted(found.values(), key=lambda each: each[0].id.int)
