"""What may be sent (`In`), what may be changed (`Change`: not the key, not what a play began with), what is shown (`Out`)."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from simulations.interventions.serializers import SeatQuestionOut
from simulations.interventions.waiting import questions_of
from simulations.library import comparisons, find_definition, metrics_told
from simulations.models import Scenario, Simulation
from simulations.services import MOST_PACE, MOST_SEED, MOST_STEPS
from simulations.services.settling import AFTER_CAP, MOST_CALLS, MOST_TOKENS, MOST_USD

MOST_POLICY = 60
PARAMETER_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


class ParametersField(serializers.DictField):
    """Names and values as the scenario declares them; what is left out has its default."""

    def to_internal_value(self, data: Any) -> Any:
        names = super().to_internal_value(data)
        if any(not PARAMETER_NAME.fullmatch(name) for name in names):
            raise serializers.ValidationError(
                "Names of parameters are small letters, digits and underscores.", code="name"
            )
        return names


def _seed(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=MOST_SEED, allow_null=True, **more)


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]})
class PolicyField(serializers.JSONField):
    """The name of one policy for all, or one for each archetype."""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        names = list(given.values()) if isinstance(given, dict) else [given]
        if not names or not all(isinstance(name, str) and 0 < len(name) <= MOST_POLICY for name in names):
            raise serializers.ValidationError("A policy is a name, or {archetype: name}.", code="policy")
        return given


class PlayBudgetIn(serializers.Serializer[Any]):
    """The most that models may be asked, each null or left out for no bound; and what happens after it."""

    calls = serializers.IntegerField(min_value=0, max_value=MOST_CALLS, required=False, allow_null=True)
    tokens = serializers.IntegerField(min_value=0, max_value=MOST_TOKENS, required=False, allow_null=True)
    usd = serializers.FloatField(min_value=0, max_value=MOST_USD, required=False, allow_null=True)
    after_cap = serializers.ChoiceField(choices=AFTER_CAP, required=False)

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else set()
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), f"A budget has: {known}."))
        return super().to_internal_value(data)


def steps_field(**more: Any) -> serializers.IntegerField:
    return _steps(**more)


def _steps(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=MOST_STEPS, **more)


class ScenarioChange(serializers.Serializer[Scenario]):
    name = serializers.CharField(max_length=120)
    summary = serializers.CharField(max_length=300, allow_blank=True)
    description = serializers.CharField(max_length=10_000, allow_blank=True)
    parameters = ParametersField()
    policy = serializers.CharField(max_length=60)
    steps = _steps()
    seed = _seed()


class ScenarioIn(serializers.Serializer[Scenario]):
    """A scenario of the library, with a workspace's own defaults."""

    key = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=120, required=False)
    summary = serializers.CharField(max_length=300, required=False)
    description = serializers.CharField(max_length=10_000, required=False)
    parameters = ParametersField(required=False)
    policy = serializers.CharField(max_length=60, required=False)
    steps = _steps(required=False)
    seed = _seed(required=False)


class ParameterOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=["int", "float", "choice", "bool"])
    default = serializers.JSONField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not DRF's attribute
    help = serializers.CharField()
    minimum = serializers.FloatField(allow_null=True)
    maximum = serializers.FloatField(allow_null=True)
    choices = serializers.ListField(child=serializers.CharField())


class MetricOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not DRF's attribute
    unit = serializers.CharField()
    help = serializers.CharField()


class PresetOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    parameters = ParametersField()


class ScenarioOut(serializers.ModelSerializer[Scenario]):
    """`declared` is what may be set, from the library; `parameters` are this workspace's own defaults."""

    parameters = ParametersField()
    presets = PresetOut(many=True)
    playable = serializers.SerializerMethodField()
    declared = serializers.SerializerMethodField()
    metrics = serializers.SerializerMethodField()
    policies = serializers.SerializerMethodField()

    class Meta:
        model = Scenario
        fields = (
            "id",
            "key",
            "name",
            "summary",
            "description",
            "parameters",
            "presets",
            "policy",
            "steps",
            "seed",
            "source",
            "playable",
            "declared",
            "metrics",
            "policies",
            "created_at",
            "updated_at",
        )

    def get_playable(self, scenario: Scenario) -> bool:
        return find_definition(scenario) is not None

    @extend_schema_field(ParameterOut(many=True))
    def get_declared(self, scenario: Scenario) -> Any:
        known = find_definition(scenario)
        return ParameterOut(known.declared(), many=True).data if known else []

    @extend_schema_field(MetricOut(many=True))
    def get_metrics(self, scenario: Scenario) -> Any:
        known = find_definition(scenario)
        return MetricOut(metrics_told(known), many=True).data if known else []

    def get_policies(self, scenario: Scenario) -> list[str]:
        known = find_definition(scenario)
        return list(known.policies) if known else []


class SimulationIn(serializers.Serializer[Simulation]):
    """A play. With `start` false it waits, ready, until it is resumed or stepped."""

    scenario = serializers.UUIDField()
    parameters = ParametersField(required=False)
    seed = _seed(required=False)
    policy = PolicyField(required=False)
    model = serializers.CharField(max_length=200, required=False, allow_blank=True)
    budget = PlayBudgetIn(required=False)
    steps = _steps(required=False)
    pace = serializers.FloatField(min_value=0, max_value=MOST_PACE, required=False)
    title = serializers.CharField(max_length=160, required=False)
    start = serializers.BooleanField(default=True)


class SimulationChange(serializers.Serializer[Simulation]):
    pace = serializers.FloatField(min_value=0, max_value=MOST_PACE)


class PublishedOut(serializers.Serializer[Any]):
    """A published range beside what this one play measured; the range is for the mean of several."""

    metric = serializers.CharField(source="expected.metric")
    low = serializers.FloatField(source="expected.low")
    high = serializers.FloatField(source="expected.high")
    source = serializers.CharField(source="expected.source")  # type: ignore[assignment]  # as above
    measured = serializers.FloatField(allow_null=True)
    holds = serializers.BooleanField()


class SimulationOut(serializers.ModelSerializer[Simulation]):
    scenario = serializers.UUIDField(source="scenario_id", allow_null=True)
    parameters = ParametersField()
    metrics = serializers.DictField(child=serializers.FloatField())
    published = serializers.SerializerMethodField()
    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]  # as above
    assign = serializers.DictField(child=serializers.CharField())
    budget = serializers.DictField()
    decisions = serializers.DictField(child=serializers.IntegerField())
    population = serializers.DictField(child=serializers.IntegerField())
    cost = serializers.FloatField()
    waiting = serializers.SerializerMethodField()

    class Meta:
        model = Simulation
        fields = (
            "id",
            "scenario",
            "key",
            "title",
            "status",
            "step",
            "steps",
            "until",
            "seed",
            "policy",
            "assign",
            "model",
            "budget",
            "parameters",
            "population",
            "pace",
            "mode",
            "parent",
            "branched_at",
            "metrics",
            "digest",
            "run_hash",
            "scenario_digest",
            "published",
            "decisions",
            "fallbacks",
            "refused",
            "llm_calls",
            "tokens",
            "cost",
            "served_by",
            "said_kept",
            "said_cut_at",
            "waiting",
            "stop_reason",
            "stop_detail",
            "last_seq",
            "started_by",
            "created_at",
            "started_at",
            "finished_at",
        )

    @extend_schema_field(PublishedOut(many=True))
    def get_published(self, simulation: Simulation) -> Any:
        return PublishedOut(comparisons(simulation), many=True).data

    @extend_schema_field(SeatQuestionOut(many=True))
    def get_waiting(self, simulation: Simulation) -> Any:
        return SeatQuestionOut(questions_of(simulation), many=True).data


class FrameOut(serializers.Serializer[Any]):
    """`picture`: a binary frame of version 1 in base64; `hello/` says what its columns are."""

    seq = serializers.IntegerField()
    step = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["keyframe", "delta"])
    picture = serializers.CharField()
    metrics = serializers.DictField(child=serializers.FloatField())
    digest = serializers.CharField()


class FramesOut(serializers.Serializer[Any]):
    frames = FrameOut(many=True)
    next = serializers.IntegerField(allow_null=True)


class ColumnOut(serializers.Serializer[Any]):
    """A column of the frames, by its place in this list. `low` < `high`: low + word / 65,535 * (high - low)."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field, not DRF's attribute
    type = serializers.ChoiceField(choices=["u1", "u2", "u4", "i2", "i4", "f4"])
    low = serializers.FloatField()
    high = serializers.FloatField()
    words = serializers.ListField(child=serializers.CharField())


class LayerOut(serializers.Serializer[Any]):
    """Which columns a picture is drawn by."""

    color = serializers.CharField(allow_null=True)
    mark = serializers.CharField(allow_null=True)
    size = serializers.CharField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # as above


class GroupOut(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # as above
    first = serializers.IntegerField()
    count = serializers.IntegerField()


class HelloOut(serializers.Serializer[Any]):
    """`space`: {kind: grid, width, height, torus, hex}, {kind: continuous, width, height}, {kind: network, positions, links}
    (flat pairs) or {kind: none}. `stride`: every how many agents one is shown."""

    version = serializers.IntegerField()
    rows = serializers.IntegerField()
    stride = serializers.IntegerField()
    space = serializers.DictField()
    columns = ColumnOut(many=True)
    layers = LayerOut(many=True)
    histograms = serializers.ListField(child=serializers.CharField())
    charts = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    metrics = MetricOut(many=True)
    archetypes = GroupOut(many=True)


class HappeningOut(serializers.Serializer[Any]):
    step = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=["decision", "intervention"])
    text = serializers.CharField()
    by = serializers.CharField(allow_blank=True)


class NoteOut(serializers.Serializer[Any]):
    step = serializers.IntegerField()
    note = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField()


class HappeningsOut(serializers.Serializer[Any]):
    events = HappeningOut(many=True)
    notes = NoteOut(many=True)
