"""From the bytes of a file to sections of text with places that can be cited. Knows nothing of Django."""

from agents.knowledge.parsing.errors import (
    BadText,
    Damaged,
    Encrypted,
    NoText,
    NotWhatItSays,
    ParseError,
    TooLarge,
    TooSlow,
    UnsupportedType,
)
from agents.knowledge.parsing.kinds import KINDS, MAX_BYTES, Kind, kind_of
from agents.knowledge.parsing.sandbox import parse_safely
from agents.knowledge.parsing.sections import Parsed, Section

__all__ = [
    "KINDS",
    "MAX_BYTES",
    "BadText",
    "Damaged",
    "Encrypted",
    "Kind",
    "NoText",
    "NotWhatItSays",
    "ParseError",
    "Parsed",
    "Section",
    "TooLarge",
    "TooSlow",
    "UnsupportedType",
    "kind_of",
    "parse_safely",
]
