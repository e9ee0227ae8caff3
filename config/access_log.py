"""What the web server notes of a request: never its query, which may carry a ticket or what somebody searched for, and no key to a shared run or play, or to a workspace."""

from __future__ import annotations

import logging

SHARED = ("/shared/runs/", "/shared/simulations/", "/invitations/")


class WithoutQueries(logging.Filter):
    """Cuts the paths among a record's arguments at their question mark."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_cut(value) for value in record.args)
        return True


def _cut(value: object) -> object:
    if not isinstance(value, str) or not value.startswith("/"):
        return value
    shared = next((prefix for prefix in SHARED if value.startswith(prefix)), "")
    return f"{shared}…" if shared else value.partition("?")[0]


def keep_queries_out() -> None:
    """For both of uvicorn's logs: HTTP is in one, WebSockets are in the other."""
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(WithoutQueries())
