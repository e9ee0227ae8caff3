"""The form that a play is begun with: the scenario's parameters, then how to play."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from simulations.engine.parameters import Parameter
from simulations.library import definition_of
from simulations.models import Scenario
from simulations.services import MOST_SEED, MOST_STEPS, Settings
from simulations.services.settling import MOST_CALLS, MOST_USD
from tenants.errors import Invalid

PACES = [
    ("2", "2 steps a second"),
    ("5", "5 steps a second"),
    ("15", "15 steps a second"),
    ("0", "as fast as possible"),
]
AFTER_CAP = [
    ("", "what the scenario says"),
    ("rules", "go on by rules"),
    ("pause", "pause, so that somebody decides"),
    ("stop", "stop"),
]
PREFIX = "parameters."


class PlayForm(forms.Form):
    """Fields `parameters.<name>` as the scenario declares them, who decides and at what cost, and `steps`, `seed`, `pace`."""

    policy = forms.ChoiceField(label="Who decides", required=False, help_text="Empty: as the scenario says.")
    model = forms.CharField(
        label="Model", max_length=200, required=False, help_text="A name or a capability. Empty: the scenario's."
    )
    calls = forms.IntegerField(
        label="Calls at most",
        min_value=0,
        max_value=MOST_CALLS,
        required=False,
        help_text="Empty: no bound of its own.",
    )
    usd = forms.FloatField(
        label="US$ at most", min_value=0, max_value=MOST_USD, required=False, help_text="Empty: no bound of its own."
    )
    after_cap = forms.ChoiceField(label="After that", choices=AFTER_CAP, required=False)
    steps = forms.IntegerField(
        label="Steps at most",
        min_value=1,
        max_value=MOST_STEPS,
        help_text="It ends sooner when nothing changes any more.",
    )
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=MOST_SEED,
        required=False,
        help_text="The same seed gives the same play. Empty: another one each time.",
    )
    pace = forms.ChoiceField(label="Pace", choices=PACES, help_text="Can be changed while it plays.")

    def __init__(self, scenario: Scenario, data: Mapping[str, Any] | None = None, **chosen: Any) -> None:
        """`chosen` are parameter values to begin with, in place of the scenario's own."""
        super().__init__(data, initial={"steps": scenario.steps, "seed": scenario.seed, "pace": "5"})
        values = {**scenario.parameters, **chosen}
        fields = {
            PREFIX + parameter.name: field_of(parameter, values.get(parameter.name, parameter.default))
            for parameter in definition_of(scenario).declared()
        }
        self.fields = {**fields, **self.fields}
        self.fields["policy"].choices = [(name, name) for name in definition_of(scenario).policies]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def parameter_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(PREFIX)]

    @property
    def play_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("steps", "seed", "pace")]

    @property
    def model_fields(self) -> list[forms.BoundField]:
        """Of plays that may ask a model."""
        return [self[name] for name in ("model", "calls", "usd", "after_cap")]

    def settings(self) -> Settings:
        """What was chosen, once the form is valid."""
        given = self.cleaned_data
        parameters = {name.removeprefix(PREFIX): value for name, value in given.items() if name.startswith(PREFIX)}
        return Settings(
            parameters=parameters,
            seed=given["seed"],
            policy=given["policy"] or None,
            model=given["model"],
            budget={name: given[name] for name in ("calls", "usd", "after_cap") if given[name] not in (None, "")},
            steps=given["steps"],
            pace=float(given["pace"]),
        )

    def show_refusal(self, refusal: Invalid) -> None:
        """Put a service's refusal beside the fields that it names."""
        for error in refusal.errors:
            field = error.field.removeprefix("budget.")
            self.add_error(field if field in self.fields else None, error.detail)


def field_of(parameter: Parameter, initial: object) -> forms.Field:
    """The form's field for a declared parameter."""
    common: dict[str, Any] = {"label": parameter.label, "help_text": parameter.help, "initial": initial}
    if parameter.kind == "bool":
        return forms.BooleanField(required=False, **common)
    if parameter.kind == "choice":
        return forms.ChoiceField(choices=[(choice, choice.capitalize()) for choice in parameter.choices], **common)
    common |= {"min_value": parameter.minimum, "max_value": parameter.maximum}
    if parameter.kind == "int":
        return forms.IntegerField(widget=_number(parameter.step or 1), **common)
    return forms.FloatField(widget=_number(parameter.step or "any"), **common)


def _number(step: float | str) -> forms.NumberInput:
    return forms.NumberInput(attrs={"step": step, "data-slider": ""})
