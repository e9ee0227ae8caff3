"""What actions do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.protocol.messages import How
from simulations.engine.expressions import Kind, Scope
from simulations.engine.expressions.aggregates import split_crowd
from simulations.engine.spec import Action
from simulations.engine.spec import effects as declared
from simulations.engine.spec.scopes import slot_kind
from simulations.engine.world.compiling.reader import NUMBER, Reader
from simulations.engine.world.effects.doing import Effect
from simulations.engine.world.effects.giving import Take, Transfer
from simulations.engine.world.effects.going import Move, MoveTo
from simulations.engine.world.effects.living import Create, Join, Remove, Send, Topic
from simulations.engine.world.effects.setting import ChangeOthers, ChangeOwn, ChangeShared
from simulations.engine.world.effects.targets import Everyone, Neighbors, Partner, Target
from simulations.engine.world.effects.trading import Order
from simulations.engine.world.formulas import Formula
from simulations.engine.world.wording import Wording, plain


@dataclass(frozen=True, slots=True)
class Deed:
    """One action as the agents of one archetype do it. `bid`: what decides who comes first, in an auction."""

    action: str
    effects: tuple[Effect, ...]
    arguments: Mapping[str, Kind]
    bid: Formula | None = None

    @property
    def ordered(self) -> bool:
        return any(effect.ordered for effect in self.effects)


def deeds_of(reader: Reader, archetype: str) -> tuple[Deed, ...]:
    """In the order of the actions; those that the archetype cannot do have no effects."""
    return tuple(
        _Acting(reader, archetype, name, action).deed()
        if not action.archetypes or archetype in action.archetypes
        else Deed(name, (), {})
        for name, action in reader.spec.actions.items()
    )


def world_effects(reader: Reader, moment: str) -> tuple[ChangeShared, ...]:
    """`environment.before` or `.after`: effects on globals and pools, by nobody."""
    scope = reader.scopes.world.drawing()
    found = []
    for number, effect in enumerate(getattr(reader.spec.environment, moment)):
        path = f"environment.{moment}.{number}"
        when = reader.condition(effect.when, scope, f"{path}.when")
        found.append(_shared(reader, effect, scope, path, when))
    return tuple(found)


def _shared(reader: Reader, effect: Any, scope: Scope, path: str, when: Formula | None) -> ChangeShared:
    target, text = (effect.set, effect.to) if effect.kind == "set" else (effect.add, effect.value)
    kind, _, name = target.partition(".")
    return ChangeShared(effect.kind, kind, name, reader.formula(text, scope, path), when)


class _Acting:
    """Reads the effects of one action of one archetype."""

    def __init__(self, reader: Reader, archetype: str, name: str, action: Action) -> None:
        self.reader, self.archetype, self.name, self.action = reader, archetype, name, action
        self.scope = reader.scopes.action(archetype, action)

    def deed(self) -> Deed:
        effects = tuple(self._effect(number, effect) for number, effect in enumerate(self.action.effect))
        bid = self.action.bid if self.action.resolve == "auction" else None
        worth = None if bid is None else self.reader.formula(bid, self.scope, f"actions.{self.name}.bid", NUMBER)
        return Deed(self.name, effects, self.reader.scopes.arguments(self.action), worth)

    def _effect(self, number: int, effect: Any) -> Effect:
        path = f"actions.{self.name}.effect.{number}"
        when = self.reader.condition(effect.when, self.scope, f"{path}.when")
        built: Effect = getattr(self, f"_{effect.kind}")(effect, when, path)
        return built

    def _set(self, effect: declared.Set, when: Formula | None, path: str) -> Effect:
        return self._change("set", effect.set, effect.to, effect.on, when, path)

    def _add(self, effect: declared.Add, when: Formula | None, path: str) -> Effect:
        return self._change("add", effect.add, effect.value, effect.on, when, path)

    def _change(self, manner: Any, slot: str, text: Any, on: str, when: Formula | None, path: str) -> Effect:
        kind, dot, name = slot.partition(".")
        if dot:
            return ChangeShared(manner, kind, name, self._number(text, path), when)
        if on == "self":
            return ChangeOwn(manner, slot, self._value(text, self.scope, self.archetype, slot, path), when)
        target, scope, whose = self._target(on)
        return ChangeOthers(manner, slot, self._value(text, scope, whose, slot, path), target, when)

    def _target(self, on: str) -> tuple[Target, Scope, str]:
        """Whom it works on, the scope there, and an archetype that has the slot."""
        if on == "partner":
            over = self.reader.spec.archetypes[self.archetype].partner or "all"
            return Partner(), self.reader.scopes.action_on(self.archetype, self.action, over), over
        over, _, _ = split_crowd(on)
        scope = self.reader.scopes.action_on(self.archetype, self.action, over)
        crowd = self.reader.crowd(on, scope)
        if over == "neighbors":
            return Neighbors(crowd.where, and_self=crowd.and_self), scope, over
        member = self.reader.archetypes.index(over) if over in self.reader.archetypes else None
        return Everyone(member, crowd.where, and_self=crowd.and_self), scope, over

    def _value(self, text: Any, scope: Scope, whose: str, slot: str, path: str) -> Formula:
        meant = self.reader.scopes.meant(whose)
        states = [self.reader.spec.archetypes[name].state for name in meant]
        wants = next(slot_kind(state[slot]) for state in states if slot in state)
        return self.reader.formula(text, scope, path, wants)

    def _number(self, text: Any, path: str) -> Formula:
        return self.reader.formula(text, self.scope, path, NUMBER)

    def _move_to(self, effect: declared.MoveTo, when: Formula | None, path: str) -> Effect:
        if isinstance(effect.move_to, str):
            return Move(effect.move_to, when, path)
        x, y = effect.move_to
        return MoveTo(self._number(x, f"{path}.0"), self._number(y, f"{path}.1"), when)

    def _transfer(self, effect: declared.Transfer, when: Formula | None, path: str) -> Effect:
        return Transfer(effect.transfer, self._number(effect.amount, path), when)

    def _take(self, effect: declared.TakeEffect, when: Formula | None, path: str) -> Effect:
        take = effect.take
        return Take(take.pool, self._number(take.amount, path), take.into, self.action.resolve, when)

    def _trade(self, effect: declared.TradeEffect, when: Formula | None, path: str) -> Effect:
        trade = effect.trade
        price = self._number(trade.price, path)
        return Order(trade.market, trade.side, price, cash=trade.cash, stock=trade.stock, when=when)

    def _create(self, effect: declared.CreateEffect, when: Formula | None, path: str) -> Effect:
        made = effect.create
        given = {
            slot: self._value(text, self.scope, made.archetype, slot, f"{path}.{slot}")
            for slot, text in made.state.items()
        }
        return Create(made.archetype, given, when)

    def _remove(self, effect: declared.RemoveEffect, when: Formula | None, path: str) -> Effect:
        return Remove(when)

    def _send(self, effect: declared.SendEffect, when: Formula | None, path: str) -> Effect:
        send = effect.send
        how = How(priority=send.priority, ttl=send.lives)
        return Send(send.to or Topic(send.topic or ""), Wording(send.text, plain), when, how)

    def _link(self, effect: declared.LinkEffect, when: Formula | None, path: str) -> Effect:
        return Join(parts=False, to=effect.link.to, when=when, path=path)

    def _unlink(self, effect: declared.UnlinkEffect, when: Formula | None, path: str) -> Effect:
        return Join(parts=True, to=effect.unlink.to, when=when, path=path)
