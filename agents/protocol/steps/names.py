"""Names and ids of what happens by steps: they follow from who and when, so that the same play has the same ones again."""

from __future__ import annotations

from hashlib import blake2b
from uuid import UUID

from agents.protocol.topics import HOST

_STEP_BITS, _NUMBER_BITS = 30, 32


def name_of(circle: str, member: int) -> str:
    """As a sender or a recipient: `buyer 17`."""
    return f"{circle} {member}"


def member_of(name: str) -> int | None:
    """The number in a name; None for the host, and for no name."""
    number = name.rpartition(" ")[2]
    return int(number) if name != HOST and number.isdecimal() else None


def mark_of(*parts: object) -> int:
    """60 bits that stand for a play."""
    return int.from_bytes(blake2b(repr(parts).encode(), digest_size=8).digest()) >> 4


def id_of(mark: int, step: int, number: int) -> UUID:
    """A version 8 UUID (RFC 9562, 5.8): the play, the step, and the message's number in it."""
    high = (mark >> 12) << 16 | 8 << 12 | mark & 0xFFF
    low = 0b10 << 62 | (step & (1 << _STEP_BITS) - 1) << _NUMBER_BITS | number
    return UUID(int=high << 64 | low)


def moment_of(ident: UUID) -> tuple[int, int]:
    """The step of a message and its number in it."""
    low = ident.int & (1 << 62) - 1
    return low >> _NUMBER_BITS, low & (1 << _NUMBER_BITS) - 1
