"""The form that a sweep is drafted with: values for each parameter, seeds, how to combine, who decides, limits."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms

from simulations.engine.parameters import Parameter, Value
from simulations.engine.spec import ScenarioSpec
from simulations.models import Scenario
from simulations.services import MOST_STEPS
from simulations.sweeps.drafting import NewSweep
from simulations.sweeps.models import Sweep
from simulations.sweeps.plan import MOST_SEED
from tenants.errors import Invalid

PREFIX = "parameters."
HOW = [
    ("grid", "Every combination of the values"),
    ("latin_hypercube", "Samples between two values each: Latin hypercube"),
    ("sobol", "Samples between two values each: Sobol's sequence"),
    ("sensitivity", "Bins of what agents see: each once coarser, once finer"),
]


class SweepForm(forms.Form):
    """Fields `parameters.<name>` with values as text, and how to play."""

    how = forms.ChoiceField(label="Which runs", choices=HOW, initial="grid")
    samples = forms.IntegerField(
        label="Samples",
        min_value=1,
        max_value=10_000_000,
        initial=16,
        required=False,
        help_text="Only where samples are drawn.",
    )
    seeds = forms.IntegerField(
        label="Seeds",
        min_value=1,
        max_value=10_000_000,
        initial=10,
        help_text="Every set of values is played with so many distinct seeds.",
    )
    first_seed = forms.IntegerField(
        label="First seed", min_value=0, max_value=MOST_SEED, required=False, help_text="The others follow it."
    )
    steps = forms.IntegerField(label="Steps at most", min_value=1, max_value=MOST_STEPS)
    policy = forms.ChoiceField(label="Who decides")
    model = forms.CharField(
        label="Model", max_length=200, required=False, help_text="Where a model is asked; empty: the scenario's."
    )
    cap_calls = forms.IntegerField(
        label="Model calls at most", min_value=0, max_value=2**31 - 1, required=False, help_text="Of all runs together."
    )
    cap_usd = forms.DecimalField(
        label="Dollars at most",
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=6,
        required=False,
        help_text="Of all runs together.",
    )

    def __init__(self, scenario: Scenario, spec: ScenarioSpec, data: Mapping[str, Any] | None = None) -> None:
        initial = {"steps": scenario.steps, "first_seed": scenario.seed, "policy": scenario.policy}
        super().__init__(data, initial=initial)
        self.declared = {parameter.name: parameter for parameter in spec.declared()}
        values = {PREFIX + name: _field(each, scenario.parameters) for name, each in self.declared.items()}
        self.fields = {**values, **self.fields}
        self.fields["policy"].choices = [(name, name) for name in spec.policies]  # type: ignore[attr-defined]

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    @property
    def play_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if not name.startswith(PREFIX)]

    def clean(self) -> dict[str, Any]:
        """Values as the parameters want them; a range takes exactly two."""
        given = super().clean() or {}
        for name, parameter in self.declared.items():
            text = given.get(PREFIX + name)
            if text:
                self._take(given, parameter, text)
        return given

    def _take(self, given: dict[str, Any], parameter: Parameter, text: str) -> None:
        field = PREFIX + parameter.name
        try:
            values = [_value(parameter, each) for each in text.replace(";", ",").split(",") if each.strip()]
        except ValueError:
            self.add_error(field, f"{parameter.label} takes values like {parameter.default}, separated by commas.")
            return
        if given.get("how") in {"latin_hypercube", "sobol"} and len(values) > 2:
            self.add_error(field, "To sample, give one value, or the lowest and the highest.")
        given[field] = values

    def new(self) -> NewSweep:
        """What was asked for, once the form is valid."""
        given = self.cleaned_data
        chosen = {name: given.get(PREFIX + name) or [] for name in self.declared}
        fixed = {name: values[0] for name, values in chosen.items() if len(values) == 1}
        varied = {name: values for name, values in chosen.items() if len(values) > 1}
        sensitivity = given["how"] == "sensitivity"
        return NewSweep(
            design={**self._design(varied), "seeds": given["seeds"]},
            kind=Sweep.Kind.SENSITIVITY if sensitivity else Sweep.Kind.PARAMETERS,
            parameters=fixed,
            first_seed=given["first_seed"],
            policy=given["policy"],
            model=given["model"],
            cap_calls=given["cap_calls"],
            cap_usd=given["cap_usd"],
            steps=given["steps"],
        )

    def _design(self, varied: Mapping[str, list[Value]]) -> dict[str, Any]:
        if not varied:
            return {}
        how = self.cleaned_data["how"]
        if how in {"grid", "sensitivity"}:
            return {"grid": dict(varied)}
        return {how: {"samples": self.cleaned_data["samples"] or 16, "ranges": dict(varied)}}

    def show_refusal(self, refusal: Invalid) -> None:
        """Put a refusal beside the fields that it names."""
        for error in refusal.errors:
            self.add_error(error.field if error.field in self.fields else None, error.detail)
        if not refusal.errors:
            self.add_error(None, refusal.detail)


def _field(parameter: Parameter, own: Mapping[str, Any]) -> forms.Field:
    allowed = ", ".join(parameter.choices)
    if parameter.kind in {"int", "float"} and parameter.minimum is not None and parameter.maximum is not None:
        allowed = f"{parameter.minimum:g} to {parameter.maximum:g}"
    return forms.CharField(
        label=parameter.label,
        max_length=2000,
        initial=own.get(parameter.name, parameter.default),
        help_text=f"Several values separated by commas; {allowed}."
        if allowed
        else "Several values separated by commas.",
    )


def _value(parameter: Parameter, text: str) -> Value:
    word = text.strip()
    if parameter.kind == "int":
        return int(word)
    if parameter.kind == "float":
        return float(word)
    if parameter.kind == "bool":
        return {"true": True, "false": False}[word.lower()] if word.lower() in {"true", "false"} else _no(word)
    return word


def _no(word: str) -> bool:
    raise ValueError(word)
