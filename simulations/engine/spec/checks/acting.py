"""Actions: who may do them, their arguments, when they are legal, and their effects."""

from __future__ import annotations

from simulations.engine.spec.archetypes import Action, Argument
from simulations.engine.spec.checks.effects import Acting, check_effect
from simulations.engine.spec.faults import Faults
from simulations.engine.spec.scopes import Scopes


def check_actions(faults: Faults, scopes: Scopes) -> None:
    for name, action in scopes.spec.actions.items():
        _check_action(faults.at("actions", name), scopes, action)
    for archetype in scopes.spec.archetypes:
        if not any(may_do(action, archetype) for action in scopes.spec.actions.values()):
            faults.at("actions").add("missing", f"There is no action that a {archetype} may do.")


def may_do(action: Action, archetype: str) -> bool:
    return not action.archetypes or archetype in action.archetypes


def _check_action(faults: Faults, scopes: Scopes, action: Action) -> None:
    for number, archetype in enumerate(action.archetypes):
        faults.at("archetypes", number).known(archetype, scopes.spec.archetypes, "archetype")
    for name, argument in action.args.items():
        _check_argument(faults.at("args", name), argument)
    if action.resolve == "auction" and action.bid is None:
        faults.at("bid").add("missing", "An auction goes by bids: say bid.")
    for archetype in scopes.spec.archetypes:
        if may_do(action, archetype):
            _check_for(faults, Acting(scopes, archetype, action))


def _check_argument(faults: Faults, argument: Argument) -> None:
    if argument.type == "choice" and not argument.choices:
        faults.at("choices").add("missing", "An argument of type choice says its choices: [one, two].")
    if argument.min is not None and argument.max is not None and argument.min > argument.max:
        faults.at("min").add("out_of_range", "The smallest value is above the largest.")


def _check_for(faults: Faults, acting: Acting) -> None:
    """The same fault is found for each archetype that may do it, and told once."""
    action = acting.action
    faults.at("legal_when").expression(action.legal_when, acting.scopes.own(acting.archetype), "bool")
    faults.at("bid").expression(action.bid, acting.scope, "number")
    for number, effect in enumerate(action.effect):
        check_effect(faults.at("effect", number), acting, effect)
