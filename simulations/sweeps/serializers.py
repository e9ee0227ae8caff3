"""Sweeps: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from simulations.services import MOST_STEPS
from simulations.sweeps.models import Point, Sweep
from simulations.sweeps.plan import MOST_SEED

_VALUE = "a number, a word, true or false"


class SampledIn(serializers.Serializer[Any]):
    samples = serializers.IntegerField(min_value=1, max_value=10_000_000)
    ranges = serializers.DictField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2), allow_empty=False
    )


class SweepDesignIn(serializers.Serializer[Any]):
    """At most one of `grid` (all combinations), `list`, `latin_hypercube` and `sobol`; each set is played with every seed."""

    grid = serializers.DictField(
        child=serializers.ListField(child=serializers.JSONField(), min_length=1, max_length=10_000),
        required=False,
        allow_empty=False,
        help_text=f"{{parameter: [value, …]}}; a value is {_VALUE}.",
    )
    list = serializers.ListField(
        child=serializers.DictField(child=serializers.JSONField()), required=False, min_length=1, max_length=10_000
    )
    latin_hypercube = SampledIn(required=False)
    sobol = SampledIn(required=False)
    seeds = serializers.IntegerField(min_value=1, max_value=10_000_000, default=1)


class RunCapIn(serializers.Serializer[Any]):
    """What one run may take."""

    calls = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False)
    tokens = serializers.IntegerField(min_value=0, max_value=2**53, required=False)
    usd = serializers.FloatField(min_value=0, max_value=1e6, required=False)
    after_cap = serializers.ChoiceField(choices=["rules", "stop"], required=False)


class SweepDraftIn(serializers.Serializer[Any]):
    """What is left out comes from the scenario. `cap_calls` and `cap_usd` are for all runs together."""

    scenario = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Sweep.Kind.choices, default=Sweep.Kind.PARAMETERS)
    design = SweepDesignIn(required=False)
    parameters = serializers.DictField(child=serializers.JSONField(), required=False)
    first_seed = serializers.IntegerField(min_value=0, max_value=MOST_SEED, required=False, allow_null=True)
    policy = serializers.CharField(max_length=60, required=False)
    model = serializers.CharField(max_length=200, required=False, allow_blank=True)
    budget = RunCapIn(required=False)
    cap_calls = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)
    cap_usd = serializers.DecimalField(max_digits=14, decimal_places=6, min_value=0, required=False, allow_null=True)
    steps = serializers.IntegerField(min_value=1, max_value=MOST_STEPS, required=False, allow_null=True)


class SweepIn(SweepDraftIn):
    title = serializers.CharField(max_length=160, required=False)
    start = serializers.BooleanField(default=False)


class SweepEstimateOut(serializers.Serializer[Any]):
    """Before it begins. `calls_expected` rests on plays of the same scenario (`basis`: rules, plays, nothing)."""

    runs = serializers.IntegerField()
    known = serializers.IntegerField(help_text="Runs that were finished before; they are not played again.")
    agents = serializers.IntegerField()
    agent_steps = serializers.IntegerField()
    calls_least = serializers.IntegerField()
    calls_expected = serializers.IntegerField()
    calls_most = serializers.IntegerField()
    cost_least = serializers.FloatField()
    cost_expected = serializers.FloatField()
    cost_most = serializers.FloatField()
    basis = serializers.ChoiceField(choices=["rules", "plays", "nothing"])


class SweepOut(serializers.ModelSerializer[Sweep]):
    scenario = serializers.UUIDField(source="scenario_id", allow_null=True)
    estimate = SweepEstimateOut()
    design = serializers.DictField()
    parameters = serializers.DictField()
    budget = serializers.DictField()

    class Meta:
        model = Sweep
        fields = (
            "id",
            "title",
            "scenario",
            "key",
            "kind",
            "status",
            "detail",
            "design",
            "parameters",
            "axes",
            "first_seed",
            "policy",
            "model",
            "budget",
            "cap_calls",
            "cap_usd",
            "steps",
            "runs",
            "done",
            "failed",
            "reused",
            "llm_calls",
            "tokens",
            "cost",
            "estimate",
            "started_by",
            "created_at",
            "finished_at",
        )


class SweepFigureOut(serializers.Serializer[Any]):
    metric = serializers.CharField()
    n = serializers.IntegerField()
    mean = serializers.FloatField()
    low = serializers.FloatField(allow_null=True, help_text="Lower end of the 95 % interval; null below two runs.")
    high = serializers.FloatField(allow_null=True)
    least = serializers.FloatField()
    most = serializers.FloatField()
    shift = serializers.FloatField(
        allow_null=True, help_text="In a sweep of bins: mean less the mean of the scenario as declared."
    )


class SweepCellOut(serializers.Serializer[Any]):
    """One set of parameters; of these only what differs between cells."""

    number = serializers.IntegerField()
    parameters = serializers.DictField()
    variant = serializers.CharField(allow_blank=True)
    runs = serializers.IntegerField()
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    llm_calls = serializers.IntegerField()
    figures = SweepFigureOut(many=True)


class SweepResultsOut(serializers.Serializer[Any]):
    interval = serializers.ChoiceField(choices=["t", "bootstrap"])
    axes = serializers.ListField(child=serializers.CharField())
    cells = SweepCellOut(many=True)


class SweepPointOut(serializers.ModelSerializer[Point]):
    """One run. `number` counts from 0."""

    simulation = serializers.UUIDField(source="simulation_id", allow_null=True)
    cell = serializers.IntegerField(source="cell.number")
    metrics = serializers.DictField()

    class Meta:
        model = Point
        fields = (
            "id", "number", "cell", "seed", "status", "run_hash", "is_reused", "attempts", "simulation", "metrics", "detail",
        )  # fmt: skip
