"""How a world begins: agents are counted and held against the limits before anything is made, then placed, then given their state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from agents.protocol.steps.names import mark_of
from simulations.engine.mechanisms import DoubleAuction
from simulations.engine.parameters import Value
from simulations.engine.randomness import Chance, Ints
from simulations.engine.spaces import Space, build_space, plan_of
from simulations.engine.spec import LIMITS, AbmSpec, Limits
from simulations.engine.spec.base import Formula as Text
from simulations.engine.spec.scopes import Scopes, formula
from simulations.engine.state import Column, Part, UnifiedStateManager
from simulations.engine.world.blueprint import Beginning, Blueprint, Kind, activation_of
from simulations.engine.world.counting import TooLarge
from simulations.engine.world.formulas import Formula
from simulations.engine.world.post import Post
from simulations.engine.world.scene import Array, Numbers, Scene, Sight

BYTES_PER_VALUE = 24
MOST_BYTES = 4 << 30
Constants = dict[str, Any]


def constants_of(spec: AbmSpec, settings: Mapping[str, Value]) -> Constants:
    """Parameters by both spellings; a word as its position among the choices."""
    coded: Constants = {}
    for name, value in settings.items():
        choices = spec.parameters[name].choices
        coded[name] = coded[f"param.{name}"] = choices.index(str(value)) if choices else value
    return coded


def check_size(blueprint: Blueprint, counts: Mapping[str, int], steps: int, limits: Limits = LIMITS) -> None:
    """Steps, agents x steps and memory. Raises TooLarge."""
    agents = sum(counts.values())
    if steps > limits.steps:
        raise TooLarge("steps", f"A play has at most {limits.steps:,} steps; {steps:,} are asked for.")
    if agents * steps > limits.work:
        most = limits.work // max(agents, 1)
        raise TooLarge(
            "steps", f"With {agents:,} agents at most {most:,} steps can be played; {steps:,} are asked for."
        )
    kept = sum(1 + form.history for form in blueprint.forms.values()) + len(blueprint.derived) + 4
    if agents * kept * BYTES_PER_VALUE > MOST_BYTES:
        raise TooLarge(
            "archetypes", f"{agents:,} agents with {kept} values each do not fit into {MOST_BYTES >> 30} GiB."
        )


def found(
    blueprint: Blueprint,
    settings: Mapping[str, Value],
    chance: Chance,
    counts: Mapping[str, int],
    parts: Mapping[str, Part],
) -> Scene:
    """The scene of step 0; `parts` belong to the state besides what every scenario has."""
    rows = sum(counts.values())
    constants = constants_of(blueprint.spec, settings)
    space = _space(blueprint, constants, chance, rows)
    post = Post(blueprint.circles, mark_of(blueprint.spec.digest, chance.draw("post", 0)))
    shared, pools = Numbers(), Numbers()
    markets = {name: _market(low, high, constants, chance) for name, (low, high) in blueprint.markets.items()}
    own = {"globals": shared, "pools": pools, **_parts(markets), **parts, "letters": post}
    scene = Scene(
        state=_state(blueprint, space, rows, own, settings),
        space=space,
        chance=chance,
        constants=constants,
        shared=shared,
        pools=pools,
        markets=markets,
        width=space.topology().get("width", 0) if "place" in {column.name for column in space.columns} else 0,
    )
    post.population.state = scene.state
    scene.past = _past(blueprint, settings)
    shared.values.update({name: _number(each, scene) for name, each in blueprint.shared.items()})
    pools.values.update({name: max(0.0, _number(each, scene)) for name, each in blueprint.pools.items()})
    _settle(blueprint, scene, counts)
    return scene


def _parts(markets: Mapping[str, DoubleAuction]) -> dict[str, Part]:
    return {f"market.{name}": market for name, market in markets.items()}


def _market(low: Formula, high: Formula, constants: Constants, chance: Chance) -> DoubleAuction:
    bounds = [float(each.expression.scalar(coded=True)(constants)) for each in (low, high)]
    del chance
    return DoubleAuction(low=bounds[0], high=bounds[1])


def _space(blueprint: Blueprint, constants: Constants, chance: Chance, rows: int) -> Space:
    scope = Scopes(blueprint.spec).settings

    def number(text: Text) -> float:
        return float(formula(text, scope).scalar(coded=True)(constants))

    return build_space(plan_of(blueprint.spec.environment, rows, number), chance, rows)


def _state(
    blueprint: Blueprint, space: Space, rows: int, parts: Mapping[str, Part], settings: Mapping[str, Value]
) -> UnifiedStateManager:
    slots = [form for form in blueprint.forms.values() if form.kind != "text"]
    columns = [Column("archetype", "u1"), *space.columns]
    columns += [Column(form.name, form.dtype, form.history) for form in slots]
    derived = {each.name: Column(each.name, each.dtype, derived=True) for each in blueprint.derived if not each.scalar}
    if activation_of(blueprint.spec, settings) == "event":
        columns.append(Column("due", "<f8"))
    texts = [form.name for form in blueprint.forms.values() if form.kind == "text"]
    more: dict[str, Part] = {"moments": Numbers(), "links": Links(space)}
    return UnifiedStateManager(rows, [*columns, *derived.values()], texts=texts, parts={**parts, **more})


class Links:
    """What a space knows beyond the agents' places."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.kept: Mapping[str, Any] | None = None

    def snapshot(self) -> Any:
        return self.space.snapshot()

    def restore(self, content: Any) -> None:
        """Kept for when everyone is put in place."""
        self.kept = content


def _past(blueprint: Blueprint, settings: Mapping[str, Value]) -> dict[str, tuple[str, str, int]]:
    found: dict[str, tuple[str, str, int]] = {}
    values = {**settings, **{f"param.{name}": value for name, value in settings.items()}}
    for key, past in blueprint.past.items():
        steps = past.steps(values)
        kept = blueprint.forms[past.slot].history
        if not int(past.function == "mean_of") <= steps <= kept:
            raise TooLarge(f"archetypes.{past.slot}", f"“{key}” asks for {steps} steps back; {kept} are kept.")
        found[key] = (past.function, past.slot, steps)
    return found


def _number(each: Formula, scene: Scene) -> float:
    return float(each.columns(Sight(scene, np.zeros(1, np.int64)))[0])


def _settle(blueprint: Blueprint, scene: Scene, counts: Mapping[str, int]) -> None:
    first = 0
    archetypes = np.repeat(np.arange(len(counts)), list(counts.values()))
    scene.state.write("archetype", archetypes)
    scene.partner = np.arange(scene.state.rows)
    for kind in blueprint.kinds:
        rows = np.arange(first, first + counts[kind.name])
        first += rows.size
        put_in_place(scene, kind, rows)
    copy_places(scene)
    for number, kind in enumerate(blueprint.kinds):
        endow(scene, kind, np.flatnonzero(archetypes == number))
    scene.state.fill_past()


def put_in_place(scene: Scene, kind: Kind, rows: Ints) -> None:
    """Where an archetype's agents begin."""
    space = scene.space
    if isinstance(kind.place, tuple):
        sight = Sight(scene, rows)
        xs, ys = (side.columns(sight).tolist() for side in kind.place)
        sites = [space.site_at(x, y) for x, y in zip(xs, ys, strict=True)]
        space.place(rows, np.asarray(sites))
    elif kind.place == "all":
        space.fill(rows)
    elif kind.place != "none" and space.columns:
        space.scatter(rows, scene.chance, stream=f"settle {kind.name}")


def copy_places(scene: Scene) -> None:
    """The space's columns into the state."""
    for column in scene.space.columns:
        scene.state.write(column.name, scene.space.column(column.name))


def endow(scene: Scene, kind: Kind, rows: Ints) -> None:
    """Give agents the first values of their slots, from the top."""
    for beginning in kind.beginnings:
        name = beginning.form.name
        if beginning.form.kind == "text":
            for row in rows.tolist():
                scene.state.put_text(name, row, beginning.text[: beginning.form.max_length])
        else:
            scene.state.write_rows(name, rows, beginning.form.fit_column(_first(scene, kind, beginning, rows)))


def _first(scene: Scene, kind: Kind, beginning: Beginning, rows: Ints) -> Array:
    if beginning.weights:
        return _drawn(scene, f"init {kind.name}.{beginning.form.name}", beginning.weights, rows)
    if beginning.formula is None:
        return np.zeros(rows.size)
    return beginning.formula.columns(Sight(scene, rows))


def _drawn(scene: Scene, stream: str, weights: tuple[Formula, ...], rows: Ints) -> Array:
    """Words by their weights, which need not sum to 1."""
    shares = np.asarray([_number(weight, scene) for weight in weights])
    if (shares < 0).any() or not math.isfinite(shares.sum()) or shares.sum() <= 0:
        raise TooLarge(stream, "Weights must not be negative, and one of them must be above 0.")
    bounds = np.cumsum(shares / shares.sum())
    return np.minimum(np.searchsorted(bounds, scene.chance.draws(stream, rows), side="right"), shares.size - 1)
