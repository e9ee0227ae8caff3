"""How the platform stands to what is installed or about to be: blocked, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marketplace.manifest.envelope import Manifest, ToolManifest
from marketplace.manifest.powers import tools_of
from tenants.provenance import revoked
from tenants.provenance.revoked import Revoked


@dataclass(frozen=True, slots=True)
class Block:
    """A hard one stops runs; a soft one keeps it from being installed anew. `reason` is public, `url` says more."""

    is_hard: bool
    reason: str
    since: datetime
    url: str = ""

    @property
    def sentence(self) -> str:
        return f"The marketplace has blocked it: {self.reason.rstrip('.')}."

    @property
    def advice(self) -> str:
        """What to do about one that is installed."""
        if self.is_hard:
            return "Its runs were stopped and no new ones begin. Nothing is deleted; when the block is lifted, everything goes on."
        return "It can still run here. Look at the reason, and update or remove it if it concerns you."


def block_of(digest: str, manifest: Manifest) -> Block | None:
    """The gravest block on a version, or on a tool that it uses."""
    marks = marks_of(digest, manifest)
    found = revoked.hard(marks)
    if found is not None:
        return _block(found, is_hard=True)
    found = revoked.soft(marks)
    return _block(found, is_hard=False) if found is not None else None


def marks_of(digest: str, manifest: Manifest) -> list[str]:
    base = [manifest.spec.tool] if isinstance(manifest, ToolManifest) else []
    return [digest, *(f"tool:{name}" for name in (*base, *tools_of(manifest.spec)))]


def _block(found: Revoked, *, is_hard: bool) -> Block:
    return Block(is_hard, found.reason, found.effective_at, found.url)
