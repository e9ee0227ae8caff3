"""Who plays in the tests: alice owns and builds at Acme, victor may only look there, mallory owns Globex and has no
business at Acme, moderator is platform staff and belongs to no workspace."""

from __future__ import annotations

from tenants.models import Membership, Tenant, User
from tenants.services import create_workspace, migrate_everything

PASSWORD = "correct horse battery"


def build() -> None:
    """Put the cast into an empty database. Tests run on clones of it."""
    migrate_everything()
    alice = _person("alice", "acme", "Alice Archer")
    victor = _person("victor", "acme", "Victor Vale")
    mallory = _person("mallory", "globex", "Mallory Marsh")
    User.objects.create_user(
        "moderator@guildhall.example", PASSWORD, name="Moderator", is_staff=True, is_superuser=True
    )
    acme = create_workspace(name="Acme", slug="acme", by=alice)
    create_workspace(name="Globex", slug="globex", by=mallory)
    Membership.objects.create(user=victor, tenant=acme, role=Membership.Role.VIEWER)


def _person(nick: str, company: str, name: str) -> User:
    return User.objects.create_user(f"{nick}@{company}.example", PASSWORD, name=name)


def person(nick: str) -> User:
    return User.objects.get(email__startswith=f"{nick}@")


def workspace(slug: str) -> Tenant:
    found: Tenant = Tenant.objects.get(slug=slug)
    return found
