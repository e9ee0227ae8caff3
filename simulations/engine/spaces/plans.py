"""What a space is to be, in numbers: every expression of the scenario is worked out before this.

Each plan refuses what cannot be built, with the path in the scenario (`environment.shape`) and the limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulations.engine.errors import Refusal, SimulationError

Neighborhood = Literal["moore", "von_neumann", "hex"]
NetworkKind = Literal["complete", "ring", "small_world", "scale_free", "random", "cliques", "star", "line", "edges"]

MOST_SITES = 4_000_000
MOST_LINKS = 20_000_000
MOST_TABLE = 64_000_000  # entries of a neighbour table: 256 MB


class SpaceRefused(SimulationError):
    """A space that cannot be built; `refusal` says where and why."""

    def __init__(self, path: str, code: str, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(path, code, detail)


@dataclass(frozen=True, slots=True)
class NoSpace:
    """Agents without places; everyone may see everyone, nobody is near."""


@dataclass(frozen=True, slots=True)
class GridPlan:
    """`width` x `height` cells; cell (x, y) is place y * width + x. `capacity` None: any number in a cell.

    With `torus` the edges meet. Hexagons lie in rows, the even rows half a cell to the right; on a torus their number
    of rows must be even.
    """

    width: int
    height: int
    torus: bool = True
    neighborhood: Neighborhood = "moore"
    radius: int = 1
    capacity: int | None = 1

    def __post_init__(self) -> None:
        _between("environment.shape", self.width, 1, MOST_SITES, "The width of the grid")
        _between("environment.shape", self.height, 1, MOST_SITES, "The height of the grid")
        _between("environment.shape", self.width * self.height, 1, MOST_SITES, "The number of cells")
        _between("environment.radius", self.radius, 1, 50, "The radius")
        if self.capacity is not None:
            _between("environment.capacity", self.capacity, 1, MOST_SITES, "The capacity of a cell")
        if self.neighborhood == "hex" and self.torus and self.height % 2:
            raise SpaceRefused(
                "environment.shape", "odd", "Hexagons on a torus need an even number of rows, or the seam does not fit."
            )
        table = self.width * self.height * (2 * self.radius + 1) ** 2
        _between("environment.radius", table, 1, MOST_TABLE, "Cells times neighbours")


@dataclass(frozen=True, slots=True)
class NetworkPlan:
    """`nodes` joined by undirected links.

    `degree`: links of a node in a `ring` or before rewiring in a `small_world` (even). `probability`: of rewiring
    (`small_world`, Watts & Strogatz 1998) or of each link (`random`). `links`: that a newcomer brings (`scale_free`,
    Barabási & Albert 1999). `size`: of each of the `cliques`, between which there are no links.
    `radius`: how many links away a neighbour may be.
    """

    kind: NetworkKind
    nodes: int
    degree: int = 2
    probability: float = 0.1
    links: int = 2
    size: int = 5
    edges: tuple[tuple[int, int], ...] = ()
    radius: int = 1
    capacity: int | None = None

    def __post_init__(self) -> None:
        _between("environment.radius", self.radius, 1, 10, "The radius")
        _between("environment.network.nodes", self.nodes, 1, MOST_SITES, "The number of nodes")
        _between("environment.network.probability", self.probability, 0, 1, "The probability")
        _between("environment.network.links", self.links, 1, max(1, self.nodes - 1), "The links of a newcomer")
        _between("environment.network.size", self.size, 1, 10_000, "The size of a clique")
        self._check_degree()
        self._check_edges()
        _between("environment.network", self._expected_links(), 0, MOST_LINKS, "The number of links")

    def _check_degree(self) -> None:
        if self.kind not in {"ring", "small_world"}:
            return
        _between("environment.network.degree", self.degree, 2, max(2, self.nodes - 1), "The degree")
        if self.degree % 2:
            raise SpaceRefused("environment.network.degree", "odd", "The degree must be even: half to either side.")

    def _check_edges(self) -> None:
        for number, (start, end) in enumerate(self.edges):
            path = f"environment.network.edges.{number}"
            _between(path, min(start, end), 0, self.nodes - 1, "A node of a link")
            _between(path, max(start, end), 0, self.nodes - 1, "A node of a link")
            if start == end:
                raise SpaceRefused(path, "loop", f"Node {start} is linked to itself.")

    def _expected_links(self) -> float:
        each = {
            "ring": self.degree / 2,
            "small_world": self.degree / 2,
            "scale_free": self.links,
            "random": self.probability * (self.nodes - 1) / 2,
            "cliques": self.size / 2,
        }
        return each.get(self.kind, 0) * self.nodes


@dataclass(frozen=True, slots=True)
class ContinuousPlan:
    """A plane of `width` x `height`; two agents are near if their distance is at most `radius`."""

    width: float
    height: float
    radius: float
    torus: bool = True

    def __post_init__(self) -> None:
        for length in (self.width, self.height):
            _between("environment.extent", length, 1e-9, 1e9, "The extent")
        _between("environment.radius", self.radius, 1e-9, 1e9, "The radius")
        if self.torus and 2 * self.radius > min(self.width, self.height):
            raise SpaceRefused(
                "environment.radius", "too_large", "On a torus the radius may be at most half of the shorter side."
            )


Plan = NoSpace | GridPlan | NetworkPlan | ContinuousPlan


def _between(path: str, value: float, low: float, high: float, what: str) -> None:
    if not low <= value <= high:
        raise SpaceRefused(path, "limit", f"{what} must be between {low:,.12g} and {high:,.12g}; it is {value:,.12g}.")
