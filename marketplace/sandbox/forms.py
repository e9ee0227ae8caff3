"""What a visitor may put into a sample: the manifest's own inputs, filled with its example."""

from __future__ import annotations

from typing import Any

from django import forms

from agents.runtimes.checks import INPUT_LIMIT
from marketplace.manifest.envelope import Manifest, ScenarioManifest
from marketplace.manifest.inputs import ordered
from marketplace.sandbox.trying import played

PREFIX = "input-"
LONG = 80


class SampleForm(forms.Form):
    """One field for each input; for a scenario the presets."""

    def __init__(self, manifest: Manifest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manifest = manifest
        if isinstance(manifest, ScenarioManifest):
            presets = [("", "As it comes"), *((each.name, each.title) for each in manifest.spec.presets)]
            self.fields["preset"] = forms.ChoiceField(label="Play it", choices=presets, required=False)
            return
        example = manifest.inputs.examples[0] if manifest.inputs else {}
        required = manifest.inputs.json_schema.get("required", ()) if manifest.inputs else ()
        for name, field in ordered(manifest.inputs) if manifest.inputs else ():
            self.fields[f"{PREFIX}{name}"] = _field(
                name, field, example.get(name, field.get("default", "")), required=name in required
            )

    def values(self) -> dict[str, Any]:
        """As the inputs of a play."""
        if isinstance(self.manifest, ScenarioManifest):
            return played(self.manifest, self.cleaned_data["preset"])
        return {name.removeprefix(PREFIX): value for name, value in self.cleaned_data.items() if value}


def _field(name: str, field: Any, example: Any, *, required: bool) -> forms.Field:
    told: dict[str, Any] = {
        "label": field.get("title") or name.replace("_", " ").capitalize(),
        "help_text": str(field.get("description", "")),
        "initial": str(example),
        "required": required,
    }
    if field.get("enum"):
        return forms.ChoiceField(choices=[(str(each), str(each)) for each in field["enum"]], **told)
    widget = forms.Textarea(attrs={"rows": 4}) if len(str(example)) > LONG else forms.TextInput()
    most = min(int(field.get("maxLength", INPUT_LIMIT)), INPUT_LIMIT)
    return forms.CharField(max_length=most, widget=widget, **told)
