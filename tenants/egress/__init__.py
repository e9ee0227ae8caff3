"""The only way to an address that a user gave: looked at once, connected to exactly that, bounded in size and time."""

from tenants.egress.errors import EgressError, EgressFailed, EgressRefused, EgressTimeout, EgressUnreachable
from tenants.egress.fetching import Answer, fetch, fetch_sync
from tenants.egress.policy import Policy, model_policy, operators_policy
from tenants.egress.transport import egress_transport

__all__ = [
    "Answer",
    "EgressError",
    "EgressFailed",
    "EgressRefused",
    "EgressTimeout",
    "EgressUnreachable",
    "Policy",
    "egress_transport",
    "fetch",
    "fetch_sync",
    "model_policy",
    "operators_policy",
]
