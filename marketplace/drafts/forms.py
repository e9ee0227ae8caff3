"""What people fill in, task by task, and how it becomes sections of a manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from django import forms

from marketplace.manifest.envelope import CATEGORIES, Licence
from marketplace.manifest.permissions import Meaning
from marketplace.manifest.powers import code_of
from marketplace.manifest.text import SEMVER
from marketplace.models import Listing

Told = dict[str, Any]
LICENCES = [(name, name) for name in get_args(Licence)]
WHY = "In one sentence, for whoever is asked to grant it."
BOUNDS = {"minutes": 15, "usd": 1.0}
"""What bounds one run where the builder says nothing."""


def _words(label: str, help_text: str, most: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=most, **more)


def _area(label: str, help_text: str, most: int, *, rows: int = 3, **more: Any) -> forms.CharField:
    return _words(label, help_text, most, widget=forms.Textarea(attrs={"rows": rows}), **more)


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def named_of(text: str) -> list[str]:
    """What is listed with commas, in small letters."""
    return list(dict.fromkeys(part.strip().lower().replace(" ", "-") for part in text.split(",") if part.strip()))


class TextForm(forms.Form):
    """Task 2: the words of the listing."""

    title = _words("Title", "What people look for, as in “Contract reader”.", 120)
    name = forms.RegexField(
        r"^[a-z0-9](-?[a-z0-9]){0,49}\Z",
        label="Address",
        help_text="Small letters, digits and hyphens; the listing keeps it for good.",
        max_length=50,
    )
    summary = _words("Summary", "One line: what does somebody get from it?", 160)
    description = _area(
        "Description", "What it does, how it goes about it, what it does not do. Markdown.", 20_000, rows=10
    )
    category = forms.ChoiceField(
        label="Category", choices=[(name, name.replace("-", " ").capitalize()) for name in CATEGORIES]
    )
    tags = _words("Tags", "Up to ten, with commas between.", 400, required=False)
    license = forms.ChoiceField(label="Licence", choices=LICENCES, initial="MIT")
    data_goes_to = _area(
        "Who receives data", "Which providers and hosts see the inputs, the documents, the answers?", 400, rows=2
    )
    personal_data = _area("Personal data", "Which does it ask for or meet? “None.” is an answer.", 400, rows=2)
    known_limits = _area("Known limits", "One per line: what goes wrong, what it must not be used for.", 2_000)
    human_oversight = _area("Human oversight", "Where does a person look before something happens?", 400, rows=2)

    def clean_tags(self) -> list[str]:
        return named_of(self.cleaned_data["tags"])[:10]

    def clean_known_limits(self) -> list[str]:
        return lines_of(self.cleaned_data["known_limits"])[:10]

    def told(self) -> Told:
        """As sections of a manifest."""
        said = self.cleaned_data
        plain = ("title", "name", "summary", "description", "tags", "license")
        disclosed = ("data_goes_to", "personal_data", "known_limits", "human_oversight")
        metadata = {name: _unix(said[name]) for name in plain} | {"categories": [said["category"]]}
        return {"metadata": metadata, "disclosure": {name: _unix(said[name]) for name in disclosed}}

    @classmethod
    def initial_of(cls, about: Mapping[str, Any]) -> Told:
        metadata, disclosure = about.get("metadata", {}), about.get("disclosure", {})
        return {
            **metadata,
            **disclosure,
            "category": next(iter(metadata.get("categories", ())), "other"),
            "tags": ", ".join(metadata.get("tags", ())),
            "known_limits": "\n".join(disclosure.get("known_limits", ())),
        }


def _unix(value: Any) -> Any:
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


class SampleForm(forms.Form):
    """Task 3: an example for every input, and what its answer must hold; the platform tries it before anybody installs."""

    def __init__(self, document: Mapping[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        schema = document.get("inputs", {}).get("schema", {})
        self.properties: dict[str, Any] = schema.get("properties", {})
        for name, described in self.properties.items():
            self.fields[f"example-{name}"] = _area(
                f"Example: {described.get('title') or name.replace('_', ' ')}",
                str(described.get("description", "")),
                10_000,
                rows=2,
                required="default" not in described,
            )
        if self.properties:
            self._ask_for_expectations(reads_documents=bool(document.get("requires", {}).get("documents")))
            self._ask_for_bounds()
        if document.get("requires", {}).get("models"):
            self.fields["offline"] = forms.BooleanField(
                label="It also works without a language model",
                help_text="With the offline provider, which quotes passages. Then anybody can try the sample here without an account.",
                required=False,
            )

    def _ask_for_bounds(self) -> None:
        self.fields["minutes"] = forms.IntegerField(
            label="Most minutes that one run may take", min_value=1, max_value=1_440, required=False
        )
        self.fields["usd"] = forms.FloatField(
            label="Most dollars that one run may cost",
            help_text="Whoever runs it can set less. With the builder's own bound, that one counts.",
            min_value=0.01,
            max_value=1_000,
            required=False,
        )

    def _ask_for_expectations(self, *, reads_documents: bool) -> None:
        if reads_documents:
            self.fields["document_title"] = _words(
                "Title of a sample document", "It is all that the example can be answered from.", 120, required=False
            )
            self.fields["document_text"] = _area(
                "Text of the sample document", "Made up, nobody's own.", 20_000, rows=6, required=False
            )
        self.fields["expected"] = _area(
            "What the answer must hold",
            "Words or short phrases, one per line. The platform checks each.",
            2_000,
            required=False,
        )

    def told(self) -> Told:
        said = {name: _unix(value) for name, value in self.cleaned_data.items()}
        example = {name: said[f"example-{name}"] for name in self.properties if said[f"example-{name}"]}
        told: Told = {"offline": bool(said.get("offline"))}
        if not self.properties:
            return told
        limits = {name: said[name] for name in BOUNDS if said.get(name)}
        return told | {"examples": [example], "evaluation": _evaluation(said, example), "limits": limits}

    @classmethod
    def initial_of(cls, about: Mapping[str, Any]) -> Told:
        example: Told = next(iter(about.get("examples", ())), {})
        case: Told = next(iter((about.get("evaluation") or {}).get("cases", ())), {})
        document: Told = next(iter(case.get("documents", ())), {})
        return {f"example-{name}": value for name, value in example.items()} | {
            "offline": about.get("offline", False),
            **{name: about.get("limits", {}).get(name, usual) for name, usual in BOUNDS.items()},
            "document_title": document.get("title", ""),
            "document_text": document.get("text", ""),
            "expected": "\n".join(each["value"] for each in case.get("expect", ()) if each.get("kind") == "contains"),
        }


def _evaluation(said: Mapping[str, Any], example: Mapping[str, str]) -> Told | None:
    """One case of the example, where something is expected or there is a document to read."""
    expect: list[Told] = [{"kind": "contains", "value": line[:400]} for line in lines_of(said.get("expected", ""))[:20]]
    text = said.get("document_text", "")
    if not expect and not text:
        return None
    case: Told = {"name": "example", "inputs": dict(example), "expect": expect or [{"kind": "min_words", "value": 1}]}
    if text:
        case["documents"] = [{"title": said.get("document_title") or "Sample document", "text": text}]
    return {"cases": [case]}


class PermissionsForm(forms.Form):
    """Task 4: what was detected, each with the reason that people will read when they are asked to grant it."""

    def __init__(
        self,
        found: Sequence[tuple[Mapping[str, Any], Meaning]],
        *args: Any,
        needs_hosts: bool,
        may_start: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.codes = {f"why-{number}": code_of(permission) for number, (permission, _) in enumerate(found)}
        for number, (permission, meaning) in enumerate(found):
            if permission.get("kind") == "network":
                continue
            label = f"{meaning.sentence} ({meaning.risk.name.lower()} risk)"
            initial = str(permission.get("why", ""))
            self.fields[f"why-{number}"] = _words(label, WHY, 400, initial=initial)
        if may_start:
            self._ask_for_schedules()
        if needs_hosts:
            self._ask_for_hosts()

    def _ask_for_schedules(self) -> None:
        self.fields["scheduled"] = forms.BooleanField(
            label="It may be started by a schedule",
            help_text="Whoever installs it is asked for that, too. Without it, it starts only when somebody starts it.",
            required=False,
        )

    def _ask_for_hosts(self) -> None:
        self.fields["hosts"] = _area(
            "Hosts that it reaches", "One per line, as in api.example.org or *.example.org.", 2_000
        )
        self.fields["hosts_why"] = _words("Why it reaches them", WHY, 400)
        self.fields["sends"] = forms.BooleanField(
            label="It also sends data there",
            help_text="With POST, PUT, PATCH or DELETE. That is a high risk.",
            required=False,
        )

    def told(self) -> Told:
        said = self.cleaned_data
        reasons = {self.codes[name]: said[name] for name in self.codes if name in said}
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] if said.get("sends") else ["GET"]
        hosts = [
            {"host": host.lower(), "methods": methods, "why": said["hosts_why"]}
            for host in lines_of(said.get("hosts", ""))[:20]
        ]
        return {"reasons": reasons, "hosts": hosts, "scheduled": said.get("scheduled", False)}

    @classmethod
    def initial_of(cls, about: Mapping[str, Any]) -> Told:
        hosts = about.get("hosts", ())
        first: Told = next(iter(hosts), {})
        return {
            "hosts": "\n".join(host["host"] for host in hosts),
            "hosts_why": first.get("why", ""),
            "sends": len(first.get("methods", ())) > 1,
            "scheduled": about.get("scheduled", False),
        }


class SendForm(forms.Form):
    """Task 6: for whom, under which number, and what is new."""

    visibility = forms.ChoiceField(
        label="Who may see it",
        choices=Listing.Visibility.choices,
        widget=forms.RadioSelect,
        help_text="What everybody may see is read by a person first, unless little can go wrong and you are known.",
    )
    version = forms.RegexField(
        SEMVER.replace("$", r"\Z"),
        label="Version",
        max_length=30,
        help_text="Major.minor.patch: proposed from what changed in permissions, inputs and texts.",
    )
    notes = _area("Release notes", "What is new, for whoever has the version before.", 4_000, rows=4)

    def clean_notes(self) -> str:
        return str(_unix(self.cleaned_data["notes"]))


class AnswerForm(forms.Form):
    text = _area("Your answer", "The reviewer reads it with the version.", 4_000, rows=4)


class DeprecateForm(forms.Form):
    reason = _words("Reason", "In a sentence, for the people who use it.", 400)
    successor = _words("What to use instead", "publisher/listing, or nothing.", 101, required=False)


class YankForm(forms.Form):
    reason = _words("Reason", "In a sentence, for the people who have it.", 400)


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(label="Who may see it", choices=Listing.Visibility.choices)


class ShareForm(forms.Form):
    workspace = _words("Workspace", "Its short name, as in its address after /w/.", 40)
