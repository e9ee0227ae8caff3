"""What was chosen happens: to all at once, or one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulations.engine.asking import ask_for, parts_of
from simulations.engine.batches import Batch, actions_of
from simulations.engine.decisions import Choices, Decision, DecisionPolicy, DecisionRequest
from simulations.engine.draws import DRAW_STREAM, pick
from simulations.engine.policies.rules import RulePolicy
from simulations.engine.randomness import Ints
from simulations.engine.stages.deciding import args_of, ask, validated
from simulations.engine.stages.turn import Group, Seen, Turn
from simulations.engine.world.contract import NOTHING

LOOK_AHEAD = 200
"""How many of those who act next are looked at when somebody must be asked, so that one wait serves several."""


class Act:
    """At the same time, or in turn: then who may see something else by now looks again just before it acts."""

    name = "act"
    each_round = True

    async def __call__(self, turn: Turn) -> None:
        present = turn.present
        if present.in_turn:
            await InTurn(turn).play(present.order)
        else:
            turn.world.act_together(present.order, together(turn))
        turn.refused += turn.world.refusals()


def together(turn: Turn) -> Mapping[str, tuple[Ints, Choices]]:
    """By archetype, all its rows and what each does: the groups of a batch put together again."""
    found: dict[str, tuple[Ints, Choices]] = {}
    for number, batch in turn.batches.items():
        groups = [group for group in turn.groups if group.archetype == number]
        if len(groups) == 1 and groups[0].choices is not None and groups[0].places.size == batch.rows.size:
            found[batch.archetype] = (batch.rows, groups[0].choices)
        else:
            found[batch.archetype] = (batch.rows, _joined(batch.rows.size, batch.actions, groups))
    return found


def _joined(size: int, actions: tuple[str, ...], groups: list[Group]) -> Choices:
    codes = np.full(size, NOTHING, np.int64)
    args: dict[tuple[str, str], Any] = {}
    for group in groups:
        if group.choices is None:
            continue
        codes[group.places] = group.choices.codes
        for key, column in group.choices.args.items():
            whole = args.setdefault(key, np.zeros(size, column.dtype))
            if column.dtype == object and whole.dtype != object:
                whole = args[key] = whole.astype(object)
            whole[group.places] = column
    return Choices(actions, codes, args)


class InTurn:
    """One round in which agents act one after the other.

    What was decided for a situation holds for everyone who comes into it. Whoever is decided for individually keeps its
    decision, if it is still legal: nobody is asked twice in a turn.
    """

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self.world = turn.world
        self.known: dict[Seen, Decision] = {}
        self._plan: dict[int, tuple[int, Mapping[str, Any]]] = {}
        self._individual: set[int] = set()
        self._own: dict[int, Decision] = {}
        self.order: list[int] = []
        self.place: int | None = None

    async def play(self, order: Ints) -> None:
        self._prepare()
        self.order = order.tolist()
        world = self.world
        world.begin_turns(order)
        acted: dict[int, int] = {}
        for place, row in enumerate(world.turns(order)):
            self.place = place if place < len(self.order) and self.order[place] == row else None
            times = acted.get(row, 0)
            acted[row] = times + 1
            planned = self._plan.get(row)
            if planned is not None and not times and not world.must_look_again(row):
                world.act_one(row, *planned)
            else:
                world.act_one(row, *await self._again(row, times))
        world.end_turns()

    def _prepare(self) -> None:
        for group in self.turn.groups:
            choices = group.choices
            if choices is None:
                continue
            rows = group.batch.rows[group.places].tolist()
            codes = choices.codes.tolist()
            if choices.args:
                self._plan.update(
                    (row, (code, args_of(choices, place, code)))
                    for place, (row, code) in enumerate(zip(rows, codes, strict=True))
                )
            else:
                self._plan.update((row, (code, {})) for row, code in zip(rows, codes, strict=True))
            if group.policy.individual:
                self._individual.update(rows)
            self._remember(group)

    def _remember(self, group: Group) -> None:
        """What was decided for each situation."""
        if group.asked is None or group.policy.individual:
            return
        for request, decision in zip(group.asked.requests, group.decisions, strict=True):
            self.known[self._situation(group, request)] = decision

    def _situation(self, group: Group, request: DecisionRequest) -> Seen:
        batch = group.batch
        place = int(np.searchsorted(batch.rows, request.row))
        seen = tuple(values[place].item() for values in batch.fields.values())
        return group.archetype, seen, int(batch.legal[place])

    async def _again(self, row: int, times: int) -> tuple[int, Mapping[str, Any]]:
        seen, legal = self.world.look(row)
        archetype = int(self.world.state.cells("archetype")[row])
        situation = (archetype, seen, legal)
        if row in self._individual and not self._is_drawing_rule(row):
            return self._kept(row, legal)
        decision = self.known.get(situation)
        if decision is None:
            decision = await self._decide(row, situation)
        return self._draw(row, decision, times)

    def _is_drawing_rule(self, row: int) -> bool:
        return isinstance(self._policy_of(row), RulePolicy)

    def _policy_of(self, row: int) -> DecisionPolicy:
        if row in self.turn.seats and self.turn.person is not None:
            return self.turn.person
        return self.turn.policies[self.world.archetypes[self.world.state.cells("archetype")[row]]]

    def _kept(self, row: int, legal: int) -> tuple[int, Mapping[str, Any]]:
        code, args = self._plan.get(row, (NOTHING, {}))
        if code >= 0 and not legal >> code & 1:
            self.turn.refused += 1
            return NOTHING, {}
        return code, args

    async def _decide(self, row: int, situation: Seen) -> Decision:
        policy = self._policy_of(row)
        if isinstance(policy, RulePolicy):
            decision = policy.decide(self._request(row, situation))
            legal = actions_of(self.world.actions, situation[2])
            decision = validated(self.turn, decision, legal, 0)
        else:
            return await self._ask(row, situation, policy)
        if not policy.individual:
            self.known[situation] = decision
        return decision

    def _request(self, row: int, situation: Seen) -> DecisionRequest:
        archetype, seen, legal = situation
        eyes = self.world.eyes[archetype]
        observation = {
            field.name: field.words[value] if field.words else value
            for field, value in zip(eyes.fields, seen, strict=True)
        }
        return DecisionRequest(
            b"",
            eyes.archetype,
            row,
            1,
            observation,
            actions_of(self.world.actions, legal),
            self.turn.step,
            float(self.turn.step),
            self.turn.present.stage,
        )

    async def _ask(self, row: int, situation: Seen, policy: DecisionPolicy) -> Decision:
        """One more request; with it those of agents further on who by now are in situations that are new too."""
        turn = self.turn
        together = [(row, situation), *self._ahead(row, situation, policy)]
        batch = self._batch(together)
        groups = [Group(part[0], situation[0], batch, part[1]) for part in parts_of(policy, batch, turn.moment())]
        for group in groups:
            group.asked = ask_for((group.policy, group.places), batch, turn.moment())
            turn.requests += len(group.asked.requests)
        await ask(turn, groups)
        for group in groups:
            self._learn(group, together)
        return self.known[situation] if situation in self.known else self._own[row]

    def _learn(self, group: Group, together: list[tuple[int, Seen]]) -> None:
        if group.asked is None:
            return
        for request, decision in zip(group.asked.requests, group.decisions, strict=True):
            row, situation = next(each for each in together if each[0] == request.row)
            found = validated(self.turn, decision, request.legal, int(row == together[0][0]))
            if group.policy.individual:
                self._own[row] = found
            else:
                self.known[situation] = found

    def _ahead(self, row: int, situation: Seen, policy: DecisionPolicy) -> list[tuple[int, Seen]]:
        """Some who have yet to act, of the same archetype, in situations for which there is no decision.

        Not where every act changes what all see: nobody knows yet in what situation they will be.
        """
        if policy.individual or self.place is None or self.world.all_must_look_again():
            return []
        world, found = self.world, {situation: row}
        for other in self.order[self.place + 1 : self.place + 1 + LOOK_AHEAD]:
            if world.must_look_again(other) and self._policy_of(other) is policy and other not in self._individual:
                seen, legal = world.look(other)
                there = (int(world.state.cells("archetype")[other]), seen, legal)
                if there[0] == situation[0] and there not in self.known:
                    found.setdefault(there, other)
        del found[situation]
        return [(other, there) for there, other in found.items()]

    def _batch(self, together: list[tuple[int, Seen]]) -> Batch:
        """What these agents have just seen, as if they had all looked."""
        eyes = self.world.eyes[together[0][1][0]]
        columns = zip(*(situation[1] for _, situation in together), strict=True)
        fields = {field.name: np.asarray(values) for field, values in zip(eyes.fields, columns, strict=False)}
        rows = np.asarray([row for row, _ in together])
        legal = np.asarray([situation[2] for _, situation in together])
        return Batch(eyes.archetype, rows, fields, eyes.actions, legal, self.turn.step, eyes.words)

    def _draw(self, row: int, decision: Decision, times: int) -> tuple[int, Mapping[str, Any]]:
        options = decision.options
        option = options[0]
        if len(options) > 1 or times:
            option = options[pick(options, self.turn.chance.draw(DRAW_STREAM, row, times))]
        if option.action not in self.world.actions:
            return NOTHING, {}
        return self.world.actions.index(option.action), option.args
