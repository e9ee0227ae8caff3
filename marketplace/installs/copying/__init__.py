"""What each kind of listing becomes in a workspace: made, replaced, compared, put away and brought back."""

from __future__ import annotations

from typing import Any

from marketplace.installs.copying.agents import AGENTS
from marketplace.installs.copying.crews import CREWS
from marketplace.installs.copying.kinds import Copier, Told
from marketplace.installs.copying.scenarios import SCENARIOS, new_scenario
from marketplace.installs.copying.tools import TOOLS
from marketplace.installs.locking import digest_of
from marketplace.installs.models import Installation

__all__ = ["Told", "copier_of", "copy_of", "mark_of", "new_scenario", "put_in_place", "standing"]

COPIERS: dict[str, Copier[Any]] = {"agent": AGENTS, "crew": CREWS, "scenario": SCENARIOS, "tool": TOOLS}


def copier_of(installation: Installation) -> Copier[Any]:
    return COPIERS[installation.kind]


def copy_of(installation: Installation) -> Any:
    """The crew, agent, tool or scenario that it is here; None where somebody deleted it."""
    return getattr(installation, installation.kind)


def put_in_place(installation: Installation, copy: Any) -> None:
    """Tie the copy to its installation, in memory."""
    setattr(installation, installation.kind, copy)


def standing(installation: Installation) -> dict[str, Any] | None:
    """What the copy says now; None where it is gone."""
    copy = copy_of(installation)
    return None if copy is None else copier_of(installation).now(copy)


def mark_of(content: dict[str, Any]) -> str:
    """The digest of a copy, but for its name: that is the workspace's own business."""
    return digest_of({name: value for name, value in content.items() if name != "name"})
