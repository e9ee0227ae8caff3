"""What a viewer is told once: the space, the columns that frames carry, the layers, the metrics and their charts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulations.engine.frames.camera import Camera, Links, Shown, Wire
from simulations.engine.spec.archetypes import Slot
from simulations.engine.spec.base import in_words
from simulations.engine.spec.metrics import HistogramView, LineView, MapView
from simulations.engine.spec.scenario import AbmSpec
from simulations.engine.state import ALIVE, UnifiedStateManager

VERSION = 1
KIND = "archetype"
MOST_TOLD_OF = 20_000
MOST_COLUMNS = 24
_NARROW_PLACES = 1 << 15
_BYTE = 255
_YES_NO = ("no", "yes")


@dataclass(frozen=True, slots=True)
class Group:
    """Agents of one archetype in consecutive rows."""

    name: str
    label: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Hello:
    """`content` is JSON-able; `shown` are the columns that it announces, in the order of their numbers."""

    content: dict[str, Any]
    shown: tuple[Shown, ...]

    def camera(self, rows: int, links: Links | None = None) -> Camera:
        """One that takes the pictures announced here. `links`: see Camera."""
        return Camera(self.shown, rows=rows, links=None if links is None else lambda: links)


def hello_of(spec: AbmSpec, state: UnifiedStateManager, topology: Mapping[str, Any], groups: Sequence[Group]) -> Hello:
    """`topology` as the space answers it; `groups` where each archetype's agents begin."""
    columns = [*_places(topology, state), _Told(Shown(ALIVE, "u1"), "Alive", _YES_NO)]
    columns += [
        _told(name, spec, state) for name in _carried(spec, state) if name not in {"place", "x", "y", ALIVE, KIND}
    ]
    if len(groups) > 1 and KIND in state:
        columns.append(_Told(Shown(KIND, "u1"), "Kind", tuple(each.label for each in groups)))
    shown = tuple(column.shown for column in columns)
    names = {each.name for each in shown}
    content = {
        "version": VERSION,
        "rows": state.rows,
        "stride": Camera(shown, rows=state.rows).stride,
        "space": _space(topology),
        "columns": [column.content() for column in columns],
        "layers": list(_layers(spec, names)),
        "histograms": [view.histogram for view in spec.views if isinstance(view, HistogramView)],
        "charts": charts_of(spec),
        "metrics": [
            {"name": name, "label": metric.title(name), "unit": metric.unit, "help": metric.help}
            for name, metric in spec.metrics.items()
        ],
        "archetypes": [
            {"name": each.name, "label": each.label, "first": each.first, "count": each.count} for each in groups
        ],
    }
    return Hello(content, shown)


@dataclass(frozen=True, slots=True)
class _Told:
    """A column with what people call it and its values."""

    shown: Shown
    label: str
    words: tuple[str, ...] = ()

    def content(self) -> dict[str, Any]:
        wire = "u2" if self.shown.is_scaled else self.shown.wire
        low, high = self.shown.low, self.shown.high
        return {
            "name": self.shown.name,
            "label": self.label,
            "type": wire,
            "low": low,
            "high": high,
            "words": self.words,
        }


def charts_of(spec: AbmSpec) -> list[list[str]]:
    """Metrics that are drawn together: as the views say, then each other one by itself."""
    lines = [list(view.line) for view in spec.views if isinstance(view, LineView)]
    drawn = {name for line in lines for name in line}
    return lines + [[name] for name in spec.metrics if name not in drawn]


def _carried(spec: AbmSpec, state: UnifiedStateManager) -> list[str]:
    """Columns that frames carry: what the views draw, and of crowds that are not too large everything that agents have."""
    names = dict.fromkeys(_viewed(spec))
    if state.rows <= MOST_TOLD_OF:
        names |= dict.fromkeys(name for each in spec.archetypes.values() for name in each.state)
    return [name for name in names if name in state][:MOST_COLUMNS]


def _viewed(spec: AbmSpec) -> list[str]:
    """Names of what the views draw, each once."""
    names: dict[str, None] = {}
    for view in spec.views:
        if isinstance(view, MapView):
            names.update(dict.fromkeys(filter(None, (view.map.color, view.map.mark, view.map.size))))
        elif isinstance(view, HistogramView):
            names[view.histogram] = None
    return list(names)


def _layers(spec: AbmSpec, names: set[str]) -> Iterator[dict[str, Any]]:
    """One for each map; a play without one is coloured by what its histogram shows, or not at all."""
    maps = [view.map for view in spec.views if isinstance(view, MapView)]
    for each in maps:
        drawn = {"color": each.color, "mark": each.mark, "size": each.size}
        kept = {role: name if name in names else None for role, name in drawn.items()}
        yield {**kept, "label": in_words(each.color)}
    if not maps:
        spread = [view.histogram for view in spec.views if isinstance(view, HistogramView)]
        color = next((name for name in (*spread, KIND) if name in names), None)
        yield {
            "color": color,
            "mark": None,
            "size": None,
            "label": "Kind" if color == KIND else in_words(color or "agents"),
        }


def _places(topology: Mapping[str, Any], state: UnifiedStateManager) -> Iterator[_Told]:
    if topology["space"] == "continuous":
        for name, extent in zip(("x", "y"), (topology["width"], topology["height"]), strict=True):
            yield _Told(Shown(name, "u2", 0.0, float(extent)), name)
    elif "place" in state:
        places = topology.get("nodes", topology.get("width", 1) * topology.get("height", 1))
        yield _Told(Shown("place", "i2" if places <= _NARROW_PLACES else "i4"), "Place")


def _told(name: str, spec: AbmSpec, state: UnifiedStateManager) -> _Told:
    slot = next((each.state[name] for each in spec.archetypes.values() if name in each.state), None)
    label = (slot.label if slot else None) or in_words(name)
    kind = state[name].dtype.kind
    if slot is not None and slot.enum:
        return _Told(Shown(name, "u1"), label, slot.labels or tuple(in_words(word) for word in slot.enum))
    if kind == "b":
        return _Told(Shown(name, "u1"), label, _YES_NO)
    return _Told(_number(name, slot, kind), label)


def _number(name: str, slot: Slot | None, kind: str) -> Shown:
    low, high = (slot.min, slot.max) if slot else (None, None)
    if low is None or high is None or high <= low:
        return Shown(name, "f4" if kind == "f" else "i4")
    if kind == "f":
        return Shown(name, "u2", low, high)
    fits: Wire = "u1" if low >= 0 and high <= _BYTE else "i4"
    return Shown(name, fits)


def _space(topology: Mapping[str, Any]) -> dict[str, Any]:
    """Networks too large to be drawn come without links and positions: then it is a crowd like any other."""
    kind = topology["space"]
    if kind == "grid":
        shape = {name: topology[name] for name in ("width", "height", "torus")}
        return {"kind": kind, **shape, "hex": topology["neighborhood"] == "hex"}
    if kind == "continuous":
        return {"kind": kind, "width": topology["width"], "height": topology["height"]}
    if kind == "network" and "positions" in topology:
        return {"kind": kind, "positions": topology["positions"], "links": topology["edges"]}
    return {"kind": "none"}
