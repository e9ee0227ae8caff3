"""The conversations that come with a release."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from agents.documents import load
from simulations.chat.spec import ChatSpec, read_chat


@dataclass(frozen=True, slots=True)
class LibraryChat:
    """A conversation of the library: its manifest, and the part of it that is held."""

    key: str
    name: str
    version: str
    summary: str
    description: str
    manifest: Mapping[str, Any]
    spec: ChatSpec

    @property
    def definition(self) -> dict[str, Any]:
        """What a workspace's copy keeps: its own, to the last part."""
        return {name: deepcopy(self.manifest[name]) for name in ("kind", "metadata", "spec")}


@cache
def conversations() -> Mapping[str, LibraryChat]:
    """By key, in the order of their keys."""
    folder = files("simulations.scenarios").joinpath("conversations")
    texts = sorted(place.read_bytes() for place in folder.iterdir() if place.name.endswith(".yaml"))
    found = [_read(load(text).value) for text in texts]
    return {chat.key: chat for chat in sorted(found, key=lambda chat: chat.key)}


def _read(manifest: Mapping[str, Any]) -> LibraryChat:
    words = manifest["metadata"]
    return LibraryChat(
        key=words["name"],
        name=words["title"],
        version=words["version"],
        summary=words["summary"],
        description=words["description"],
        manifest=manifest,
        spec=read_chat(manifest["spec"]),
    )
