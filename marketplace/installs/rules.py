"""What this workspace lets in: its policy, held against a listing."""

from __future__ import annotations

from collections.abc import Iterator

from marketplace.installs.models import InstallPolicy
from marketplace.manifest.envelope import Manifest
from tenants.access import Member, Role


def current() -> InstallPolicy:
    """The workspace's policy; one that allows everything where nobody has set any."""
    return InstallPolicy.objects.first() or InstallPolicy()


def refusals(policy: InstallPolicy, manifest: Manifest) -> Iterator[str]:
    """Why the policy does not let this in, each as a sentence."""
    told = manifest.metadata
    if policy.publishers and told.namespace not in policy.publishers:
        yield f"This workspace installs from {_listed(policy.publishers)} only, not from {told.namespace}."
    if policy.kinds and manifest.kind.lower() not in policy.kinds:
        yield f"This workspace installs listings of the kind {_listed(policy.kinds)} only; this is a {manifest.kind.lower()}."
    if manifest.risk > policy.highest_risk:
        allowed = InstallPolicy.Risk(policy.highest_risk).label.lower()
        yield f"This workspace installs up to {allowed} risk; the permissions of this listing are of {manifest.risk.name.lower()} risk."


def needs_leave(policy: InstallPolicy, by: Member) -> bool:
    """Whether an admin has to say yes before `by` may install or update."""
    return policy.needs_approval and not by.may(Role.ADMIN)


def _listed(names: list[str]) -> str:
    return " or ".join(sorted(names))
