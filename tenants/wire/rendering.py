"""Writing JSON: amounts of money are numbers, as the description of the API says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class Encoder(JSONEncoder):
    def default(self, obj: Any) -> Any:
        return float(obj) if isinstance(obj, Decimal) else super().default(obj)


class Renderer(JSONRenderer):
    encoder_class = Encoder


def as_json(data: Any) -> Any:
    """What a reader of this answer gets: plain lists, objects, texts and numbers."""
    return None if data is None else orjson.loads(Renderer().render(data))
