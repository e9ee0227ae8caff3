"""Asking everybody at once, holding the answers against what is legal, and letting each agent draw its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simulations.engine.decisions import Choices, Decision, Option
from simulations.engine.draws import DRAW_STREAM, pick_many
from simulations.engine.policies.columns import VectorRulePolicy
from simulations.engine.randomness import Ints
from simulations.engine.stages.asking import narrowed
from simulations.engine.stages.turn import Group, Turn
from simulations.engine.world.contract import NOTHING

IDLE = ""
"""The action of an option that turned out not to be legal: nothing happens."""


class Decide:
    """All policies at once. If one is interrupted, the others finish first: what they asked is paid and kept."""

    name = "decide"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        asked = [group for group in turn.groups if group.asked is not None]
        for group in turn.groups:
            if isinstance(group.policy, VectorRulePolicy):
                batch = narrowed(group.batch, group.places)
                group.choices = group.policy.decide_columns(batch, turn.chance, turn.moment().words)
        await ask(turn, asked)
        for batch in turn.batches.values():
            turn.world.have_read(batch.rows)


async def ask(turn: Turn, groups: Sequence[Group]) -> None:
    """Put the requests of these groups to their policies; raises what the first that failed raised."""
    waiting = [group.policy.decide_batch(group.asked.requests) for group in groups if group.asked is not None]
    if len(waiting) == 1:
        answers: list[Any] = [await waiting[0]]
    else:
        answers = await asyncio.gather(*waiting, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    for group, decisions in zip(groups, answers, strict=True):
        group.decisions = list(decisions)
        for decision in decisions:
            turn.pay(decision)


class Validate:
    """The last gate: what is not legal, or has arguments that the action does not take, becomes doing nothing, and is counted."""

    name = "validate"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        for group in turn.groups:
            if group.asked is not None:
                requests = group.asked.requests
                group.decisions = [
                    validated(turn, decision, request.legal, request.count)
                    for decision, request in zip(group.decisions, requests, strict=True)
                ]
            elif group.choices is not None:
                group.choices = self._columns(turn, group, group.choices)

    def _columns(self, turn: Turn, group: Group, choices: Choices) -> Choices:
        legal = group.batch.legal[group.places]
        wrong = (legal >> np.maximum(choices.codes, 0) & 1) == 0
        turn.sources["rule"] += int(choices.codes.size)
        if not wrong.any():
            return choices
        turn.refused += int(np.count_nonzero(wrong))
        return Choices(choices.actions, np.where(wrong, NOTHING, choices.codes), choices.args)


def validated(turn: Turn, decision: Decision, legal: Sequence[str], agents: int) -> Decision:
    """The decision with options that can be done; the others keep their weight and do nothing."""
    turn.count(decision, agents)
    options = tuple(_option(turn, option, legal) for option in decision.options)
    if options == decision.options:
        return decision
    turn.refused += agents
    return Decision(options, decision.source, decision.key, decision.reason)


def _option(turn: Turn, option: Option, legal: Sequence[str]) -> Option:
    args = turn.acceptable(option.action, option.args) if option.action in legal else None
    if args is None:
        return Option(IDLE, weight=option.weight)
    return option if args == option.args else Option(option.action, args, option.weight)


class Resolve:
    """Each agent draws from the decision for its situation with a number of its own."""

    name = "resolve"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        for group in turn.groups:
            if group.asked is not None:
                group.choices = drawn(turn, group)


def drawn(turn: Turn, group: Group) -> Choices:
    """What each agent of the group does."""
    if group.asked is None:
        raise RuntimeError("Nobody was asked.")
    groups = group.asked.groups
    draws = turn.chance.draws(DRAW_STREAM, group.batch.rows[group.places])
    picked = pick_many(group.decisions, groups, draws)
    starts = np.cumsum([0, *(len(decision.options) for decision in group.decisions[:-1])])
    options = [option for decision in group.decisions for option in decision.options]
    at = starts[groups] + picked
    codes = {name: code for code, name in enumerate(group.batch.actions)}
    table = np.asarray([codes.get(option.action, NOTHING) for option in options], np.int64)
    return Choices(group.batch.actions, table[at], _arguments(options, at))


def _arguments(options: Sequence[Option], at: Ints) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], list[Any]] = {}
    for place, option in enumerate(options):
        for name, value in option.args.items():
            values = found.setdefault((option.action, name), [_nothing_like(value)] * len(options))
            values[place] = value
    return {key: _column(values)[at] for key, values in found.items()}


def _nothing_like(value: float | str) -> float | str:
    return "" if isinstance(value, str) else 0.0


def _column(values: Sequence[Any]) -> Any:
    return np.asarray(values, object if any(isinstance(value, str) for value in values) else np.float64)


def args_of(choices: Choices, place: int, code: int) -> Mapping[str, Any]:
    """The arguments of one agent's action."""
    if not choices.args or code < 0:
        return {}
    action = choices.actions[code]
    return {
        name: column[place].item() if isinstance(column[place], np.generic) else column[place]
        for (of, name), column in choices.args.items()
        if of == action
    }
