"""Expected refusals. Services raise them; one place per door turns them into an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field: where, a machine's word for it, and a sentence for a person."""

    field: str
    code: str
    detail: str


class DomainError(Exception):
    """A refusal with a code for programs and a sentence that tells a person what to do."""

    code = "refused"
    status = 400
    title = "This was refused"

    def __init__(self, detail: str, *, code: str | None = None, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.errors = tuple(errors)


class Invalid(DomainError):
    code = "invalid"
    title = "Something in it is not right"


class NotSignedIn(DomainError):
    code = "not_signed_in"
    status = 401
    title = "Sign in first"


class Forbidden(DomainError):
    code = "forbidden"
    status = 403
    title = "Your role does not allow this"


class NotFound(DomainError):
    code = "not_found"
    status = 404
    title = "Not found"


class Conflict(DomainError):
    code = "conflict"
    status = 409
    title = "This clashes with what is already there"


class WrongState(Conflict):
    code = "wrong_state"
    title = "Not possible in its present state"


class LengthRequired(DomainError):
    code = "length_required"
    status = 411
    title = "The length of the body is missing"


class Stale(DomainError):
    code = "stale"
    status = 412
    title = "Somebody changed it meanwhile"


class TooLarge(DomainError):
    code = "too_large"
    status = 413
    title = "Too large"


class Unprocessable(DomainError):
    code = "unprocessable"
    status = 422
    title = "This request contradicts an earlier one"


class RateLimited(DomainError):
    """Too many requests; `retry_after` in seconds."""

    code = "rate_limited"
    status = 429
    title = "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(DomainError):
    code = "unavailable"
    status = 503
    title = "Not available right now"
