"""The decision panel: an action with its grounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.http import QueryDict

from marketplace.moderation.models import CannedText, Decision, Policy, ReasonCode
from marketplace.moderation.verdicts import Action, Evidence, Verdict

ROWS = 3
DELAYS = (("0", "Now"), ("1", "In an hour"), ("24", "Tomorrow"), ("72", "In three days"))
SEVERITIES = (("hard", "Hard: what runs is stopped"), ("soft", "Soft: no new installs, what runs goes on"))
WORDS = {
    "path": ("Place", "such as spec.tasks[2].description"),
    "quote": ("What stands there", ""),
    "note": ("What is wrong with it", ""),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of the checks that may be chosen as evidence."""

    key: str
    path: str
    quote: str
    message: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    fields: tuple[BoundField, ...]

    @property
    def is_filled(self) -> bool:
        return any(field.value() for field in self.fields)


class VerdictForm(forms.Form):
    """`actions` are those that may be taken here, `findings` what the checks found, `reported` whether somebody waits to hear."""

    action = forms.ChoiceField(widget=forms.RadioSelect)
    severity = forms.ChoiceField(
        label="How hard, when pulled", choices=SEVERITIES, required=False, widget=forms.RadioSelect, initial="hard"
    )
    reason_codes = forms.MultipleChoiceField(
        label="Reasons", choices=ReasonCode.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    policy = forms.ModelChoiceField(label="Policy", queryset=Policy.objects.order_by("number"), required=False)
    canned = forms.ModelChoiceField(
        label="Ready text",
        queryset=CannedText.objects.order_by("title"),
        required=False,
        help_text="Its words, its reason and its policy are taken over by the preview, where you can change them.",
    )
    reasoning = forms.CharField(
        label="Explanation",
        required=False,
        max_length=8000,
        widget=forms.Textarea,
        help_text="The author reads this: what is wrong, and how to put it right.",
    )
    note = forms.CharField(
        label="To those who reported it",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="They read what came of their report; without a word of yours, a plain sentence.",
    )
    private_note = forms.CharField(
        label="Internal note", required=False, max_length=4000, widget=forms.Textarea, help_text="For moderators only."
    )
    delay = forms.ChoiceField(label="When", choices=DELAYS, required=False)
    digest = forms.CharField(required=False, max_length=71, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        actions: Sequence[Action],
        findings: Sequence[Finding] = (),
        reported: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.findings = {finding.key: finding for finding in findings}
        cast("forms.ChoiceField", self.fields["action"]).choices = [(each.value, each.label) for each in actions]
        if Action.PULL not in actions:
            del self.fields["severity"]
        if not reported:
            del self.fields["note"]
        if findings:
            self.fields["findings"] = forms.MultipleChoiceField(
                choices=[(each.key, f"{each.path}: {each.message}") for each in findings],
                required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        for number in range(ROWS):
            for name, (label, hint) in WORDS.items():
                self.fields[f"{name}_{number}"] = forms.CharField(
                    label=label, required=False, max_length=2000, help_text=hint, strip=name != "quote"
                )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self._take_over(given)
        if given.get("action") in Decision.ADVERSE:
            self._require_grounds(given)
        return given

    def _take_over(self, given: dict[str, Any]) -> None:
        """What a ready text brings along, where nothing else was chosen."""
        canned: CannedText | None = given.get("canned")
        if canned is None:
            return
        written = given.get("reasoning", "")
        given["reasoning"] = written if canned.text in written else f"{canned.text}\n\n{written}".strip()
        given["reason_codes"] = given.get("reason_codes") or [canned.reason_code]
        given["policy"] = given.get("policy") or canned.policy

    def _require_grounds(self, given: dict[str, Any]) -> None:
        needed = {
            "reason_codes": "Choose at least one reason.",
            "policy": "Say which policy it breaks.",
            "reasoning": "Explain it to the author.",
        }
        for name, words in needed.items():
            if not given.get(name) and name not in self.errors:
                self.add_error(name, words)
        if not any(self._evidence(given)):
            self.add_error("path_0", "Point to at least one place, or say in a note what the evidence is.")

    def verdict(self) -> Verdict:
        """Of a valid form."""
        given = self.cleaned_data
        action = Action(given["action"])
        return Verdict(
            action=action,
            reason_codes=tuple(ReasonCode(code) for code in given["reason_codes"]),
            evidence=tuple(self._evidence(given)),
            policy=given["policy"],
            reasoning=given["reasoning"].strip(),
            private_note=given["private_note"].strip(),
            delay=timedelta(hours=int(given["delay"] or 0)),
            digest=given["digest"],
            severity=(given.get("severity") or "hard") if action == Action.PULL else "",
        )

    def taken_over(self) -> dict[str, Any]:
        """What the next form of the same decision starts with: the ready text has become part of the explanation."""
        sent = cast("QueryDict", self.data)
        lists = {"reason_codes", "findings"}
        given = {name: sent.getlist(name) if name in lists else sent.get(name, "") for name in self.fields}
        return {
            **given,
            "reasoning": self.cleaned_data["reasoning"],
            "reason_codes": self.cleaned_data["reason_codes"],
            "policy": self.cleaned_data["policy"].pk if self.cleaned_data["policy"] else "",
            "canned": "",
        }

    def _evidence(self, given: dict[str, Any]) -> Iterator[Evidence]:
        for key in given.get("findings", ()):
            found = self.findings[key]
            yield Evidence(found.path, found.quote, found.message)
        for number in range(ROWS):
            path, quote, note = (given.get(f"{name}_{number}", "") for name in WORDS)
            if path or quote.strip() or note:
                yield Evidence(path, quote, note)

    @property
    def plain_fields(self) -> list[BoundField]:
        names = ("action", "severity", "reason_codes", "policy", "canned", "reasoning", "note")
        return [self[name] for name in names if name in self.fields]

    @property
    def last_fields(self) -> list[BoundField]:
        return [self[name] for name in ("private_note", "delay", "digest")]

    @property
    def finding_options(self) -> list[Any]:
        return list(self["findings"]) if "findings" in self.fields else []

    @property
    def evidence_rows(self) -> list[EvidenceRow]:
        return [EvidenceRow(tuple(self[f"{name}_{number}"] for name in WORDS)) for number in range(ROWS)]


class AppealForm(forms.Form):
    """What a second moderator makes of an appeal."""

    outcome = forms.ChoiceField(
        choices=(("uphold", "The decision stands"), ("overturn", "Take the decision back")), widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label="Answer", max_length=8000, widget=forms.Textarea, help_text="Who appealed reads this."
    )
