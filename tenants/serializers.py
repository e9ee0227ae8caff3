"""What may be sent (`In`) and what is shown (`Out`) about people, workspaces, keys and the log."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from tenants.access import Role
from tenants.addresses import workspace_url
from tenants.models import Invitation, Membership, User
from tenants.services.invitations import DAYS as INVITATION_DAYS
from tenants.services.invitations import MOST_DAYS as INVITATION_MOST_DAYS
from tenants.services.keys import DAYS, MOST_DAYS
from tenants.workspace.models import ApiKey, AuditEntry

INVITATION_STATES = ("pending", "accepted", "expired", "revoked")


class RegisterIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=256, trim_whitespace=False, style={"input_type": "password"})
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")


class RegisterOut(serializers.Serializer[Any]):
    detail = serializers.CharField()


class SignInIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=256, trim_whitespace=False, style={"input_type": "password"})
    code = serializers.CharField(
        max_length=32, required=False, allow_blank=True, default="", help_text="Of the second factor, if there is one."
    )


class RefreshIn(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=2048)


class TokensOut(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class MeIn(serializers.Serializer[User]):
    name = serializers.CharField(max_length=120, allow_blank=True)


class MeOut(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "email", "name", "is_staff", "date_joined")


class WorkspaceIn(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    slug = serializers.CharField(
        min_length=3, max_length=40, help_text="Small letters, digits and single hyphens, from a letter on."
    )


class WorkspaceOut(serializers.ModelSerializer[Membership]):
    """A workspace as one of its members sees it; `url` and `api_url` are paths on this host."""

    id = serializers.UUIDField(source="tenant_id")
    name = serializers.CharField(source="tenant.name")
    slug = serializers.CharField(source="tenant.slug")
    role = serializers.ChoiceField(Role.choices)
    url = serializers.SerializerMethodField()
    api_url = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="tenant.created_at")

    class Meta:
        model = Membership
        fields = ("id", "name", "slug", "role", "url", "api_url", "created_at")

    def get_url(self, membership: Membership) -> str:
        return workspace_url(membership.tenant.slug)

    def get_api_url(self, membership: Membership) -> str:
        return workspace_url(membership.tenant.slug, "api/v1/")


class MemberIn(serializers.Serializer[Membership]):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(Role.choices)


class RoleIn(serializers.Serializer[Membership]):
    role = serializers.ChoiceField(Role.choices)


class MemberOut(serializers.ModelSerializer[Membership]):
    """`id` is of the membership, `user` of the person."""

    user = serializers.UUIDField(source="user_id")
    email = serializers.EmailField(source="user.email")
    name = serializers.CharField(source="user.name")
    role = serializers.ChoiceField(Role.choices)

    class Meta:
        model = Membership
        fields = ("id", "user", "email", "name", "role", "created_at")


class InvitationIn(serializers.Serializer[Invitation]):
    """Without `email` a link, for as many people as it has `seats`; it makes operators and viewers only."""

    email = serializers.EmailField(max_length=254, required=False, default="", allow_blank=True)
    role = serializers.ChoiceField(Role.choices, default=Role.OPERATOR)
    days = serializers.IntegerField(min_value=1, max_value=INVITATION_MOST_DAYS, default=INVITATION_DAYS)
    seats = serializers.IntegerField(min_value=1, max_value=Invitation.MOST_SEATS, default=1)


class InvitationOut(serializers.ModelSerializer[Invitation]):
    role = serializers.ChoiceField(Role.choices)
    state = serializers.ChoiceField(INVITATION_STATES)

    class Meta:
        model = Invitation
        fields = (
            "id",
            "email",
            "role",
            "seats",
            "used",
            "state",
            "made_by",
            "expires_at",
            "mail",
            "sent_at",
            "created_at",
        )


class FreshInvitationOut(InvitationOut):
    link = serializers.SerializerMethodField(help_text="Shown this once; null where it goes by mail.")

    class Meta(InvitationOut.Meta):
        fields = (*InvitationOut.Meta.fields, "link")  # type: ignore[assignment]

    @extend_schema_field(
        {
            "type": ["string", "null"],
            "description": "Shown once; null where it goes by mail, or a request was repeated.",
        }
    )
    def get_link(self, invitation: Invitation) -> str | None:
        return str(self.context["link"]) or None


class AcceptIn(serializers.Serializer[Invitation]):
    secret = serializers.RegexField(
        r"\A[A-Za-z0-9_-]+\Z", max_length=64, help_text="The last part of the invitation's address."
    )


class KeyIn(serializers.Serializer[ApiKey]):
    name = serializers.CharField(max_length=80)
    role = serializers.ChoiceField(Role.choices, default=Role.OPERATOR)
    days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, default=DAYS)


class KeyOut(serializers.ModelSerializer[ApiKey]):
    """`prefix` tells keys apart; the key itself is not kept."""

    role = serializers.ChoiceField(Role.choices)
    user = serializers.UUIDField(source="user_id")

    class Meta:
        model = ApiKey
        fields = ("id", "name", "prefix", "role", "user", "made_by", "expires_at", "last_used_at", "revoked_at", "created_at")  # fmt: skip


class FreshKeyOut(KeyOut):
    key = serializers.SerializerMethodField(help_text="Shown this once.")

    class Meta(KeyOut.Meta):
        fields = (*KeyOut.Meta.fields, "key")  # type: ignore[assignment]

    @extend_schema_field({"type": ["string", "null"], "description": "Shown once; null where a request was repeated."})
    def get_key(self, key: ApiKey) -> str:
        return str(self.context["secret"])


class LogEntryOut(serializers.ModelSerializer[AuditEntry]):
    detail = serializers.DictField()

    class Meta:
        model = AuditEntry
        fields = ("id", "action", "target_type", "target_id", "target_name", "by_id", "by_name", "via", "address", "detail", "created_at")  # fmt: skip
