"""Who may judge what, and from ids to rows."""

from __future__ import annotations

from uuid import UUID

from marketplace.models import Publisher, PublisherMember
from marketplace.moderation.models import Decision
from tenants.errors import Forbidden, NotFound
from tenants.models import Membership, User

MODERATE, CONFIRM = "console.moderate", "console.confirm"
SPEAKS_FOR = (Membership.Role.OWNER, Membership.Role.ADMIN)


def require_reviewer(user: User, publisher: Publisher | None) -> None:
    """Refuse whoever does not moderate, and whoever belongs to the publisher's own people."""
    if not (user.is_active and user.is_staff and user.has_perm(MODERATE)):
        raise Forbidden("Only the platform's moderators decide this.")
    if publisher is not None and is_of(user, publisher):
        raise Forbidden(
            f"You belong to {publisher}. Leave this one to somebody else; nobody judges their own.",
            code="own_publisher",
        )


def require_second(user: User, publisher: Publisher | None) -> None:
    """Refuse whoever may not be the second person."""
    require_reviewer(user, publisher)
    if not user.has_perm(CONFIRM):
        raise Forbidden("Only a senior moderator confirms this.")


def is_of(user: User, publisher: Publisher) -> bool:
    """Whether `user` is a member of the publisher's workspace, in any role, or acts for the publisher."""
    if PublisherMember.objects.filter(publisher=publisher, user=user).exists():
        return True
    return (
        publisher.tenant_id is not None and Membership.objects.filter(user=user, tenant_id=publisher.tenant_id).exists()
    )


def people_of(publisher: Publisher) -> list[User]:
    """Who speaks for a publisher: the owners and admins of its workspace, and whom it named."""
    ids = set(PublisherMember.objects.filter(publisher=publisher).values_list("user_id", flat=True))
    if publisher.tenant_id is not None:
        members = Membership.objects.filter(tenant_id=publisher.tenant_id, role__in=SPEAKS_FOR)
        ids |= set(members.values_list("user_id", flat=True))
    return list(User.objects.filter(pk__in=ids).order_by("email"))


def get_decision(token: UUID) -> Decision:
    """The decision that a link to appeal names. Raises NotFound; one that was never carried out is nobody's business."""
    decisions = Decision.objects.select_related(
        "version__listing__publisher", "listing__publisher", "publisher", "policy", "appeal"
    )
    found = decisions.filter(appeal_token=token, executed_at__isnull=False).first()
    if found is None:
        raise NotFound("There is no such decision.")
    return found
