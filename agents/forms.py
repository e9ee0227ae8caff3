"""What people fill in to run a crew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from agents.pictures.formats import MEDIA_TYPES
from agents.pictures.limits import MOST, MOST_BYTES
from agents.runtimes.checks import INPUT_LIMIT
from agents.runtimes.spec import InputSpec

SHORT = 80
PICTURES = "pictures"
PREFIX = "input-"


class InputsForm(forms.Form):
    """One field for each input of a crew; without a default it must be filled in."""

    def __init__(self, inputs: Iterable[InputSpec], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"{PREFIX}{given.name}": given.name for given in inputs}
        for given in inputs:
            self.fields[f"{PREFIX}{given.name}"] = _field(given)

    def values(self) -> dict[str, str]:
        """Names of the crew's inputs with what was filled in; empty ones are left to their defaults."""
        return {name: value for key, name in self.names.items() if (value := self.cleaned_data[key])}


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class _PicturesField(forms.FileField):
    """Several files; what is in them the service finds out."""

    widget = _SeveralFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(_PicturesField, self).clean(each, initial) for each in data or ()]


class RunForm(InputsForm):
    """The inputs, what the run is shown, and which runs of the workspace go first."""

    TURNS = (("5", "in its turn"), ("9", "before the others"), ("1", "when no other waits"))

    def __init__(self, inputs: Iterable[InputSpec], *args: Any, **kwargs: Any) -> None:
        super().__init__(inputs, *args, **kwargs)
        self.fields[PICTURES] = _PicturesField(
            label="Pictures",
            required=False,
            widget=_SeveralFiles(attrs={"accept": ",".join(MEDIA_TYPES)}),
        )
        self.fields["priority"] = forms.TypedChoiceField(
            label="It goes",
            help_text="Among the runs of this workspace that wait.",
            choices=self.TURNS,
            coerce=int,
            empty_value=None,
            required=False,
        )

    def say_who_looks(self, tasks: Sequence[str], sight: str) -> None:
        """`tasks` in words, and a sentence of what is to be known of the models."""
        most = f"PNG, JPEG, WebP or GIF, at most {MOST}, each up to {MOST_BYTES // 1024**2} MB; where they were taken is not kept."
        seen = f"Shown to {', '.join(f'“{task}”' for task in tasks)}." if tasks else ""
        told = " ".join(filter(None, (most, seen, sight)))
        self.fields[PICTURES].help_text = self[PICTURES].help_text = told


def _field(given: InputSpec) -> forms.CharField:
    is_short = given.default is not None and len(given.default) <= SHORT
    return forms.CharField(
        label=given.name.replace("_", " ").capitalize(),
        help_text=given.description,
        initial=given.default,
        required=given.default is None,
        max_length=INPUT_LIMIT,
        widget=forms.TextInput() if is_short else forms.Textarea(attrs={"rows": 3}),
    )
