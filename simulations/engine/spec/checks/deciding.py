"""Policies: they name actions that there are, see what is observed, and end somewhere."""

from __future__ import annotations

from simulations.engine.spec.archetypes import Action
from simulations.engine.spec.checks.acting import may_do
from simulations.engine.spec.checks.prompting import check_placeholders
from simulations.engine.spec.faults import Faults, check_chances, check_probability
from simulations.engine.spec.policies import CrewPolicy, HumanPolicy, HybridPolicy, LlmPolicy, Policy, Rule, RulePolicy
from simulations.engine.spec.scopes import Scopes, argument_kind

IN_PROMPTS = ("step", "time", "archetype", "actions", "memory", "messages")


def check_policies(faults: Faults, scopes: Scopes) -> None:
    for name, policy in scopes.spec.policies.items():
        here = faults.at("policies", name)
        _check_policy(here, scopes, policy)
        if name in _after(scopes, name):
            here.add("circle", "This policy hands decisions on until they come back to it.")
    for archetype, policy_name in scopes.spec.assign.items():
        here = faults.at("assign", archetype)
        if here.known(archetype, scopes.spec.archetypes, "archetype"):
            here.known(policy_name, scopes.spec.policies, "policy")


def _after(scopes: Scopes, name: str) -> set[str]:
    """All policies that decisions of this one may be handed to."""
    return {found for each in scopes.spec.handed_to(name) for found in scopes.spec.reached(each)}


def _check_policy(faults: Faults, scopes: Scopes, policy: Policy) -> None:
    for name in {
        archetype for archetype in getattr(policy, "archetypes", {}) if archetype not in scopes.spec.archetypes
    }:
        faults.at("archetypes", name).known(name, scopes.spec.archetypes, "archetype")
    if not isinstance(policy, RulePolicy | HybridPolicy):
        faults.at("fallback").known(policy.fallback, scopes.spec.policies, "policy")
    if isinstance(policy, RulePolicy):
        _check_rules(faults, scopes, policy)
    elif isinstance(policy, HybridPolicy):
        _check_routes(faults, scopes, policy)
    elif not isinstance(policy, HumanPolicy):
        _check_prompts(faults, scopes, policy)


def _check_rules(faults: Faults, scopes: Scopes, policy: RulePolicy) -> None:
    for archetype in scopes.spec.archetypes:
        here = faults.at("archetypes", archetype) if archetype in policy.archetypes else faults
        for number, rule in enumerate(policy.lines(archetype)):
            _check_rule(here.at("choose", number), scopes, archetype, rule)


def _check_rule(faults: Faults, scopes: Scopes, archetype: str, rule: Rule) -> None:
    scope = scopes.policy(archetype)
    faults.at("when").expression(rule.when, scope, "bool")
    probability = faults.at("probability").expression(rule.probability, scope.drawing(), "number")
    check_probability(faults.at("probability"), scopes.spec, probability)
    if not faults.at("do").known(rule.do, scopes.spec.actions, "action"):
        return
    action = scopes.spec.actions[rule.do]
    if not may_do(action, archetype):
        faults.at("do").add("unknown", f"A {archetype} may not do “{rule.do}”; its action says who may.")
    _check_arguments(faults.at("with"), scopes, archetype, rule, action)


def _check_arguments(faults: Faults, scopes: Scopes, archetype: str, rule: Rule, action: Action) -> None:
    scope = scopes.policy(archetype).drawing()
    for name, text in rule.arguments.items():
        if faults.at(name).known(name, action.args, "argument"):
            expression = faults.at(name).expression(text, scope, argument_kind(action.args[name]))
            check_chances(faults.at(name), scopes.spec, expression)
    for name, argument in action.args.items():
        if name not in rule.arguments and argument.default is None:
            faults.at(name).add("missing", f"“{rule.do}” needs {name}; give it here, or a default in the action.")


def _check_routes(faults: Faults, scopes: Scopes, policy: HybridPolicy) -> None:
    for number, route in enumerate(policy.route):
        here = faults.at("route", number)
        here.at("use").known(route.use, scopes.spec.policies, "policy")
        for archetype in scopes.spec.archetypes:
            here.at("when").expression(route.when, scopes.policy(archetype), "bool")
    if policy.route[-1].when is not None:
        faults.at("route", len(policy.route) - 1, "when").add(
            "missing", "The last route has no condition, so that one always fits."
        )


def _check_prompts(faults: Faults, scopes: Scopes, policy: LlmPolicy | CrewPolicy) -> None:
    if isinstance(policy, CrewPolicy):
        _check_prompt(faults.at("task"), scopes, policy.task, tuple(scopes.spec.archetypes))
        return
    _check_prompt(faults.at("system"), scopes, policy.system, tuple(scopes.spec.archetypes))
    if isinstance(policy.prompt, str):
        _check_prompt(faults.at("prompt"), scopes, policy.prompt, tuple(scopes.spec.archetypes))
        return
    for archetype, prompt in policy.prompt.items():
        if faults.at("prompt", archetype).known(archetype, scopes.spec.archetypes, "archetype"):
            _check_prompt(faults.at("prompt", archetype), scopes, prompt, (archetype,))


def _check_prompt(faults: Faults, scopes: Scopes, prompt: str, archetypes: tuple[str, ...]) -> None:
    known = {name for archetype in archetypes for name in scopes.observations(archetype)}
    check_placeholders(faults, prompt, {*known, *scopes.settings.names, *IN_PROMPTS})
