"""What is shown of agents and decisions."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from simulations.models import Decision, PlayMessage


class DecisionOptionOut(serializers.Serializer[Any]):
    """One of the things that could be done; `weight` is its probability."""

    action = serializers.CharField()
    args = serializers.DictField()
    weight = serializers.FloatField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        action, args, weight = instance
        return {"action": action, "args": args, "weight": weight}


class ModelExchangeOut(serializers.Serializer[Any]):
    prompt = serializers.CharField()
    answer = serializers.CharField()
    model = serializers.CharField()


class DecisionOut(serializers.ModelSerializer[Decision]):
    """One decision for `count` agents in the same situation, of whom `agent` is the first."""

    options = DecisionOptionOut(many=True)
    exchange = ModelExchangeOut(allow_null=True)
    cost = serializers.FloatField()

    class Meta:
        model = Decision
        fields = (
            "step",
            "archetype",
            "agent",
            "count",
            "source",
            "options",
            "reason",
            "exchange",
            "calls",
            "prompt_tokens",
            "completion_tokens",
            "cost",
            "seconds",
            "lasting",
        )


class PlayMessageOut(serializers.ModelSerializer[PlayMessage]):
    """One message. `sender` is `system` for what was said from outside; `heard` counts inboxes; `note` says who missed it, and why.

    `number` counts all messages of a step from 0. Read in its own step or within `lives` steps after it, if it has that.
    """

    class Meta:
        model = PlayMessage
        fields = (
            "step",
            "number",
            "sender",
            "sender_agent",
            "recipient",
            "recipient_agent",
            "topic",
            "kind",
            "content",
            "priority",
            "lives",
            "heard",
            "state",
            "note",
            "noted_at",
        )


class AgentLineOut(serializers.Serializer[Any]):
    agent = serializers.IntegerField()
    archetype = serializers.CharField(allow_blank=True)
    state = serializers.DictField()


class AgentPageOut(serializers.Serializer[Any]):
    """`next`: the number to ask for with `from`. `stride`: every how many agents one is shown."""

    step = serializers.IntegerField()
    stride = serializers.IntegerField()
    agents = AgentLineOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class AgentChangeOut(serializers.Serializer[Any]):
    step = serializers.IntegerField()
    state = serializers.DictField()


class AgentCardOut(serializers.Serializer[Any]):
    """`history`: what changed at which step, newest first. `decision`: the last one on record so far."""

    agent = serializers.IntegerField()
    archetype = serializers.CharField(allow_blank=True)
    step = serializers.IntegerField()
    state = serializers.DictField()
    history = AgentChangeOut(many=True)
    decision = DecisionOut(allow_null=True)
