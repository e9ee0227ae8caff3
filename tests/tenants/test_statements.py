"""Statements that stay prepared on their connection, and follow the workspace all the same."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from projects.models import Project
from tenants import statements
from tenants.context import PUBLIC, enter

KNOWN = "SELECT count(*) FROM pg_prepared_statements WHERE statement = %s"
OWN = "SELECT name FROM projects_project WHERE name <> ALL(%(without)s) ORDER BY name"


def _project(schema: str, name: str) -> None:
    with enter(schema):
        Project.objects.create(name=name)


@pytest.mark.django_db
def test_one_is_parsed_once_and_read_in_the_workspace_of_the_moment() -> None:
    _project("t_acme", "Road works")
    _project("t_globex", "Dam")
    without = {"without": ["General"]}
    for _ in range(2):
        with enter("t_acme"):
            assert statements.fetch(OWN, without) == [("Road works",)]
        with enter("t_globex"):
            assert statements.fetch(OWN, without) == [("Dam",)]
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [OWN.replace("%(without)s", "$1")])
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_outside_of_a_workspace_there_is_nothing_to_read() -> None:
    with enter(PUBLIC), pytest.raises(DatabaseError, match="projects_project"), transaction.atomic():
        statements.fetch(OWN, {"without": []})


@pytest.mark.django_db
def test_what_changes_rows_says_nothing_back() -> None:
    _project("t_acme", "Road works")
    with enter("t_acme"):
        assert statements.fetch("DELETE FROM projects_project WHERE name = %s", ["Road works"]) == []
        assert statements.fetch(OWN, {"without": ["General"]}) == []


def test_several_in_turn_are_one_transaction(fresh_db: None) -> None:
    """The second sees what the first left; what the third cannot do undoes both."""
    made = "INSERT INTO projects_project (id, created_at, updated_at, name, description) VALUES (gen_random_uuid(), now(), now(), %s, '')"
    insert = (made, ["Bridge"])
    with enter("t_acme"):
        with pytest.raises(DatabaseError, match="division by zero"):
            statements.fetch_in_turn(insert, ("SELECT 1 / %s::int", [0]))
        assert statements.fetch(OWN, {"without": ["General"]}) == []
        assert statements.fetch_in_turn(insert, (OWN, {"without": ["General"]})) == [[], [("Bridge",)]]
