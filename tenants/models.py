"""People, workspaces and who belongs where. All of it lives in the public schema."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django_tenants.models import DomainMixin, TenantMixin

from tenants.cloning import TEMPLATE
from tenants.ids import uuid7
from tenants.rows import Row

SLUG = re.compile(r"^[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,38}[a-z0-9]\Z")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. Platform staff (`is_staff`) moderate; they belong to no workspace by that alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email")))]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class Tenant(TenantMixin):
    """A workspace: a customer with a schema of its own."""

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        SUSPENDED = "suspended", "Suspended"
        TEMPLATE = "template", "Template"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=80)
    slug = models.CharField(max_length=40, unique=True, validators=[RegexValidator(SLUG)])
    status = models.CharField(max_length=16, choices=Status, default=Status.ACTIVE)
    runs_at_once = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many runs may be under way; empty for the operator's setting."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    auto_create_schema = False
    auto_drop_schema = False

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="tenant_status_is_known", condition=Q(status__in=["active", "suspended", "template"])
            ),
            models.CheckConstraint(
                name="only_the_template_is_a_template", condition=Q(status="template") | ~Q(schema_name=TEMPLATE)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def __enter__(self) -> None:
        """Refuse: the stock version shares one stack between all threads. Use `tenants.context.enter`."""
        raise RuntimeError("Use tenants.context.enter(schema); `with tenant:` is not safe between threads.")

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class Domain(DomainMixin):
    """A host name of a workspace's own."""


class Membership(Row):
    """What a person may do in a workspace."""

    class Role(models.TextChoices):
        OWNER = "owner", "Owner"
        ADMIN = "admin", "Admin"
        OPERATOR = "operator", "Operator"
        VIEWER = "viewer", "Viewer"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_membership_per_person_and_workspace", fields=["user", "tenant"]),
            models.CheckConstraint(
                name="membership_role_is_known", condition=Q(role__in=["owner", "admin", "operator", "viewer"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.tenant_id} as {self.role}"


class Invitation(Row):
    """A place in a workspace that is offered: to one address, or by a link to as many people as it has seats.

    Its secret is worked out from `nonce` and the operator's SECRET_KEY (`tenants.proving.derived`), so that a worker can mail it and the database
    alone does not give it away. It ends when its seats are taken, when its time is over, or when it is withdrawn.
    """

    class Mail(models.TextChoices):
        NONE = "none", "Handed over as a link"
        WAITING = "waiting", "Waits for the mail server"
        SENT = "sent", "Handed to the mail server"
        FAILED = "failed", "Could not be sent"

    MOST_SEATS = 500

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=16, choices=Membership.Role)
    email = models.EmailField(max_length=254, blank=True, help_text="Empty for a link.")
    digest = models.CharField(max_length=64, unique=True)
    seats = models.PositiveSmallIntegerField(default=1)
    used = models.PositiveSmallIntegerField(default=0)
    made_by_id = models.UUIDField()
    made_by = models.CharField(max_length=254)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, help_text="When the last mail about it went out.")
    nonce = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="What its secret is worked out from, with the operator's own.",
    )
    home = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="Where its link leads, without PUBLIC_URL."
    )
    mail = models.CharField(max_length=8, choices=Mail, default=Mail.NONE, db_default=Mail.NONE)
    mail_due_at = models.DateTimeField(null=True, help_text="When its mail is tried next.")
    mail_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="invitation_role_is_known", condition=Q(role__in=["owner", "admin", "operator", "viewer"])
            ),
            models.CheckConstraint(
                name="an_invitation_seats_no_more_than_it_may",
                condition=Q(seats__gte=1, seats__lte=500, used__lte=models.F("seats")),
            ),
            models.CheckConstraint(name="an_address_is_one_seat", condition=Q(email="") | Q(seats=1)),
            models.CheckConstraint(
                name="an_invitations_mail_is_known", condition=Q(mail__in=["none", "waiting", "sent", "failed"])
            ),
            models.CheckConstraint(
                name="a_mail_that_waits_is_due", condition=~Q(mail="waiting") | Q(mail_due_at__isnull=False)
            ),
            models.CheckConstraint(
                name="a_link_makes_no_admins", condition=~Q(email="") | Q(role__in=["operator", "viewer"])
            ),
        ]
        indexes = [
            models.Index(name="invitations_newest", fields=["tenant", "-created_at", "-id"]),
            models.Index(name="invitations_to_mail", fields=["mail_due_at"], condition=Q(mail="waiting")),
        ]

    def __str__(self) -> str:
        return self.email or f"a link for {self.seats}"

    @property
    def state(self) -> str:
        if self.revoked_at is not None:
            return "revoked"
        if self.used >= self.seats:
            return "accepted"
        return "expired" if self.expires_at <= timezone.now() else "pending"


class SignIn(Row):
    """One sign-in of a program: a family of refresh tokens, of which only the newest is good."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    current = models.UUIDField(help_text="The id of the newest refresh token.")
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.user_id} until {self.expires_at:%Y-%m-%d}"
