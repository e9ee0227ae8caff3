"""Conversations: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from projects.models import Run
from simulations.chat.services import MOST_MESSAGE

STATUSES = [*Run.Status.values, "missing"]


class SayIn(serializers.Serializer[Any]):
    message = serializers.CharField(max_length=MOST_MESSAGE)


class SaidOut(serializers.Serializer[Any]):
    """One utterance; `role` is the role's name in the scenario."""

    role = serializers.CharField()
    speaker = serializers.CharField()
    text = serializers.CharField()


class ExchangeOut(serializers.Serializer[Any]):
    """What was said and what was answered. `status` is that of the run; `missing`: the run was deleted."""

    number = serializers.IntegerField()
    message = serializers.CharField()
    said_by = serializers.CharField()
    said_at = serializers.DateTimeField()
    run = serializers.UUIDField(source="run_id")
    status = serializers.ChoiceField(choices=STATUSES)
    detail = serializers.CharField()
    replies = SaidOut(many=True)
    tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=12, decimal_places=6)
    offline = serializers.BooleanField()


class OpeningOut(serializers.Serializer[Any]):
    by = serializers.CharField()
    text = serializers.CharField()


class HistoryOut(serializers.Serializer[Any]):
    """A conversation from its beginning. `results` is null until it is completed."""

    you = serializers.CharField(source="spec.you")
    situation = serializers.CharField(source="spec.situation")
    goals = serializers.ListField(child=serializers.CharField(), source="spec.goals")
    opening = OpeningOut(source="spec.opening", allow_null=True)
    turns = ExchangeOut(many=True, source="exchanges")
    turns_left = serializers.IntegerField()
    results = ExchangeOut(allow_null=True)
    tokens = serializers.IntegerField()
    cost = serializers.DecimalField(max_digits=12, decimal_places=6)
