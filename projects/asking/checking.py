"""Whether an answer can be given to a question, before anything is changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from rest_framework.exceptions import ParseError

from projects.asking.words import ACTIONS, Answer
from projects.models import Question, Run
from tenants.errors import FieldError, Invalid
from tenants.wire.parsing import read_json

MOST_CHARACTERS = 100_000


def refuse_misfit(question: Question, answer: Answer) -> None:
    """Raises Invalid with every reason why this question cannot be answered so."""
    if errors := list(_errors(question, answer)):
        raise Invalid(errors[0].detail, errors=errors)


def misfit(run: Run, task: str, text: str) -> str:
    """Why this text cannot be the output of the task: it has a schema, and the text does not fit it. Empty when it can."""
    schema = _schema(run.snapshot, task)
    if schema is None:
        return ""
    try:
        return _fault(schema, read_json(text))
    except ParseError as refusal:
        return f"This task answers in JSON. {refusal.detail}"


def _fault(schema: Mapping[str, Any], data: Any) -> str:
    fault = next(iter(Draft202012Validator(schema).iter_errors(data)), None)
    if fault is None:
        return ""
    place = ".".join(map(str, fault.absolute_path))
    return f"This does not fit the task's schema{f' at {place}' if place else ''}: {fault.message[:300]}."


def _errors(question: Question, answer: Answer) -> Iterator[FieldError]:
    allowed = ACTIONS[question.kind]
    if answer.action not in allowed:
        detail = f"This question ({question.get_kind_display().lower()}) takes {', '.join(allowed)}."
        yield FieldError("action", "choice", detail)
        return
    if len(answer.text) > MOST_CHARACTERS:
        yield FieldError("text", "max_length", f"An answer has at most {MOST_CHARACTERS:,} characters.")
    elif len(orjson.dumps(answer.data)) > MOST_CHARACTERS:
        yield FieldError("data", "max_length", f"Data has at most {MOST_CHARACTERS:,} bytes of JSON.")
    else:
        yield from _missing(question, answer)


def _missing(question: Question, answer: Answer) -> Iterator[FieldError]:
    if answer.action == "feedback" and not answer.text.strip():
        yield FieldError("text", "missing", "Say what should be different.")
    elif answer.action == "edit" and question.kind == Question.Kind.APPROVAL:
        if not isinstance(answer.data, dict):
            yield FieldError("data", "missing", "Give the tool's arguments as they should be, as a JSON object.")
    elif answer.action == "edit":
        yield from _edited(question, answer)
    elif answer.action == "value":
        yield from _inputs(question, answer)


def _edited(question: Question, answer: Answer) -> Iterator[FieldError]:
    schema = _schema(question.run.snapshot, question.task)
    if schema is not None and answer.data is not None:
        if detail := _fault(schema, answer.data):
            yield FieldError("data", "schema", detail)
    elif not answer.text.strip():
        yield FieldError("text", "missing", "Write the answer as it should be.")
    elif detail := misfit(question.run, question.task, answer.text):
        yield FieldError("text", "schema", detail)


def _inputs(question: Question, answer: Answer) -> Iterator[FieldError]:
    """Each value that is asked for, by its name; the text alone serves where it is one."""
    asked = [each for each in question.details.get("inputs", ()) if isinstance(each, dict)]
    if answer.data is None and len(asked) <= 1:
        if not answer.text.strip():
            yield FieldError("text", "missing", "Give a value.")
        return
    given = answer.data if isinstance(answer.data, dict) else {}
    names = {str(each.get("name")) for each in asked}
    needed = {str(each.get("name")) for each in asked if each.get("default") is None}
    for name in sorted(needed - {name for name, value in given.items() if str(value).strip()}):
        yield FieldError(f"data.{name}", "missing", f"Give a value for “{name}”.")
    for name, value in given.items():
        if name not in names:
            yield FieldError(f"data.{name}", "unknown", f"“{name}” is not asked for.")
        elif not isinstance(value, str):
            yield FieldError(f"data.{name}", "type", "Send a text.")


def _schema(snapshot: Mapping[str, Any], task: str) -> Mapping[str, Any] | None:
    tasks = (each for each in snapshot.get("tasks", ()) if isinstance(each, dict))
    return next((each.get("output_schema") for each in tasks if each.get("name") == task), None)
