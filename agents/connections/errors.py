"""What can be wrong with a connection."""

from __future__ import annotations

from tenants.errors import Conflict, FieldError, Invalid


class KeyNeededAgain(Invalid):
    """The address changed and the key was not given with it: keys never follow to another address."""

    code = "key_needed_again"


class TooManyConnections(Conflict):
    code = "too_many"


def wrong(field: str, detail: str, *, code: str = "invalid") -> Invalid:
    return Invalid(detail, errors=[FieldError(field, code, detail)])
