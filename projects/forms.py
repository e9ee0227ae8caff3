"""What people fill in about runs."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from rest_framework.exceptions import ParseError

from projects.asking.words import ACTIONS, Answer
from projects.models import Question
from tenants.wire.parsing import read_json

WORDS: dict[str, dict[str, str]] = {
    "review": {
        "approve": "Approve it as it is",
        "edit": "Use my version",
        "feedback": "Send it back; the agent does it again",
        "reject": "Reject it and stop the run",
    },
    "approval": {
        "approve": "Allow it",
        "edit": "Allow it with other arguments",
        "feedback": "Refuse it, and tell the agent why",
        "reject": "Refuse it",
    },
    "input": {"value": "Use these values", "reject": "Give none and stop the run"},
    "budget": {"approve": "Allow it", "reject": "Stop the run here"},
}
MORE = {
    "usd": "How many dollars more are allowed, once; as in 2.50.",
    "tokens": "How many tokens more are allowed, once.",
    "model_calls": "How many model calls more are allowed, once.",
}
LONGEST = 100_000
FIELD = "input."


class AnswerForm(forms.Form):
    """The answers that a question takes, with the fields that they need."""

    action = forms.ChoiceField(
        label="What shall happen?", widget=forms.RadioSelect, error_messages={"required": "Choose one of these."}
    )
    version = forms.CharField(
        label="My version", max_length=LONGEST, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    words = forms.CharField(
        label="What you want to say",
        max_length=LONGEST,
        required=False,
        help_text="What should be different, or why not.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, question: Question, data: Any = None) -> None:
        super().__init__(data, initial={"action": _first(question), "version": _version(question)})
        self.question = question
        choices = [(action, WORDS[question.kind][action]) for action in ACTIONS[question.kind]]
        self.fields["action"].choices = choices  # type: ignore[attr-defined]
        if "edit" in WORDS[question.kind]:
            self.fields["version"].help_text = f"Counts where you choose “{WORDS[question.kind]['edit']}”."
        else:
            del self.fields["version"]
        for asked in _asked(question):
            self.fields[f"{FIELD}{asked['name']}"] = forms.CharField(
                label=str(asked["name"]).replace("_", " ").capitalize(),
                help_text=str(asked.get("description", "")),
                initial=asked.get("default"),
                max_length=LONGEST,
                required=False,
                strip=False,
            )
        self.order_fields([*(name for name in self.fields if name.startswith(FIELD)), "action", "version", "words"])

    def answer(self) -> Answer:
        """What was filled in, as the service takes it."""
        given = self.cleaned_data
        action = given["action"]
        if action == "edit" and self.question.kind == Question.Kind.APPROVAL:
            return Answer("edit", data=_json(given["version"]))
        if action == "edit":
            return Answer("edit", text=given["version"])
        values = {name.removeprefix(FIELD): value for name, value in given.items() if name.startswith(FIELD)}
        if action == "approve" and self.question.kind == Question.Kind.BUDGET:
            return Answer("approve", text=given["words"], data={name: value for name, value in values.items() if value})
        if action == "value":
            return Answer("value", text=given["words"], data=values or None)
        return Answer(action, text=given["words"])


def _first(question: Question) -> str:
    """What is chosen already. What others may have ordered is allowed by nobody who only presses Answer."""
    return "" if question.details.get("outside") else ACTIONS[question.kind][0]


def _asked(question: Question) -> list[dict[str, Any]]:
    if question.kind == Question.Kind.BUDGET:
        return [{"name": measure, "description": MORE[measure]} for measure in question.details.get("figures", {})]
    if question.kind != Question.Kind.INPUT:
        return []
    return [each for each in question.details.get("inputs", ()) if isinstance(each, dict) and each.get("name")]


def _version(question: Question) -> str:
    """What can be changed: a tool's arguments, or the draft."""
    if question.kind == Question.Kind.APPROVAL:
        return json.dumps(question.details.get("arguments", {}), indent=2, ensure_ascii=False)
    return question.draft


def _json(text: str) -> Any:
    """What is no JSON stays a text, which the service refuses in words."""
    try:
        return read_json(text)
    except ParseError:
        return text


class ShareForm(forms.Form):
    days = forms.TypedChoiceField(
        label="Works for", choices=[(7, "7 days"), (30, "30 days"), (90, "90 days")], initial=30, coerce=int
    )
    shows_inputs = forms.BooleanField(label="Show what the run was given as well", required=False)
