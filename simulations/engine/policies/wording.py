"""What a model is told, and the form in which it must answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from simulations.engine.decisions import DecisionRequest, Word
from simulations.engine.keys import digest_of
from simulations.engine.policies.forms import ActionForm

AnswerForm = Literal["shares", "choice"]
MOMENT = frozenset({"step", "time", "stage"})
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_ASKED = {
    "shares": "Answer with a list `options`: each action that is chosen, and as `weight` how many of 100 choose it.",
    "choice": "Answer with one `action`, and in `reason` say in one sentence why.",
}
_EDITION = 1


class Wording:
    """The texts of one policy for one archetype. `parameters` is looked at anew for each question."""

    def __init__(
        self,
        *,
        system: str,
        template: str,
        actions: Sequence[ActionForm],
        form: AnswerForm,
        parameters: Mapping[str, Word],
    ) -> None:
        self.system = system
        self.template = template
        self.forms = {action.name: action for action in actions}
        self.form: AnswerForm = form
        self.parameters = parameters
        self.names = frozenset(_PLACEHOLDER.findall(f"{system}\n{template}"))
        self._schemas: dict[tuple[str, ...], Mapping[str, Any]] = {}

    @property
    def tells_the_moment(self) -> bool:
        """Whether the same situation is put differently in another step."""
        return bool(self.names & MOMENT)

    @property
    def fingerprint(self) -> bytes:
        """Changes with every word that could change an answer, the live parameters among them."""
        told = {name: self.parameters[name] for name in sorted(self.names) if name in self.parameters}
        actions = [form.described() for form in self.forms.values()]
        return digest_of(_EDITION, self.form, self.system, self.template, told, actions)

    def system_for(self, request: DecisionRequest) -> str:
        return self._filled(self.system, request, {})

    def prompt(self, request: DecisionRequest, *, memory: str = "") -> str:
        """The template filled in; what it does not mention of actions, memory and messages is added below it."""
        parts = {
            "actions": self._actions(request.legal),
            "memory": memory,
            "messages": "\n".join(f"- {message}" for message in request.messages),
        }
        titles = {"memory": "What you remember:", "messages": "What you were just told:", "actions": "You may:"}
        more = [f"{titles[part]}\n{parts[part]}" for part in titles if parts[part] and part not in self.names]
        return "\n\n".join([self._filled(self.template, request, parts).strip(), *more, _ASKED[self.form]])

    def _filled(self, template: str, request: DecisionRequest, parts: Mapping[str, str]) -> str:
        moment: dict[str, Word] = {
            "step": request.step,
            "time": request.time,
            "stage": request.stage,
            "archetype": request.archetype,
        }
        known = {**self.parameters, **moment, **request.observation, **parts}

        def fill(found: re.Match[str]) -> str:
            return spoken(known[found[1]]) if found[1] in known else found[0]

        return _PLACEHOLDER.sub(fill, template)

    def _actions(self, legal: Sequence[str]) -> str:
        return "\n".join(f"- {self.forms[name].described()}" for name in legal)

    def schema(self, legal: tuple[str, ...]) -> Mapping[str, Any]:
        """JSON Schema of the answer; every field is required and no other allowed, as strict modes want it."""
        if legal not in self._schemas:
            forms = [self.forms[name] for name in legal]
            self._schemas[legal] = shares_schema(forms) if self.form == "shares" else choice_schema(forms)
        return self._schemas[legal]


def spoken(value: Word) -> str:
    """A value as people write it: six digits at most, yes and no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else f"{value:.6g}"


def shares_schema(forms: Sequence[ActionForm]) -> Mapping[str, Any]:
    weight = {"weight": {"type": "number", "exclusiveMinimum": 0, "maximum": 100}}
    option = _one_of(forms, weight)
    options = {"type": "array", "minItems": 1, "maxItems": max(10, 3 * len(forms)), "items": option}
    return _strict({"options": options})


def choice_schema(forms: Sequence[ActionForm]) -> Mapping[str, Any]:
    return _one_of(forms, {"reason": {"type": "string", "maxLength": 400}})


def together_schema(one: Mapping[str, Any], count: int) -> Mapping[str, Any]:
    """The same for several situations in one call."""
    return _strict({"answers": {"type": "array", "minItems": count, "maxItems": count, "items": one}})


def _one_of(forms: Sequence[ActionForm], more: Mapping[str, Any]) -> Mapping[str, Any]:
    bare = [form.name for form in forms if not form.args]
    kinds = [_strict({"action": {"type": "string", "enum": bare}, **more})] if bare else []
    kinds += [
        _strict({"action": {"type": "string", "enum": [f.name]}, "args": _args(f), **more}) for f in forms if f.args
    ]
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _args(form: ActionForm) -> Mapping[str, Any]:
    return _strict({arg.name: arg.schema() for arg in form.args})


def _strict(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
