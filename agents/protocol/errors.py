"""What the protocol refuses, with a sentence that a person or a model can act on."""

from __future__ import annotations


class ProtocolError(Exception):
    """A message, a subscription or a write that is refused. `code` is stable, `detail` is for the reader."""

    code = "protocol"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class BadMessage(ProtocolError):
    """Not JSON, too large, a name or a priority that cannot be."""

    code = "bad_message"


class BadFilter(ProtocolError):
    """A content filter outside the small language that is allowed."""

    code = "bad_filter"


class NotAllowed(ProtocolError):
    """Reserved for the host: system topics, and names and namespaces of others."""

    code = "not_allowed"


class NameTaken(ProtocolError):
    """There is an inbox of this name on this bus already."""

    code = "name_taken"


class Undeliverable(ProtocolError):
    """Nobody has an inbox of that name."""

    code = "undeliverable"


class InboxFull(ProtocolError):
    """The recipient's queue is full, and it refuses rather than forgets."""

    code = "full"


class NoReply(ProtocolError):
    """A request was not answered in time."""

    code = "no_reply"


class BusClosed(ProtocolError):
    """The bus or the inbox has been closed."""

    code = "closed"


class BusUnavailable(ProtocolError):
    """Redis does not answer; whether the message went out is not known."""

    code = "unavailable"


class VersionConflict(ProtocolError):
    """Somebody else changed the value first; `current` is the version that it has now, 0 when it does not exist."""

    code = "version_conflict"

    def __init__(self, key: str, current: int) -> None:
        super().__init__(f"“{key}” has version {current} now; read it again before writing.")
        self.current = current


class TooMuch(ProtocolError):
    """A value, a key or a namespace beyond its bounds."""

    code = "too_much"
