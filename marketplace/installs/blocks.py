"""How the platform stands to what is installed or about to be: blocked, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from marketplace.enforcement.queries import effective
from marketplace.manifest.envelope import Manifest, ToolManifest
from marketplace.manifest.powers import tools_of
from marketplace.models import ListingVersion
from tenants.provenance import revoked
from tenants.provenance.revoked import Revoked

Kind = Literal["warn", "soft", "hard"]


@dataclass(frozen=True, slots=True)
class Block:
    """A hard one stops runs; a soft one keeps it from being installed anew; a warning does neither. `reason` is public, `url` says more."""

    kind: Kind
    reason: str
    since: datetime
    url: str = ""

    @property
    def is_hard(self) -> bool:
        return self.kind == "hard"

    @property
    def sentence(self) -> str:
        if self.kind == "warn":
            return f"The marketplace warns of it: {self.reason.rstrip('.')}."
        return f"The marketplace has blocked it: {self.reason.rstrip('.')}."

    @property
    def advice(self) -> str:
        """What to do about one that is installed."""
        if self.is_hard:
            return "Its runs were stopped and no new ones begin. Nothing is deleted; when the block is lifted, everything goes on."
        return "It can still run here. Look at the reason, and update or remove it if it concerns you."


def standing_of(version_id: UUID, digest: str, manifest: Manifest) -> Block | None:
    """The same for what is installed, with a warning where there is nothing graver."""
    found = block_of(digest, manifest)
    version = ListingVersion.objects.filter(pk=version_id).first() if found is None else None
    warning = effective(version) if version is not None else None
    return found if warning is None else Block("warn", warning.reason, warning.effective_at)


def block_of(digest: str, manifest: Manifest) -> Block | None:
    """The gravest block on a version, or on a tool that it uses."""
    marks = marks_of(digest, manifest)
    found = revoked.hard(marks)
    if found is not None:
        return _block(found, "hard")
    found = revoked.soft(marks)
    return _block(found, "soft") if found is not None else None


def marks_of(digest: str, manifest: Manifest) -> list[str]:
    base = [manifest.spec.tool] if isinstance(manifest, ToolManifest) else []
    return [digest, *(f"tool:{name}" for name in (*base, *tools_of(manifest.spec)))]


def _block(found: Revoked, kind: Kind) -> Block:
    return Block(kind, found.reason, found.effective_at, found.url)
