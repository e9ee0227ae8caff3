"""What may be done with people and workspaces."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from tenants import audit, resolving
from tenants.access import Member, Role, get_member, require_admin, require_owner
from tenants.cloning import TEMPLATE, clone_schema
from tenants.context import PUBLIC, enter
from tenants.errors import Conflict, FieldError, Invalid, NotFound, WrongState
from tenants.models import SLUG, Membership, Tenant, User

RESERVED_SLUGS = frozenset(
    [
        "accounts",
        "admin",
        "api",
        "app",
        "assets",
        "auth",
        "blog",
        "docs",
        "extensions",
        "guildhall",
        "help",
        "information-schema",
        "login",
        "logout",
        "mail",
        "marketplace",
        "media",
        "metrics",
        "new",
        "pg-catalog",
        "pg-temp",
        "public",
        "root",
        "sign-in",
        "sign-up",
        "static",
        "status",
        "support",
        "template-tenant",
        "w",
        "welcome",
        "www",
    ]
)
MOST_WORKSPACES_PER_OWNER = 20


def create_workspace(*, name: str, slug: str, by: User) -> Tenant:
    """Make a workspace owned by `by`, by cloning the template schema (about 0.2 s)."""
    name = _checked_name(name)
    _check_slug(slug)
    if by.memberships.filter(role=Role.OWNER).count() >= MOST_WORKSPACES_PER_OWNER:
        raise Conflict(
            f"You own {MOST_WORKSPACES_PER_OWNER} workspaces already; delete one or ask the operator.", code="too_many"
        )
    with enter(PUBLIC):
        tenant = _make_workspace(name, slug, by)
    resolving.forget()
    return tenant


@transaction.atomic
def _make_workspace(name: str, slug: str, by: User) -> Tenant:
    tenant = Tenant(name=name, slug=slug, schema_name=schema_for(slug))
    try:
        with transaction.atomic():
            tenant.save(force_insert=True)
    except (IntegrityError, ValidationError):  # django-tenants looks first, the constraint decides
        raise _slug_refused("taken", f"The address /w/{slug}/ is taken; choose another.", Conflict) from None
    clone_schema(TEMPLATE, tenant.schema_name)
    Membership.objects.create(user=by, tenant=tenant, role=Role.OWNER)
    owner = get_member(by, tenant)
    with enter(tenant.schema_name):
        audit.record("workspace.created", tenant, by=owner)
    return tenant


def schema_for(slug: str) -> str:
    return "t_" + slug.replace("-", "_")


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 80 or not name.isprintable():
        detail = "Give the workspace a name of 1 to 80 characters."
        raise Invalid(detail, errors=[FieldError("name", "length", detail)])
    return name


def _check_slug(slug: str) -> None:
    if not SLUG.match(slug) or len(slug) > 40:
        raise _slug_refused(
            "form", "Use 3 to 40 small letters, digits and single hyphens, starting with a letter, as in acme-research."
        )
    if slug in RESERVED_SLUGS:
        raise _slug_refused("reserved", f"The address /w/{slug}/ is reserved; choose another.")


def _slug_refused(code: str, detail: str, kind: type[Invalid | Conflict] = Invalid) -> Invalid | Conflict:
    return kind(detail, errors=[FieldError("slug", code, detail)])


def ensure_template() -> None:
    """Make and migrate the schema that new workspaces are cloned from."""
    template, _ = Tenant.objects.get_or_create(
        schema_name=TEMPLATE, defaults={"name": "Template", "slug": "template-tenant", "status": Tenant.Status.TEMPLATE}
    )
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {template.schema_name}")


def migrate_everything(*, verbosity: int = 0) -> None:
    """Bring the public schema, the template and every workspace to the newest migrations."""
    call_command("migrate_schemas", "--shared", verbosity=verbosity, interactive=False)
    ensure_template()
    call_command("migrate_schemas", "--tenant", verbosity=verbosity, interactive=False)


@transaction.atomic
def add_member(*, email: str, role: Role, by: Member) -> Membership:
    """Give a person who has an account here a role in the workspace of `by`."""
    require_admin(by)
    _require_rank(by, role)
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        detail = "Nobody has signed up here with this address yet; ask them to sign up first."
        raise Invalid(detail, errors=[FieldError("email", "unknown", detail)])
    try:
        with transaction.atomic():
            membership = Membership.objects.create(user=user, tenant_id=by.tenant_id, role=role)
    except IntegrityError:
        raise Conflict(f"{user.email} is a member already; change their role instead.", code="already_member") from None
    audit.record("member.added", user, by=by, role=role)
    return membership


@transaction.atomic
def change_role(*, membership_id: UUID, role: Role, by: Member) -> Membership:
    require_admin(by)
    membership = _locked(membership_id, by)
    _require_rank(by, role)
    _require_rank(by, Role(membership.role))
    _keep_an_owner(membership, role)
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    audit.record("member.role_changed", membership.user, by=by, role=role)
    return membership


@transaction.atomic
def remove_member(*, membership_id: UUID, by: Member) -> None:
    membership = _locked(membership_id, by)
    if membership.user_id != by.user_id:
        require_admin(by)
        _require_rank(by, Role(membership.role))
    _keep_an_owner(membership, None)
    audit.record("member.removed", membership.user, by=by)
    membership.delete()


def _require_rank(by: Member, role: Role) -> None:
    if role == Role.OWNER:
        require_owner(by)


def _locked(membership_id: UUID, by: Member) -> Membership:
    """Lock all memberships of the workspace, so that two owners cannot leave at the same moment."""
    found = [
        m
        for m in Membership.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(tenant_id=by.tenant_id)
        if m.pk == membership_id
    ]
    if not found:
        raise NotFound("There is no such member here.")
    return found[0]


def _keep_an_owner(membership: Membership, role: Role | None) -> None:
    if membership.role != Role.OWNER or role == Role.OWNER:
        return
    others = Membership.objects.filter(tenant_id=membership.tenant_id, role=Role.OWNER).exclude(pk=membership.pk)
    if not others.exists():
        raise WrongState("A workspace keeps at least one owner; make somebody else owner first.", code="last_owner")


def set_suspended(*, tenant: Tenant, suspended: bool) -> Tenant:
    """Stop or restart a whole workspace; for platform staff, from the admin. Workers notice within 60 s."""
    tenant.status = Tenant.Status.SUSPENDED if suspended else Tenant.Status.ACTIVE
    tenant.save(update_fields=["status"])
    resolving.forget()
    return tenant


def set_active(*, user: User, active: bool) -> User:
    """Close or reopen a person's account; for platform staff, from the admin. Takes effect with their next request."""
    user.is_active = active
    user.save(update_fields=["is_active"])
    return user
