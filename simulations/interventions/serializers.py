"""What may be sent (`In`) and what is shown (`Out`) of interventions, seats and questions."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from simulations.models import Intervention, Seat

INJECTED = ["parameter", "event", "message"]


@extend_schema_field({"type": ["number", "string", "boolean", "object"]})
class ValueField(serializers.JSONField):
    """A number, a word, yes or no."""


class InjectionIn(serializers.Serializer[Any]):
    """`target`: the name of a live parameter, of what all share, or the number of an agent."""

    kind = serializers.ChoiceField(choices=INJECTED)
    target = serializers.CharField(max_length=120)
    value = ValueField()


class InterventionOut(serializers.ModelSerializer[Intervention]):
    value = ValueField(allow_null=True)

    class Meta:
        model = Intervention
        fields = ("number", "step", "kind", "target", "value", "by", "created_at")


class SeatIn(serializers.Serializer[Seat]):
    agent = serializers.IntegerField(min_value=0, max_value=999_999_999)


class SeatOut(serializers.ModelSerializer[Seat]):
    class Meta:
        model = Seat
        fields = ("id", "archetype", "agent", "taken_by", "created_at")


class SeatQuestionOut(serializers.Serializer[Any]):
    """What an agent sees and may do, put to a person."""

    agent = serializers.IntegerField()
    archetype = serializers.CharField()
    step = serializers.IntegerField()
    observation = serializers.DictField()
    legal = serializers.ListField(child=serializers.CharField())
    messages = serializers.ListField(child=serializers.CharField())
    asked_at = serializers.DateTimeField()


class SeatsOut(serializers.Serializer[Any]):
    seats = SeatOut(many=True)
    questions = SeatQuestionOut(many=True)


class SeatAnswerIn(serializers.Serializer[Any]):
    """`args` as the action declares them."""

    agent = serializers.IntegerField(min_value=0, max_value=999_999_999)
    action = serializers.CharField(max_length=60)
    args = serializers.DictField(child=serializers.JSONField(), required=False)
