"""What was decided against somebody, for their own eyes."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from marketplace.models import Publisher
from marketplace.moderation.access import SPEAKS_FOR
from marketplace.moderation.models import Decision
from tenants.models import User


def decisions_against(user: User) -> QuerySet[Decision]:
    """Every adverse decision about what `user` speaks for: publishers, their listings and versions, workspaces, and themselves."""
    homes = user.memberships.filter(role__in=SPEAKS_FOR).values("tenant_id")
    publishers = Publisher.objects.filter(Q(tenant_id__in=homes) | Q(members__user=user)).values("pk")
    mine = (
        Q(publisher__in=publishers)
        | Q(listing__publisher__in=publishers)
        | Q(version__listing__publisher__in=publishers)
        | Q(tenant_id__in=homes)
        | Q(user_id=user.pk)
    )
    found = Decision.objects.filter(mine, appeal_token__isnull=False, executed_at__isnull=False)
    return found.select_related(
        "policy", "appeal", "version__listing__publisher", "listing__publisher", "publisher"
    ).order_by("-created_at", "-id")
