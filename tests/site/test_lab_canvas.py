"""The picture of a simulation in a real browser, fed with the engine's own frames: what it holds, and how much work a step of it is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from simulations.engine.frames import Camera, Frame, Screen, Shown
from simulations.engine.spaces.lattice import Lattice
from simulations.engine.spaces.plans import GridPlan
from simulations.engine.state import Column, UnifiedStateManager
from tests.site.alone import HOME, page_alone

pytestmark = pytest.mark.browser
PAGE = """<!DOCTYPE html><title>t</title><link rel=stylesheet href=/static/site/site.css>
<link rel=stylesheet href=/static/simulations/lab.css><body><div class=stage><div data-field><canvas></canvas></div></div>
<span class=probe data-probe></span>"""
START = """async ({hello, frames}) => {
  const { unpacked } = await import("/static/simulations/lab/bytes.js");
  const { Reel } = await import("/static/simulations/lab/reel.js");
  const { Scene } = await import("/static/simulations/lab/scene.js");
  const { Palette } = await import("/static/simulations/lab/palette.js");
  const { Picture } = await import("/static/simulations/lab/picture.js");
  const scene = new Scene(hello);
  const palette = new Palette(document.querySelector("[data-probe]"));
  window.reel = new Reel(async () => []);
  for (const frame of frames) reel.add(unpacked(frame));
  window.picked = -1;
  window.picture = new Picture(document.querySelector(".stage"), scene, palette, { onPoint() {}, onPick(row) { window.picked = row; } });
}"""
HELD = """async (step) => {
  const columns = await reel.show(step);
  return [columns.byNumber.map((values) => [...values]), [...columns.links.values()]];
}"""
FILM = """async (steps) => {
  picture.draw(await reel.show(0));
  const did = { strokes: 0, looks: 0 };
  const pen = CanvasRenderingContext2D.prototype;
  for (const name of ["fillRect", "fill", "stroke", "drawImage", "putImageData", "getImageData", "moveTo", "lineTo"]) {
    const draws = pen[name];
    pen[name] = function (...what) { did.strokes += 1; return draws.apply(this, what); };
  }
  const get = reel.frames.get;
  reel.frames.get = function (step) { did.looks += 1; return get.call(this, step); };
  for (let step = 1; step <= steps; step += 1) picture.draw(await reel.show(step));
  return did;
}"""
BESIDE = """async (rows) => {
  picture.draw(await reel.show(0));
  const spots = rows.map((row) => picture.drawing.where(row, picture.columns));
  const [middle, ...others] = spots;
  return others.map((other) => Math.hypot(other.x - middle.x, other.y - middle.y).toFixed(6));
}"""
SPOT = """(row) => {
  const { x, y } = picture.drawing.where(row, picture.columns);
  const { width, height } = picture.drawing.size;
  return [x / width, y / height];
}"""
SIDE, STEPS = 200, 20


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with page_alone(browser, PAGE) as opened:
        opened.goto(HOME)
        yield opened


def hello(space: dict[str, Any], columns: list[dict[str, Any]]) -> dict[str, Any]:
    told = [{"label": each["name"], "low": 0, "high": 0, "words": [], **each} for each in columns]
    layers = [{"color": "group", "mark": None, "size": None, "label": "Group"}]
    found = {"space": space, "columns": told, "layers": layers, "stride": 1}
    return {**found, "archetypes": [], "metrics": [], "charts": [], "histograms": []}


def town(side: int, steps: int) -> tuple[dict[str, Any], list[Frame]]:
    """A full town in which 150 residents change places in every step."""
    chance = np.random.default_rng(2)
    state = UnifiedStateManager(side * side, [Column("place", "<u4"), Column("group", "u1")])
    state.write("place", chance.permutation(side * side))
    state.write("group", chance.integers(0, 3, side * side))
    state.commit()
    camera = Camera([Shown("place", "u2"), Shown("group", "u1")], rows=side * side)
    frames = [camera.keyframe(0, state)]
    for step in range(1, steps):
        rows = chance.choice(side * side, 150, replace=False)
        state.write_rows("place", rows, state["place"][chance.permutation(rows)])
        frames.append(camera.frame(step, state, state.commit()))
    space = {"kind": "grid", "width": side, "height": side, "torus": True, "hex": False}
    return hello(
        space, [{"name": "place", "type": "u2"}, {"name": "group", "type": "u1", "words": ["a", "b", "c"]}]
    ), frames


def hexagons(plan: GridPlan) -> tuple[dict[str, Any], list[Frame]]:
    """A resident in every cell of it, with the cell's own number."""
    cells = plan.width * plan.height
    state = UnifiedStateManager(cells, [Column("place", "<u4"), Column("group", "u1")])
    state.write("place", np.arange(cells))
    state.commit()
    camera = Camera([Shown("place", "u2"), Shown("group", "u1")], rows=cells)
    space = {"kind": "grid", "width": plan.width, "height": plan.height, "torus": plan.torus, "hex": True}
    columns: list[dict[str, Any]] = [{"name": "place", "type": "u2"}, {"name": "group", "type": "u1", "words": ["a"]}]
    return hello(space, columns), [camera.keyframe(0, state)]


def begin(page: Page, told: dict[str, Any], frames: list[Frame]) -> None:
    packed = [b64encode(frame.payload).decode() for frame in frames]
    page.evaluate(START, {"hello": told, "frames": packed})


def test_the_page_holds_what_the_engine_showed(page: Page) -> None:
    told, frames = town(20, 55)
    links: set[tuple[int, int]] = {(0, 1), (1, 2)}
    state = UnifiedStateManager(3, [Column("x", "<f8")])
    camera = Camera([Shown("x", "f4")], rows=3, links=lambda: sorted(links))
    networked = [camera.keyframe(0, state)]
    links ^= {(1, 2), (0, 2)}
    state.put("x", 1, 0.5)
    networked.append(camera.frame(1, state, state.commit()))
    for story, at in ((frames, 54), (frames, 7), (networked, 1)):
        screen = Screen()
        for frame in story[: at + 1]:
            assert screen.show(frame.payload)
        begin(page, told, story)
        columns, shown = page.evaluate(HELD, at)
        assert columns == [screen.columns[number].tolist() for number in sorted(screen.columns)]
        assert {tuple(link) for link in shown} == screen.links


def test_a_step_of_a_town_of_200_by_200_is_three_strokes_and_one_frame(page: Page) -> None:
    """Whoever drew each of 40,000 residents, or read the film from its beginning each time, would show no film."""
    told, frames = town(SIDE, STEPS + 1)
    begin(page, told, frames)
    did = page.evaluate(FILM, STEPS)
    assert did == {"strokes": 3 * STEPS, "looks": 2 * STEPS}  # a frame is looked for, then read


def test_who_is_pointed_at_is_found_also_when_it_is_enlarged(page: Page) -> None:
    told, frames = town(20, 2)
    begin(page, told, frames)
    place = page.evaluate(
        "async () => { const held = await reel.show(0); picture.draw(held); return held.byNumber[0][7]; }"
    )
    for zoom in (1, 2):
        page.evaluate("(zoom) => { picture.whole(); picture.scale(zoom, 0, 0); }", zoom)
        box = page.locator("canvas").bounding_box()
        assert box is not None
        x, y = ((place % 20 + 0.5) / 20 * zoom, (place // 20 + 0.5) / 20 * zoom)
        if x < 1 and y < 1:
            page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
            assert page.evaluate("picked") == 7


def test_a_hexagon_lies_beside_the_six_that_the_engine_counts_as_its_neighbours(page: Page) -> None:
    plan = GridPlan(width=8, height=6, torus=False, neighborhood="hex")
    told, frames = hexagons(plan)
    begin(page, told, frames)
    lattice = Lattice(plan)
    for place in (2 * 8 + 3, 3 * 8 + 3):  # of an even and of an odd row
        assert page.evaluate(BESIDE, [place, *lattice.beside(place)]) == ["1.000000"] * 6
        x, y = page.evaluate(SPOT, place)
        box = page.locator("canvas").bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
        assert page.evaluate("picked") == place
