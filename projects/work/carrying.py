"""What carrying out work has in common, in a thread of its own or on the event loop that many share."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connection

from projects.work import leases, queue
from projects.work.leases import Ending, Lease
from tenants.context import PUBLIC, enter
from tenants.resolving import resolve

GONE = "The workspace is suspended or gone."
AFTER_OUTAGE_SECONDS = 3.0
OUTAGE_TRIES = 60  # a second apart; after that the lease has expired and the sweeper takes it back


def is_active(schema: str) -> bool:
    """Whether this workspace's work may be done."""
    tenant = resolve(f"schema:{schema}")
    return tenant is not None and tenant.is_active


def worded(error: Exception) -> str:
    """What the owner of work is told that a bug stopped."""
    return f"An unexpected error stopped it ({type(error).__name__}); the operator's log says more."


def give_up_lease(lease: Lease, ending: Ending, error: str = "") -> None:
    """End the lease; work that is queued again, and may go on at once, is hinted at."""
    if leases.end(lease, ending, error, pause=lease.pause) == "queued" and not lease.pause:
        queue.hint(lease.queue, lease.kind, loudly=leases.draining.is_set())


def handed_back(lease: Lease) -> bool:
    """Put work back that an outage of the database stopped: an outage is no crash of the work. False while it lasts."""
    connection.close()
    try:
        with enter(PUBLIC):
            leases.end(lease, "queued", pause=AFTER_OUTAGE_SECONDS)
    except (OperationalError, InterfaceError):
        return False
    return True
