"""What waits for numbered members. Members for whom the same waits share one queue, so that a word to all is put down once."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence

from agents.protocol.steps.notes import Note
from agents.protocol.terms import Terms

MOST_BYTES = 64 << 20
"""Of all queues together, 500,000 short messages; a queue that several members have counts once."""

Left = tuple[Note, list[int]]
"""What is in these members' inboxes no more, or never was."""


Group = tuple[Sequence[Note], list[int]]
"""What waits, in its order, and all for whom just that waits; it stays as it is when more comes."""


class Box:
    """A queue, the most urgent first and the oldest first among those, and how many members have it."""

    __slots__ = ("members", "notes")

    def __init__(self, notes: list[Note], members: int) -> None:
        self.notes, self.members = notes, members

    def admit(self, note: Note, terms: Terms) -> Note | None:
        """Take it in, and return what finds no place: itself where a full inbox refuses, else the oldest of the least urgent."""
        notes = self.notes
        if len(notes) < terms.capacity:
            self._put(note)
            return None
        if terms.overflow == "refuse":
            return note
        self._put(note)
        return notes.pop(bisect_left(notes, _place(notes[-1]), key=_place))

    def _put(self, note: Note) -> None:
        if not self.notes or self.notes[-1].priority >= note.priority:
            self.notes.append(note)
        else:
            insort(self.notes, note, key=_place)


class Boxes:
    """Inboxes by member; who has none has nothing waiting. `size` in bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.size, self.most_bytes = 0, most_bytes
        self._held: dict[int, Box] = {}
        self._ends: float | None = None
        self._grouped: list[Group] | None = None

    def __bool__(self) -> bool:
        return bool(self._held)

    @property
    def are_full(self) -> bool:
        """Whether nothing more may be put into any."""
        return self.size >= self.most_bytes

    def __iter__(self) -> Iterator[int]:
        """The members for whom something waits."""
        return iter(self._held)

    def waiting(self, member: int) -> Sequence[Note]:
        """In the order in which they are read."""
        box = self._held.get(member)
        return () if box is None else box.notes

    def put(self, note: Note, members: list[int], terms: Terms) -> list[Left]:
        """Into the inboxes of these members, who all have these terms; what found no place comes back."""
        self._grouped = None
        if note.expires_at is not None and (self._ends is None or note.expires_at < self._ends):
            self._ends = note.expires_at
        left = []
        for box, theirs in self._alike(members):
            self.size += note.size
            if box is None:
                self._hold(theirs, [note])
            elif (out := self._own(box, theirs).admit(note, terms)) is not None:
                self.size -= out.size
                left.append((out, theirs))
        return left

    def take(self, members: Iterable[int]) -> list[Left]:
        """Empty the inboxes of these members: they have read what was there, or left."""
        return [(note, [member]) for member, box in self._emptied(members) for note in box.notes]

    def forget(self, members: Iterable[int]) -> None:
        """The same where nobody asks what there was."""
        self._emptied(members)

    def expire(self, now: float) -> list[Left]:
        """Take out what was not read in time, each with all who missed it."""
        if self._ends is None or now < self._ends:
            return []
        gone: list[Left] = []
        for notes, members in self.groups():
            late = [note for note in notes if note.has_expired(now)]
            gone += [(note, members) for note in late]
            self.size -= _bytes(late)
            left = [note for note in notes if not note.has_expired(now)]
            self._held[members[0]].notes = left
            if not left:
                self.forget(members)
        self._grouped = None
        self._ends = self._first_end()
        return joined(gone)

    def groups(self) -> list[Group]:
        """Each queue with its members, by the first of them; worked out once until something changes."""
        if self._grouped is None:
            found: dict[Box, list[int]] = {}
            for member in sorted(self._held):
                found.setdefault(self._held[member], []).append(member)
            self._grouped = [(box.notes.copy(), members) for box, members in found.items()]
        return self._grouped

    def become(self, groups: Iterable[Group]) -> None:
        """Hold just this."""
        self._held, self._grouped, self.size = {}, None, 0
        for notes, members in groups:
            self._hold(members, list(notes))
            self.size += _bytes(notes)
        self._ends = self._first_end()

    def _first_end(self) -> float | None:
        ends = (note.expires_at for notes, _ in self.groups() for note in notes if note.expires_at is not None)
        return min(ends, default=None)

    def _emptied(self, members: Iterable[int]) -> list[tuple[int, Box]]:
        """The queues that these members had."""
        self._grouped, had = None, []
        for member in members:
            box = self._held.pop(member, None)
            if box is not None:
                box.members -= 1
                had.append((member, box))
                if not box.members:
                    self.size -= _bytes(box.notes)
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

    def _own(self, box: Box, members: list[int]) -> Box:
        """A queue that these members have and nobody else."""
        if box.members == len(members):
            return box
        box.members -= len(members)
        self.size += _bytes(box.notes)
        return self._hold(members, box.notes.copy())

    def _hold(self, members: list[int], notes: list[Note]) -> Box:
        box = Box(notes, len(members))
        for member in members:
            self._held[member] = box
        return box


def joined(left: Iterable[Left]) -> list[Left]:
    """Each note once, with all the members, in the order in which they were said."""
    found: dict[Note, list[int]] = {}
    for note, members in left:
        found.setdefault(note, []).extend(members)
    return sorted(found.items(), key=lambda each: (each[0].step, each[0].number))


def _bytes(notes: Iterable[Note]) -> int:
    return sum(note.size for note in notes)


def _place(note: Note) -> int:
    return -note.priority
