"""Nodes and undirected links, which may be joined and parted: rows of neighbours, and what changed since the first day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulations.engine.randomness import Ints, mix_words
from simulations.engine.spaces.near import spans
from simulations.engine.spaces.wiring import code, decode, distinct


class Graph:
    """Neighbours of a node are in ascending order, and at most `radius` links away. Single questions see a change at once; arrays are remade when asked."""

    def __init__(self, nodes: int, links: Ints, radius: int = 1) -> None:
        self.sites, self.radius = nodes, radius
        self.changed: set[tuple[int, int]] = set()
        self.fingerprint = 0
        self._first = code(links)
        self._lists: dict[int, list[int]] = {}
        self._starts: Ints
        self._targets: Ints
        self._arrange()

    @property
    def first_links(self) -> Ints:
        """(m, 2) as on the first day."""
        return decode(self._first)

    @property
    def links(self) -> Ints:
        """(m, 2), the smaller node first, as they are now."""
        if not self.changed:
            return decode(self._first)
        changed = code(np.asarray(sorted(self.changed), np.int64))
        return decode(np.sort(np.setxor1d(self._first, changed, assume_unique=True)))

    def beside(self, node: int) -> list[int]:
        if self.radius == 1:
            return self._joined(node)
        reached, edge = {node}, [node]
        for _ in range(self.radius):
            edge = [far for near in edge for far in self._joined(near) if far not in reached]
            reached.update(edge)
        return sorted(reached - {node})

    def around(self, nodes: Ints) -> tuple[Ints, Ints]:
        if self._stale:
            self._arrange()
        which, beside = self._step(np.arange(nodes.size), nodes)
        for _ in range(self.radius - 1):
            farther, beyond = self._step(which, beside)
            pairs = distinct(np.concatenate([which << 32 | beside, farther << 32 | beyond]))
            which, beside = pairs >> 32, pairs & 0xFFFFFFFF
            others = beside != nodes[which]
            which, beside = which[others], beside[others]
        return which, beside

    def _step(self, which: Ints, nodes: Ints) -> tuple[Ints, Ints]:
        """One link on from each of the nodes, each reached on behalf of its `which`."""
        near, at = spans(self._starts[nodes], self._starts[nodes + 1] - self._starts[nodes])
        return which[near], self._targets[at]

    def _joined(self, node: int) -> list[int]:
        known = self._lists.get(node)
        if known is None:
            known = self._targets[self._starts[node] : self._starts[node + 1]].tolist()
            self._lists[node] = known
        return known

    def linked(self, node: int, other: int) -> bool:
        return other in self._joined(node)

    def toggle(self, node: int, other: int) -> None:
        """Join the two if they are not joined, else part them."""
        for one, two in ((node, other), (other, node)):
            beside = self._joined(one)
            now = [each for each in beside if each != two]
            self._lists[one] = now if len(now) < len(beside) else sorted([*beside, two])
        link = (min(node, other), max(node, other))
        self.changed ^= {link}
        word = np.asarray([link[0] << 32 | link[1] | 1 << 62], np.uint64)
        self.fingerprint ^= int(mix_words(word)[0])
        self._stale = True

    def grow(self, count: int) -> None:
        """More nodes, without links."""
        self._arrange()
        self.sites += count
        self._starts = np.concatenate([self._starts, np.full(count, self._starts[-1])])

    def become(self, nodes: int, changed: Sequence[Sequence[int]]) -> None:
        """The nodes and changes of a snapshot, instead of those now."""
        self.sites, self.changed, self.fingerprint = nodes, set(), 0
        self._lists = {}
        self._arrange()
        for node, other in changed:
            self.toggle(int(node), int(other))

    def _arrange(self) -> None:
        links = self.links
        starts = np.concatenate([links[:, 0], links[:, 1]])
        ends = np.concatenate([links[:, 1], links[:, 0]])
        order = np.lexsort((ends, starts))
        self._targets = ends[order]
        counts = np.bincount(starts, minlength=self.sites)
        self._starts = np.concatenate([[0], np.cumsum(counts)])
        self._stale = False
