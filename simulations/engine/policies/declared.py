"""What a scenario declares, as the policies want it: action forms, rules, routes, texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulations.engine.decisions import Word
from simulations.engine.expressions import Expression
from simulations.engine.policies.forms import ActionForm, ArgForm
from simulations.engine.policies.rules import Line, Rules
from simulations.engine.policies.wording import AnswerForm, Wording
from simulations.engine.spec import Argument, ScenarioSpec
from simulations.engine.spec import policies as declared
from simulations.engine.spec.scopes import Scopes, argument_kind, formula


def forms_of(spec: ScenarioSpec, archetype: str) -> tuple[ActionForm, ...]:
    """The actions that agents of this archetype may choose from, in their order; the first is what doing nothing means."""
    return tuple(
        ActionForm(name, action.label or "", tuple(_arg(key, each) for key, each in action.args.items()))
        for name, action in spec.actions.items()
        if not action.archetypes or archetype in action.archetypes
    )


def _arg(name: str, told: Argument) -> ArgForm:
    return ArgForm(name, told.type, told.min, told.max, told.choices, told.max_length, told.default, told.label or "")


def written_rules(spec: ScenarioSpec, policy: declared.RulePolicy) -> dict[str, Rules]:
    """The lines of each archetype, read in the scope in which they were checked."""
    scopes = Scopes(spec)
    found = {}
    for archetype in spec.archetypes:
        forms = forms_of(spec, archetype)
        lines = tuple(_line(scopes, archetype, rule) for rule in policy.lines(archetype))
        found[archetype] = Rules(lines, forms, forms[0].name if forms else "")
    return found


def _line(scopes: Scopes, archetype: str, rule: declared.Rule) -> Line:
    scope = scopes.policy(archetype)
    action = scopes.spec.actions[rule.do]
    defaults = {name: each.default for name, each in action.args.items() if each.default is not None}
    args = {
        name: formula(text, scope.drawing(), argument_kind(action.args[name]))
        for name, text in (defaults | rule.arguments).items()
    }
    when = None if rule.when is None else formula(rule.when, scope, "bool")
    probability = None if rule.probability is None else formula(rule.probability, scope.drawing(), "number")
    return Line(rule.do, when, probability, args)


def ways_of(spec: ScenarioSpec, policy: declared.HybridPolicy) -> Iterator[tuple[str, dict[str, Expression] | None]]:
    """Each route's policy and its condition by archetype; None: open to all."""
    scopes = Scopes(spec)
    for route in policy.route:
        gates = None
        if route.when is not None:
            gates = {archetype: formula(route.when, scopes.policy(archetype), "bool") for archetype in spec.archetypes}
        yield route.use, gates


def wordings_of(
    spec: ScenarioSpec,
    policy: declared.LlmPolicy | declared.CrewPolicy,
    form: AnswerForm,
    parameters: Mapping[str, Word],
) -> dict[str, Wording]:
    """The texts for each archetype. Of a crew the task is the system text, and the situation what is observed."""
    found = {}
    for archetype in spec.archetypes:
        if isinstance(policy, declared.CrewPolicy):
            system, template = policy.task, _situation(spec, archetype)
        else:
            system, template = policy.system, policy.prompt_for(archetype)
        actions = forms_of(spec, archetype)
        found[archetype] = Wording(system=system, template=template, actions=actions, form=form, parameters=parameters)
    return found


def _situation(spec: ScenarioSpec, archetype: str) -> str:
    seen = [f"{name}: {{{name}}}" for name in spec.observations.get(archetype, {})]
    return "\n".join([f"You decide for one {archetype}. What it sees:", *seen])
