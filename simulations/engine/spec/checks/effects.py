"""Effects: of an action by an agent, and of a step on what all share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agents.protocol.errors import BadMessage
from agents.protocol.topics import check_pattern, check_topic, is_reserved, matches
from simulations.engine.expressions import Kind, Scope, listed
from simulations.engine.expressions.aggregates import split_crowd
from simulations.engine.spec.archetypes import Action
from simulations.engine.spec.checks.agents import check_crowd
from simulations.engine.spec.checks.prompting import check_placeholders
from simulations.engine.spec.effects import (
    Add,
    Conditional,
    CreateEffect,
    LinkEffect,
    MoveTo,
    SendEffect,
    Set,
    TakeEffect,
    TradeEffect,
    Transfer,
    UnlinkEffect,
)
from simulations.engine.spec.faults import Faults, check_chances
from simulations.engine.spec.scopes import Names, Scopes, slot_kind

NO_PARTNER = "This agent meets nobody: give the archetype a partner (all, neighbors, or an archetype)."


class Acting:
    """Whose action it is, and what its expressions may name."""

    def __init__(self, scopes: Scopes, archetype: str, action: Action) -> None:
        self.scopes = scopes
        self.archetype = archetype
        self.action = action
        self.scope = scopes.action(archetype, action)
        self.slots = scopes.slots(archetype)
        self.partner = scopes.spec.archetypes[archetype].partner


def check_effect(faults: Faults, acting: Acting, effect: Conditional) -> None:
    """One effect of an action, for one archetype that may do it."""
    condition = faults.at("when").expression(effect.when, _scope_of(acting, effect), "bool")
    check_chances(faults.at("when"), acting.scopes.spec, condition)
    _BY_KIND[effect.kind](faults, acting, effect)


def _scope_of(acting: Acting, effect: Any) -> Scope:
    """Bare names are those of the agent that is changed."""
    on: str = getattr(effect, "on", "self")
    over = acting.partner if on == "partner" else on.split(maxsplit=1)[0]
    if on == "self" or over is None:
        return acting.scope
    return acting.scopes.action_on(acting.archetype, acting.action, over)


def _change(faults: Faults, acting: Acting, effect: Set | Add) -> None:
    """A slot of oneself, the partner or a crowd, a global or a pool, and the value."""
    if effect.on == "partner" and not _has_partner(faults.at("on"), acting):
        return
    if effect.on not in {"self", "partner"} and not _is_crowd(faults.at("on"), acting, effect.on):
        return
    target = effect.set if isinstance(effect, Set) else effect.add
    kind = _kind_of(faults.at(effect.kind), acting, target, effect.on)
    if kind is None:
        return
    part, text = ("to", effect.to) if isinstance(effect, Set) else ("value", effect.value)
    if isinstance(effect, Add) and kind not in {"number", "bool"}:
        faults.at("add").add("kind", f"“{target}” is no number; set it instead.")
        return
    expression = faults.at(part).expression(text, _scope_of(acting, effect), kind)
    check_chances(faults.at(part), acting.scopes.spec, expression)


def _is_crowd(faults: Faults, acting: Acting, text: str) -> bool:
    return check_crowd(faults, acting.scopes, acting.archetype, text) is not None


def _kind_of(faults: Faults, acting: Acting, target: str, on: str) -> Kind | None:
    """What kind of value the target takes; null and a fault where there is no such target."""
    if "." in target:
        return _shared_kind(faults, acting.scopes, target)
    names = acting.slots if on == "self" else _slots_of(acting, on)
    return names[target] if faults.known(target, names, "slot") else None


def _slots_of(acting: Acting, on: str) -> Names:
    over = acting.partner if on == "partner" else split_crowd(on)[0]
    found: Names = {}
    for name in acting.scopes.meant(over or ""):
        found |= acting.scopes.slots(name)
    return found


def _shared_kind(faults: Faults, scopes: Scopes, target: str) -> Kind | None:
    shared = {name: kind for name, kind in scopes.shared.names.items() if name.startswith(("global.", "pool."))}
    return shared[target] if faults.known(target, shared, "global or pool") else None


def _has_partner(faults: Faults, acting: Acting) -> bool:
    if acting.partner is None:
        faults.add("no_partner", NO_PARTNER)
    return acting.partner is not None


def _move(faults: Faults, acting: Acting, effect: MoveTo) -> None:
    here = faults.at("move_to")
    if acting.scopes.spec.environment.space == "none":
        here.add("no_space", "There is nowhere to go: the environment's space is none.")
    if effect.move_to == "partner":
        _has_partner(here, acting)
    if isinstance(effect.move_to, tuple):
        for number, side in enumerate(effect.move_to):
            here.at(number).expression(side, acting.scope, "number")


def _transfer(faults: Faults, acting: Acting, effect: Transfer) -> None:
    _number_slot(faults.at("transfer"), acting, effect.transfer)
    faults.at("amount").expression(effect.amount, acting.scope, "number")
    _has_partner(faults.at("to"), acting)


def _number_slot(faults: Faults, acting: Acting, slot: str | None) -> None:
    if faults.known(slot, acting.slots, "slot") and slot is not None and acting.slots[slot] != "number":
        faults.add("kind", f"“{slot}” is no number.")


def _send(faults: Faults, acting: Acting, effect: SendEffect) -> None:
    here = faults.at("send")
    if effect.send.to == "partner":
        _has_partner(here.at("to"), acting)
    if (effect.send.to is None) == (effect.send.topic is None):
        here.add("whom", "A message goes either to somebody (to: partner, neighbors or all), or on a topic.")
    elif effect.send.topic is not None:
        _check_topic(here.at("topic"), acting.scopes, effect.send.topic)
    check_placeholders(here.at("text"), effect.send.text, acting.scope.names)


def _check_topic(faults: Faults, scopes: Scopes, topic: str) -> None:
    try:
        check_topic(topic)
    except BadMessage as refused:
        faults.add("topic", refused.detail)
        return
    listening = [archetype.listens for archetype in scopes.spec.archetypes.values()]
    patterns = [pattern for each in listening for pattern in each.topics]
    if is_reserved(topic):
        faults.add("reserved", "Topics that begin with system are the host's; choose another word.")
    elif not any(each.where and not each.topics for each in listening) and not any(
        _fits(each, topic) for each in patterns
    ):
        told = (
            f"They listen to: {listed(patterns)}." if patterns else "No archetype listens to a topic: give one listens."
        )
        faults.add("unheard", f"Nobody listens to “{topic}”. {told}")


def _fits(pattern: str, topic: str) -> bool:
    """A pattern that is none is told where it stands."""
    try:
        return matches(check_pattern(pattern), topic)
    except BadMessage:
        return False


def _create(faults: Faults, acting: Acting, effect: CreateEffect) -> None:
    here, made = faults.at("create"), effect.create
    if not here.at("archetype").known(made.archetype, acting.scopes.spec.archetypes, "archetype"):
        return
    slots = acting.scopes.spec.archetypes[made.archetype].state
    for name, text in made.state.items():
        if here.at("state", name).known(name, slots, "slot"):
            here.at("state", name).expression(text, acting.scope, slot_kind(slots[name]))


def _nothing(faults: Faults, acting: Acting, effect: Conditional) -> None:
    """To leave needs nothing."""


def _trade(faults: Faults, acting: Acting, effect: TradeEffect) -> None:
    here, trade = faults.at("trade"), effect.trade
    here.at("market").known(trade.market, acting.scopes.spec.environment.markets, "market")
    here.at("price").expression(trade.price, acting.scope, "number")
    for part in ("cash", "stock"):
        _number_slot(here.at(part), acting, getattr(trade, part))


def _take(faults: Faults, acting: Acting, effect: TakeEffect) -> None:
    here, take = faults.at("take"), effect.take
    here.at("pool").known(take.pool, acting.scopes.spec.environment.pools, "pool")
    here.at("amount").expression(take.amount, acting.scope, "number")
    _number_slot(here.at("into"), acting, take.into)


def _link(faults: Faults, acting: Acting, effect: LinkEffect | UnlinkEffect) -> None:
    if acting.scopes.spec.environment.space != "network":
        faults.at(effect.kind).add("no_space", "Only a network has links; the environment's space is another.")
    whom = effect.link if isinstance(effect, LinkEffect) else effect.unlink
    if whom.to == "partner":
        _has_partner(faults.at(effect.kind, "to"), acting)


_BY_KIND: dict[str, Callable[[Faults, Acting, Any], None]] = {
    "set": _change,
    "add": _change,
    "move_to": _move,
    "transfer": _transfer,
    "send": _send,
    "create": _create,
    "remove": _nothing,
    "trade": _trade,
    "take": _take,
    "link": _link,
    "unlink": _link,
}


def check_shared_effect(faults: Faults, scopes: Scopes, effect: Conditional) -> None:
    """An effect of a step on globals and pools: `set` and `add` only."""
    if not isinstance(effect, Set | Add):
        faults.add("closed_set", "Before and after a step only set and add are possible, on globals and pools.")
        return
    target = effect.set if isinstance(effect, Set) else effect.add
    if "." not in target:
        faults.at(effect.kind).add("unknown", f"No agent acts here; change global.{target} or pool.{target}.")
        return
    kind = _shared_kind(faults.at(effect.kind), scopes, target)
    part, text = ("to", effect.to) if isinstance(effect, Set) else ("value", effect.value)
    scope = scopes.world.drawing()
    faults.at("when").expression(effect.when, scope, "bool")
    if kind is not None:
        check_chances(faults.at(part), scopes.spec, faults.at(part).expression(text, scope, kind))
