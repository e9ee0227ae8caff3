"""From what somebody sends to a manifest, refused in words that name every fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from agents.documents import MAX_BYTES, ManifestError
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.reading import read_json, read_yaml
from tenants.errors import FieldError, Invalid


def read_manifest(text: str | bytes) -> Manifest:
    """The manifest in a YAML text. Raises Invalid; every fault has its line and column."""
    try:
        return read_yaml(text)
    except ManifestError as error:
        raise refused(error) from error


def manifest_from(sent: str | Mapping[str, Any]) -> Manifest:
    """The same for what comes by API: YAML as a text, or the document itself."""
    if isinstance(sent, str):
        return read_manifest(sent)
    if len(_written(sent)) > MAX_BYTES:
        raise Invalid(f"A manifest may have at most {MAX_BYTES // 1024} kB.", code="too_large")
    try:
        return read_json(sent)
    except ManifestError as error:
        raise refused(error) from error


def _written(sent: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(sent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "The manifest cannot be written down: it is nested too deep, or holds a number without end."
        ) from error


def refused(error: ManifestError) -> Invalid:
    faults = [FieldError(problem.field, problem.code, problem.sentence) for problem in error.problems]
    return Invalid(f"This manifest cannot be used: {faults[0].detail}", code="manifest", errors=faults)
