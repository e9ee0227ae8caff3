"""A column of plain numbers, four bytes each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models


class Reals(models.Field[Sequence[float], list[float]]):
    """PostgreSQL's `real[]`: what pgvector's `vector` holds, and what it is made of by a cast."""

    def db_type(self, connection: Any) -> str:
        return "real[]"
