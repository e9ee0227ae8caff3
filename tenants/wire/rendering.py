"""Writing JSON: amounts of money are numbers, as the description of the API says."""

from __future__ import annotations

from collections.abc import Mapping
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

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> Any:
        """By orjson; what that does not know (numbers beyond 64 bits, a wish for indentation) as DRF does it."""
        if data is None or accepted_media_type not in {None, self.media_type}:
            return super().render(data, accepted_media_type, renderer_context)
        try:
            written = orjson.dumps(data, default=_encoder.default, option=_AS_DRF)
        except orjson.JSONEncodeError:
            return super().render(data, accepted_media_type, renderer_context)
        return written.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


_encoder = Encoder()
_AS_DRF = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS  # `default` writes these


def as_json(data: Any) -> Any:
    """What a reader of this answer gets: plain lists, objects, texts and numbers."""
    return None if data is None else orjson.loads(Renderer().render(data))
