"""One verdict, sent to the service that answers for it."""

from __future__ import annotations

from typing import Literal

from marketplace.console import roles
from marketplace.moderation import services
from marketplace.moderation.models import Decision, ReviewTask
from marketplace.moderation.targets import ReviewOf, Thing
from marketplace.moderation.verdicts import Action, Verdict
from tenants.models import Tenant, User

About = ReviewTask | Thing | ReviewOf


def act(about: About, *, verdict: Verdict, note: str, by: User) -> Decision:
    """Decide. `note` is for those who reported it. Accounts and workspaces are closed by senior moderators only."""
    if isinstance(about, ReviewTask) and about.kind == ReviewTask.Kind.REPORT:
        outcome: Literal["dismissed", "confirmed"] = "dismissed" if verdict.action == Action.DISMISS else "confirmed"
        return services.decide_report(about.pk, outcome=outcome, note=note, by=by, verdict=verdict)
    if isinstance(about, User | Tenant):
        roles.require_senior(by)
        return services.suspend(about, verdict=verdict, by=by)
    return services.decide(about, verdict=verdict, by=by)
