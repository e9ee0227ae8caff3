"""Why a file could not be read, in sentences for the person who uploaded it."""

from __future__ import annotations


class ParseError(Exception):
    """A file that cannot be read. `detail` says what is wrong and what to do."""

    code = "unreadable"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class UnsupportedType(ParseError):
    """The file name ends in something that we do not read."""

    code = "unsupported_type"


class NotWhatItSays(ParseError):
    """The content is not of the type that the file name claims."""

    code = "wrong_content"


class BadText(ParseError):
    """A text file with a byte that no UTF-8 text has."""

    code = "bad_text"


class Damaged(ParseError):
    """The right type, but broken."""

    code = "damaged"


class Encrypted(ParseError):
    """It opens with a password only."""

    code = "encrypted"


class NoText(ParseError):
    """Nothing to read: an empty file, or pictures of pages."""

    code = "no_text"


class TooLarge(ParseError):
    """More bytes, pages or entries than allowed, packed or unpacked."""

    code = "too_large"


class TooSlow(ParseError):
    """Reading it took more time or memory than one document may have."""

    code = "too_slow"


FAMILY: dict[str, type[ParseError]] = {
    error.code: error
    for error in (
        ParseError,
        UnsupportedType,
        NotWhatItSays,
        BadText,
        Damaged,
        Encrypted,
        NoText,
        TooLarge,
        TooSlow,
    )
}
