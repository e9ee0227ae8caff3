"""Making workspaces and closing them."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from tenants import audit, resolving
from tenants.access import Role, get_member
from tenants.cloning import TEMPLATE, clone_schema
from tenants.context import PUBLIC, enter
from tenants.errors import Conflict, FieldError, Invalid
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
        "guildhall-sandbox",
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
        "sandbox",
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
    with enter(PUBLIC):
        tenant = _make_workspace(name, slug, by)
    resolving.forget()
    return tenant


@transaction.atomic
def _make_workspace(name: str, slug: str, by: User) -> Tenant:
    _check_number(by)
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


def _check_number(by: User) -> None:
    """Lock the person first, so that two requests cannot both be the last."""
    User.objects.select_for_update().get(pk=by.pk)
    if by.memberships.filter(role=Role.OWNER).count() >= MOST_WORKSPACES_PER_OWNER:
        raise Conflict(
            f"You own {MOST_WORKSPACES_PER_OWNER} workspaces already; delete one or ask the operator.", code="too_many"
        )


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


def set_suspended(*, tenant: Tenant, suspended: bool) -> Tenant:
    """Stop or restart a whole workspace; for platform staff, from the admin. Workers notice within 60 s."""
    tenant.status = Tenant.Status.SUSPENDED if suspended else Tenant.Status.ACTIVE
    tenant.save(update_fields=["status"])
    resolving.forget()
    return tenant
