"""One spelling per manifest, so that equal content has equal digests wherever it is stored."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from marketplace.manifest.envelope import Manifest


def as_document(manifest: Manifest) -> dict[str, Any]:
    """Plain JSON data, without what equals the defaults: writing a default out changes no digest."""
    document: dict[str, Any] = _settled(manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    return document


def _settled(value: Any) -> Any:
    """Whole numbers as integers: 1.0, 1e2 and 100 would otherwise come back from a JSON column spelt differently."""
    if isinstance(value, dict):
        return {key: _settled(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_settled(child) for child in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def canonical(manifest: Manifest) -> bytes:
    """UTF-8 JSON with sorted names and no spaces."""
    text = json.dumps(as_document(manifest), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode()


def digest(manifest: Manifest) -> str:
    """`sha256:` and 64 hexadecimal digits of the canonical form."""
    return f"sha256:{hashlib.sha256(canonical(manifest)).hexdigest()}"
