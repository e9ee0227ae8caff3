"""The numbers of the console's first page. Rates are None where nothing was counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, F, Min, Q
from django.urls import reverse
from django.utils import timezone

from marketplace.console.queries import queue
from marketplace.models import InstallLedger, Listing
from marketplace.moderation.models import Appeal, Decision, ReviewTask
from marketplace.moderation.queries.figures import going
from projects.faults.recovery import latest
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, what it says, and where it leads."""

    title: str
    number: int | str
    note: str
    url: str


MONTH = timedelta(days=30)


def waiting(user_id: UUID) -> list[Figure]:
    """What waits for this moderator, and for anybody."""
    now = timezone.now()
    held = Q(claimed_by_id=user_id, lease_until__gt=now)
    counted = queue.for_moderator(user_id).aggregate(
        all=Count("pk"),
        mine=Count("pk", filter=held),
        late=Count("pk", filter=Q(due_at__lt=now)),
        first=Min("created_at"),
    )
    oldest = f"items; the oldest waits {_hours(now - counted['first'])}" if counted["first"] else "items in all"
    second = Decision.objects.filter(held=True, confirmed_by_id=None, executed_at=None, undone_at=None).count()
    place = reverse("admin:console_queue")
    return [
        Figure("My queue", counted["mine"], "claimed by me", f"{place}?whose=mine"),
        Figure("Overdue", counted["late"], "past their date", f"{place}?due=overdue&sort=due"),
        Figure("Open", counted["all"], oldest, place),
        Figure("Second person", second, "decisions wait for one", reverse("admin:console_second")),
    ]


def of_the_month() -> list[Figure]:
    """How it went in the last 30 days."""
    since = timezone.now() - MONTH
    decided = Decision.objects.filter(created_at__gte=since).exclude(source=Decision.Source.AUTOMATION)
    taken = decided.aggregate(
        all=Count("pk"),
        adverse=Count("pk", filter=Q(action__in=Decision.ADVERSE)),
        undone=Count("pk", filter=Q(undone_at__isnull=False)),
    )
    reversed_ = Appeal.objects.filter(decided_at__gte=since, state=Appeal.State.OVERTURNED).count()
    closed = ReviewTask.objects.filter(closed_at__gte=since).aggregate(
        all=Count("pk"), kept=Count("pk", filter=Q(closed_at__lte=F("due_at")))
    )
    went = going(MONTH)
    decisions = reverse("admin:console_decisions")
    return [
        Figure("Decisions", taken["all"], f"{taken['adverse']} against, {taken['undone']} undone", decisions),
        Figure(
            "Reversed on appeal",
            _share(reversed_, taken["adverse"]),
            f"{reversed_} of {taken['adverse']}; {went.appealed} appealed",
            decisions,
        ),
        Figure(
            "Due dates kept", _share(closed["kept"], closed["all"]), f"{closed['kept']} of {closed['all']}", decisions
        ),
        Figure(
            "Time to a decision",
            _hours(went.first_decision_p50),
            f"half of them; {_hours(went.first_decision_p90)} nine of ten",
            decisions,
        ),
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def _hours(took: timedelta | None) -> str:
    return f"{took.total_seconds() / 3600:.1f} h" if took else "–"


def of_the_house() -> list[Figure]:
    """What there is, and how well runs recover."""
    offered = Listing.objects.filter(published_at__isnull=False).count()
    installed = InstallLedger.objects.filter(state=InstallLedger.State.INSTALLED).count()
    suspended = Tenant.objects.filter(status=Tenant.Status.SUSPENDED).count()
    active = Tenant.objects.filter(status=Tenant.Status.ACTIVE).count()
    tenants = reverse("admin:tenants_tenant_changelist")
    return [
        Figure("On the market", offered, "listings", reverse("admin:marketplace_listing_changelist")),
        Figure("Installed", installed, "in workspaces", reverse("admin:marketplace_installledger_changelist")),
        Figure("Workspaces", active, f"and {suspended} suspended", tenants),
        *_recovered(tenants),
    ]


def _recovered(url: str) -> list[Figure]:
    """Of the runs that something disturbed, how many succeeded without a person."""
    return [
        Figure(
            f"Recovered by itself, {words}",
            "–" if share.rate is None else f"{100 * share.rate:.0f} %",
            f"{share.recovered} of {share.disturbed} disturbed runs",
            url,
        )
        for words, share in zip(("24 hours", "30 days"), (latest().day, latest().month), strict=True)
    ]
