"""Every value of a manifest under its path; lists of named things by name, so that what moved is not taken for what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marketplace.manifest.envelope import Manifest
from marketplace.manifest.powers import code_of

OF_ITSELF = {"metadata.version", "metadata.changelog", "metadata.forked_from.ref", "metadata.forked_from.digest"}
"""What differs between any two versions."""


def flat(manifest: Manifest) -> dict[str, Any]:
    """Path → value, defaults written out; of permissions only the reasons, as the rest is compared by meaning."""
    document = manifest.model_dump(mode="json", by_alias=True)
    permissions = document.pop("permissions")
    document["spec"].pop("order", None)  # in which things stand in a scenario; what moved has not changed
    leaves = dict(_leaves(document, ""))
    whys = {f"permissions.{code_of(each)}.why": each["why"] for each in permissions}
    return {path: value for path, value in (leaves | whys).items() if path not in OF_ITSELF}


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list) and value and all(isinstance(each, Mapping) for each in value):
        named = {_name(each, number): each for number, each in enumerate(value)}
        yield f"{path}.order", list(named)
        for name, each in named.items():
            yield from _leaves(each, f"{path}.{name}")
    elif value not in ({}, [], None, ""):
        yield path, value


def _name(each: Mapping[str, Any], number: int) -> str:
    return str(each.get("name") or each.get("slot") or each.get("capability") or number)
