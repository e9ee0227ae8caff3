"""What an admin fills in about a provider."""

from __future__ import annotations

from typing import Any

from django import forms

from agents.connections.models import Connection

ADDRESS_HELP = (
    "Empty for OpenAI, Anthropic and Gemini themselves. Ollama and llama.cpp need one, as in http://localhost:11434."
)
KEY_HELP = "It is kept sealed and never shown again."
KEPT_KEY_HELP = "Empty keeps the present key. With another address it has to be given again."
PRICES_HELP = "One model per line: name, USD per million tokens of the question, of the answer. As in: my-model 0.5 1.5"
MAPPING_HELP = "One per line, as in: gpt-4o = my-server-model"


class ConnectionForm(forms.Form):
    name = forms.CharField(label="Name", max_length=80, help_text="As in “Team account”.")
    provider = forms.ChoiceField(label="Provider", choices=Connection.Provider.choices)
    base_url = forms.CharField(label="Address", max_length=400, required=False, help_text=ADDRESS_HELP)
    credential = forms.CharField(
        label="Key",
        max_length=400,
        required=False,
        help_text=KEY_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    model = forms.CharField(
        label="Model", max_length=200, required=False, help_text="Asked for where an agent names none."
    )

    def wishes(self) -> dict[str, Any]:
        """What was filled in, as the service takes it; an empty key says nothing about the key."""
        found = dict(self.cleaned_data)
        if not found["credential"]:
            del found["credential"]
        return found


class ConnectionChangeForm(ConnectionForm):
    is_enabled = forms.BooleanField(label="Use it", required=False)
    is_private = forms.BooleanField(
        label="It is a machine in the house: no call jumps over it to a later provider", required=False
    )
    requests_per_minute = forms.IntegerField(
        label="Requests a minute", min_value=0, max_value=1_000_000, help_text="0 for no limit."
    )
    tokens_per_minute = forms.IntegerField(
        label="Tokens a minute", min_value=0, max_value=1_000_000_000, help_text="0 for no limit."
    )
    mapping = forms.CharField(
        label="Other names of models", required=False, help_text=MAPPING_HELP, widget=forms.Textarea(attrs={"rows": 3})
    )
    prices = forms.CharField(
        label="Prices", required=False, help_text=PRICES_HELP, widget=forms.Textarea(attrs={"rows": 3})
    )
    no_key = forms.BooleanField(label="Remove the key", required=False)

    def __init__(self, *args: Any, has_key: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_key:
            self.fields["credential"].help_text = KEPT_KEY_HELP
        else:
            del self.fields["no_key"]

    def clean_mapping(self) -> dict[str, str]:
        lines = [line.partition("=") for line in _lines(self.cleaned_data["mapping"])]
        if any(not sign for _, sign, _ in lines):
            raise forms.ValidationError("Write each line as: asked-for name = served name.")
        return {asked.strip(): served.strip() for asked, _, served in lines}

    def clean_prices(self) -> dict[str, dict[str, str]]:
        lines = [line.rsplit(maxsplit=2) for line in _lines(self.cleaned_data["prices"])]
        if any(len(line) != 3 for line in lines):
            raise forms.ValidationError("Write each line as: model, price of the question, price of the answer.")
        return {model: {"prompt": prompt, "completion": completion} for model, prompt, completion in lines}

    def wishes(self) -> dict[str, Any]:
        found = super().wishes()
        if found.pop("no_key", False):
            found["credential"] = ""
        return found


def filled(connection: Connection) -> dict[str, Any]:
    """The form's first values; the key is none of them."""
    plain = (
        "name", "provider", "base_url", "model", "is_enabled", "is_private", "requests_per_minute", "tokens_per_minute",
    )  # fmt: skip
    return {
        **{name: getattr(connection, name) for name in plain},
        "mapping": "\n".join(f"{asked} = {served}" for asked, served in connection.mapping.items()),
        "prices": "\n".join(f"{name} {of['prompt']} {of['completion']}" for name, of in connection.prices.items()),
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
