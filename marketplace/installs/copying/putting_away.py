"""Removed copies, kept as rows until the day is over, so that removing can be undone to the last detail."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.core import serializers
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model

from agents.knowledge.models import KnowledgeCollection
from agents.models import Crew
from agents.services.bringing import free_name
from simulations.models import Scenario, Simulation
from tenants.errors import Conflict


def put_away(rows: Iterable[Model]) -> dict[str, Any]:
    """The rows as plain JSON, and which plays belong to a scenario among them: deleting it unties those."""
    kept = list(rows)
    scenarios = [row.pk for row in kept if isinstance(row, Scenario)]
    plays = Simulation.objects.filter(scenario__in=scenarios).values_list("pk", flat=True)
    return {"rows": json.loads(serializers.serialize("json", kept)), "plays": [str(pk) for pk in plays]}


def bring_back(kept: dict[str, Any], label: str) -> Any:
    """Put the rows back under their own ids, and give the one of the model `label`, as in "agents.crew"."""
    rows = [_fitting(row) for row in kept["rows"]]
    try:
        with transaction.atomic():
            made = list(serializers.deserialize("python", rows))
            for found in made:
                found.save()
            connection.check_constraints()
    except (IntegrityError, DeserializationError) as error:
        raise Conflict(
            "What it worked with is gone meanwhile, so it cannot be brought back as it was. Install it again.",
            code="cannot_restore",
        ) from error
    subject = next(found.object for found in made if found.object._meta.label_lower == label)
    if isinstance(subject, Scenario):
        Simulation.objects.filter(pk__in=kept["plays"], scenario=None).update(scenario=subject)
    return subject


def _fitting(row: dict[str, Any]) -> dict[str, Any]:
    """A row as it can be stored now: a name that was taken meanwhile has a number, collections that are gone are left out."""
    fields = dict(row["fields"])
    if row["model"] == Crew._meta.label_lower:
        fields["name"] = free_name(fields["name"])
    if "collections" in fields:
        there = KnowledgeCollection.objects.filter(pk__in=fields["collections"]).values_list("pk", flat=True)
        fields["collections"] = [str(pk) for pk in there]
    return {**row, "fields": fields}
