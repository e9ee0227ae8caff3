"""What an admin may do with the workspace's chain of providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError

from agents.connections import credentials, gateways
from agents.connections.checking import CLEAN, IN_THE_HOUSE, NEEDS_KEY, clean_key
from agents.connections.errors import KeyNeededAgain, TooManyConnections, wrong
from agents.connections.generations import Kind, begin_next
from agents.connections.models import CachedReply, Connection
from agents.connections.testing import Finding, try_out
from tenants import audit
from tenants.access import Member, require_admin
from tenants.context import current_schema
from tenants.errors import Conflict, FieldError, WrongState

MOST_CONNECTIONS = 20
OWN_ADDRESS = frozenset({"provider", "base_url"})


@transaction.atomic
def create_connection(*, fields: Mapping[str, Any], by: Member) -> Connection:
    """Add a provider at the end of the chain. `fields` are the model's, and `credential`: the key as a text."""
    require_admin(by)
    if Connection.objects.count() >= MOST_CONNECTIONS:
        raise TooManyConnections(
            f"A workspace has at most {MOST_CONNECTIONS} providers; delete one that you do not use."
        )
    private = {"is_private": fields["provider"] in IN_THE_HOUSE}
    connection = Connection(**{**private, **_cleaned(fields)}, position=_next_position())
    key = clean_key(fields.get("credential") or "")
    _check(connection, has_key=bool(key))
    _save(connection)
    if key:
        credentials.store(connection, key)
    audit.record("provider.created", connection, by=by, provider=connection.provider, address=connection.base_url)
    _changed()
    return connection


@transaction.atomic
def update_connection(*, connection: Connection, changes: Mapping[str, Any], by: Member) -> Connection:
    """Change a provider. A new key replaces the former one, an empty one removes it; where the address changes it must be given."""
    require_admin(by)
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    before = (connection.provider, connection.base_url)
    for name, value in _cleaned(changes).items():
        setattr(connection, name, value)
    had_key = hasattr(connection, "credential")
    if had_key and "credential" not in changes and before != (connection.provider, connection.base_url):
        raise _key_again()
    key = clean_key(changes.get("credential") or "")
    _check(connection, has_key=bool(key) if "credential" in changes else had_key)
    _save(connection)
    _replace_key(connection, key, changes)
    audit.record("provider.changed", connection, by=by, fields=sorted(changes), address=connection.base_url)
    _changed()
    return Connection.objects.select_related("credential").get(pk=connection.pk)


@transaction.atomic
def delete_connection(*, connection: Connection, by: Member) -> None:
    """Take a provider and its key away. Runs that wait for an answer of it get that answer still. Refused while it embeds."""
    require_admin(by)
    audit.record("provider.deleted", connection, by=by, provider=connection.provider)
    try:
        connection.delete()
    except ProtectedError:
        detail = f"“{connection.name}” makes the vectors of this workspace's documents. Choose another one there first."
        raise WrongState(detail, code="in_use") from None
    _changed()


@transaction.atomic
def reorder_connections(*, order: Sequence[UUID], by: Member) -> list[Connection]:
    """Put the chain into this order; every provider is named once."""
    require_admin(by)
    found = {connection.pk: connection for connection in Connection.objects.select_for_update()}
    if len(order) != len(found) or set(order) != set(found):
        raise wrong("order", "Name every provider of this workspace exactly once.", code="order")
    for position, pk in enumerate(order, start=1):
        found[pk].position = position
    Connection.objects.bulk_update(found.values(), ["position"])
    audit.record("provider.reordered", None, by=by, order=[str(found[pk]) for pk in order])
    _changed()
    return list(Connection.objects.select_related("credential"))


@transaction.atomic
def raise_connection(*, connection: Connection, by: Member) -> None:
    """Ask this one before the one above it; the first stays the first."""
    require_admin(by)
    order = list(Connection.objects.select_for_update().values_list("pk", flat=True))
    place = order.index(connection.pk)
    if place:
        order[place - 1 : place + 1] = [order[place], order[place - 1]]
        reorder_connections(order=order, by=by)


@transaction.atomic
def forget_answers(*, by: Member, model: str = "", prompt_version: str = "") -> None:
    """Never again give an answer that was kept until now: any, or those of one model or of one version of a prompt."""
    require_admin(by)
    if model or prompt_version:
        begin_next(Kind.MODEL if model else Kind.PROMPT, model or prompt_version)
    else:
        begin_next(Kind.ANSWERS)
        CachedReply.objects.all().delete()
    audit.record("provider.answers_forgotten", None, by=by, model=model, prompt_version=prompt_version)
    _notify()


def test_connection(*, connection: Connection, by: Member) -> Finding:
    """Ask the provider, with its key, whether it would answer. Not inside a transaction: it takes as long as it takes."""
    require_admin(by)
    finding = try_out(connection)
    audit.record("provider.tested", connection, by=by, ok=finding.ok)
    return finding


def _cleaned(fields: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value for name, value in fields.items() if name != "credential"}
    return {name: CLEAN[name](value) if name in CLEAN else value for name, value in found.items()}


def _check(connection: Connection, *, has_key: bool) -> None:
    provider = Connection.Provider(connection.provider)
    if not connection.name or not connection.name.isprintable():
        raise wrong("name", "Give the provider a name of 1 to 80 characters, such as “Team account”.")
    if provider in IN_THE_HOUSE and not connection.base_url:
        raise wrong("base_url", f"Where does {provider.label} run? Give its address, such as http://localhost:11434.")
    if provider in NEEDS_KEY and not connection.base_url and not has_key:
        raise wrong("credential", f"{provider.label} answers only with a key. Paste one from your account there.")


def _key_again() -> KeyNeededAgain:
    detail = "The address changes, so give the key again: a key is never sent to another address than it was given for."
    return KeyNeededAgain(detail, errors=[FieldError("credential", "key_needed_again", detail)])


def _replace_key(connection: Connection, key: str, changes: Mapping[str, Any]) -> None:
    if key:
        credentials.store(connection, key)
    elif "credential" in changes and hasattr(connection, "credential"):
        connection.credential.delete()


def _save(connection: Connection) -> None:
    try:
        with transaction.atomic():
            connection.save()
    except IntegrityError as clash:
        if "name" not in str(clash):
            raise
        detail = f"There is a provider called “{connection.name}” already."
        raise Conflict(detail, code="name_taken", errors=[FieldError("name", "name_taken", detail)]) from None


def _next_position() -> int:
    return int(Connection.objects.aggregate(last=Max("position"))["last"] or 0) + 1


def _changed() -> None:
    begin_next(Kind.CHAIN)
    _notify()


def _notify() -> None:
    transaction.on_commit(partial(gateways.look_again, current_schema()))
