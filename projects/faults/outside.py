"""Errors outside of runs: a request that broke. Whatever happens here, the request's own answer goes out."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest

from projects.faults import noting
from tenants.context import PUBLIC, current_schema

log = logging.getLogger("guildhall.faults")


def request_broke(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:
    """Note the error that Django is about to answer with a 500; on the public site it is only counted."""
    error = sys.exc_info()[1]
    if error is None:
        return
    noted = [noting.note(error)]
    try:
        if current_schema() == PUBLIC or connection.in_atomic_block or getattr(request, "tenant", None) is None:
            noting.count(noted)
        else:
            noting.store(noted)
    except DatabaseError:
        log.warning("An error could not be stored, but was counted", exc_info=True)
        noting.count(noted)
