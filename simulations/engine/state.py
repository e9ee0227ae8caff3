"""The state of all agents: numpy columns and texts, what changed since the last commit, and a digest of it all.

Rows are agents; they never move, a removed one stays as a dead row, and its number is never given to another. What was
committed is kept beside what is being written: a commit compares the two, and a step that fails is taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol, runtime_checkable

import numpy as np
import orjson
from numpy.typing import NDArray

from simulations.engine.randomness import Ints, Words
from simulations.engine.row_hashes import LANES, bits_of, folded, row_hashes, word_of

Values = NDArray[Any]
ALIVE = "alive"


@dataclass(frozen=True, slots=True)
class Column:
    """One declared property of an agent; `dtype` as numpy names it, little-endian (`u1`, `i4`, `f8`, `b1`).

    `history` is for how many steps back its values are kept. A `derived` column follows from the others: viewers learn
    of its changes, but it belongs neither to the digest nor to a checkpoint.
    """

    name: str
    dtype: str
    history: int = 0
    derived: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """The agents whose value in one column was written since the last commit, and their values now."""

    rows: Ints
    values: Values


Delta = Mapping[str, Change]


class Part(Protocol):
    """Something beside the agents that belongs to the state: globals, a market, the links of a network."""

    def snapshot(self) -> Any:
        """All of it, as JSON can say it; equal states give equal snapshots."""
        ...

    def restore(self, content: Any) -> None:
        """Become what the snapshot was."""
        ...


@runtime_checkable
class Digested(Part, Protocol):
    """A part of which not everything that is kept belongs to the digest."""

    def digested(self) -> Any:
        """What does, as JSON can say it."""
        ...

    def kept(self) -> Callable[[], Any]:
        """The snapshot of now, which is worked out when it is asked for."""
        ...


class UnifiedStateManager:
    """The only place where agents' state lives: rows 0…n-1, columns, texts, and parts that are not per agent.

    The digest is a sum of row hashes modulo 2^64 in two lanes, so that a step pays for its changed rows only, and a
    hash of the parts. It tells runs apart by accident, not against an adversary.
    """

    def __init__(
        self,
        rows: int,
        columns: Sequence[Column],
        *,
        texts: Sequence[str] = (),
        parts: Mapping[str, Part] | None = None,
    ) -> None:
        self.rows = rows
        self.columns = (*columns, Column(ALIVE, "?"))
        self.text_names = tuple(texts)
        self.parts = dict(parts or {})
        self._digested = {name: part for name, part in self.parts.items() if isinstance(part, Digested)}
        self.versions = np.zeros(rows, np.uint32)
        self._values = {column.name: np.zeros(rows, column.dtype) for column in self.columns}
        self._values[ALIVE][:] = True
        self._texts: dict[str, list[str]] = {name: [""] * rows for name in texts}
        self._text_words = {name: np.full(rows, word_of(""), np.uint64) for name in texts}
        self._past = {each.name: np.zeros((each.history, rows), each.dtype) for each in columns if each.history}
        self._hashes = np.zeros((len(LANES), rows), np.uint64)
        self._look()
        self.commit_all()

    def __getitem__(self, name: str) -> Values:
        """A live, read-only view of one column."""
        return self._views[name]

    def __contains__(self, name: object) -> bool:
        return name in self._views

    def cells(self, name: str) -> Any:
        """A live view of one column for single values, which come as plain numbers. Void once rows are added."""
        return self._cells[name]

    def put(self, name: str, row: int, value: float) -> None:
        """Write one value."""
        self._cells[name][row] = value

    def write(self, name: str, values: Values) -> None:
        """Write a whole column."""
        self._values[name][:] = values

    def write_rows(self, name: str, rows: Ints, values: Values | float) -> None:
        """Write some rows of a column."""
        self._values[name][rows] = values

    def text(self, name: str, row: int) -> str:
        return self._texts[name][row]

    def put_text(self, name: str, row: int, text: str) -> None:
        self._old_texts.setdefault((name, row), self._texts[name][row])
        self._texts[name][row] = text
        self._text_words[name][row] = word_of(text)

    def past(self, name: str) -> Values:
        """The kept values, newest first: row k-1 holds what was committed k steps ago."""
        return self._past[name]

    def fill_past(self) -> None:
        """Say that everything has always been as it is now."""
        for name, kept in self._past.items():
            kept[:] = self._values[name]

    def add_rows(self, count: int) -> Ints:
        """New agents with zeros everywhere, alive. Returns their rows; views taken before are void."""
        first, self.rows = self.rows, self.rows + count
        self._values = {name: _longer(values, count) for name, values in self._values.items()}
        self._past = {name: _longer(kept.T, count).T.copy() for name, kept in self._past.items()}
        for name in self.text_names:
            self._texts[name].extend([""] * count)
            self._text_words[name] = np.append(self._text_words[name], np.full(count, word_of(""), np.uint64))
        self._values[ALIVE][first:] = True
        self._look()
        return np.arange(first, self.rows)

    def living(self) -> Ints:
        """Rows of the agents that are there."""
        return np.flatnonzero(self._values[ALIVE])

    def commit(self) -> Delta:
        """End a step: bump the versions of the rows that changed, bring the digest up to date, say what changed."""
        marked = np.zeros(self.rows, np.bool_)
        self._age(marked)
        delta = self._compare(marked)
        rows = np.flatnonzero(marked)
        self._lengthen()
        self.versions[rows] += np.uint32(1)
        self._hashes[:, rows] = self._row_hashes(rows)
        self._hash_parts()
        self._old_texts.clear()
        return delta

    def commit_all(self) -> None:
        """Take the present values as the beginning: nothing counts as changed, every row is hashed."""
        self._committed = {name: values.copy() for name, values in self._values.items()}
        self._lengthen()
        self._old_texts: dict[tuple[str, int], str] = {}
        self._hashes[:] = self._row_hashes(np.arange(self.rows))
        self._hash_parts()

    def roll_back(self) -> None:
        """Forget what was written since the last commit."""
        before = self.versions.size
        for (name, row), text in self._old_texts.items():
            if row < before:
                self.put_text(name, row, text)
        self._texts = {name: texts[:before] for name, texts in self._texts.items()}
        self._text_words = {name: words[:before].copy() for name, words in self._text_words.items()}
        self._past = {name: kept[:, :before].copy() for name, kept in self._past.items()}
        self._values = {name: values.copy() for name, values in self._committed.items()}
        self.rows = before
        self._old_texts.clear()
        for name, part in self.parts.items():
            part.restore(orjson.loads(self._packed(name)))
        self._look()

    def digest(self, step: int) -> str:
        """A name for the whole committed state at `step`: 32 hexadecimal characters."""
        lanes = self._hashes.sum(axis=1, dtype=np.uint64)
        digest = blake2b(b"%d:%d:%s" % (step, self.versions.size, lanes.tobytes()), digest_size=16)
        digest.update(self._parts_hash)
        return digest.hexdigest()

    def load(
        self,
        columns: Mapping[str, Values],
        versions: Values,
        *,
        texts: Mapping[str, list[str]] | None = None,
        past: Mapping[str, Values] | None = None,
        parts: Mapping[str, Any] | None = None,
    ) -> None:
        """Replace everything, as when a checkpoint is read. Raises ValueError or KeyError where the shapes do not fit."""
        self.rows = versions.size
        self._values = {
            each.name: np.zeros(self.rows, each.dtype)
            if each.derived
            else _fitting(columns[each.name], each.dtype, self.rows)
            for each in self.columns
        }
        self.versions = _fitting(versions, "u4", self.rows)
        self._texts = {name: _texts_fitting((texts or {})[name], self.rows) for name in self.text_names}
        self._text_words = {
            name: np.fromiter(map(word_of, found), np.uint64, self.rows) for name, found in self._texts.items()
        }
        kept = past or {}
        self._past = {name: _fitting_past(kept[name], old, self.rows) for name, old in self._past.items()}
        for name, part in self.parts.items():
            part.restore((parts or {})[name])
        self._hashes = np.zeros((len(LANES), self.rows), np.uint64)
        self._look()
        self.commit_all()

    def content(self) -> tuple[dict[str, Values], dict[str, list[str]], dict[str, Values], dict[str, Any]]:
        """Columns, texts, kept values and parts as last committed: what `load` takes."""
        columns, past = self.numbers()
        texts, parts = self.words()
        return columns, texts, past, {name: orjson.loads(packed) for name, packed in parts.items()}

    def numbers(self) -> tuple[dict[str, Values], dict[str, Values]]:
        """Columns and kept values as last committed."""
        return {each.name: self._committed[each.name] for each in self.columns if not each.derived}, self._past

    def words(self) -> tuple[dict[str, list[str]], dict[str, bytes]]:
        """Texts and parts as last committed, the parts as JSON."""
        return self._texts, {name: self._packed(name) for name in self.parts}

    def _look(self) -> None:
        self._views = {name: _read_only(values) for name, values in self._values.items()}
        self._cells: dict[str, Any] = {name: cells_of(values) for name, values in self._values.items()}

    def _age(self, marked: Values) -> None:
        """Shift what is kept by one step; mark the rows where that made a difference."""
        for name, kept in self._past.items():
            older = np.concatenate([self._before(name)[np.newaxis], kept[:-1]])
            marked |= (older != kept).any(axis=0)
            self._past[name] = older

    def _before(self, name: str) -> Values:
        """The committed column, as long as the present one; agents that are new then have what they have now."""
        before = self._committed[name]
        return np.concatenate([before, self._values[name][before.size :]]) if before.size < self.rows else before

    def _compare(self, marked: Values) -> dict[str, Change]:
        old = self.versions.size
        marked[old:] = True
        delta: dict[str, Change] = {}
        for column in self.columns:
            values = self._values[column.name]
            changed = np.ones(self.rows, np.bool_)
            np.not_equal(values[:old], self._committed[column.name], out=changed[:old])
            rows = np.flatnonzero(changed)
            if rows.size:
                delta[column.name] = Change(rows, values[rows])
                self._take(column.name, rows)
            if rows.size and not column.derived:
                marked |= changed
        marked[[row for _, row in self._old_texts]] = True
        return delta

    def _take(self, name: str, rows: Ints) -> None:
        values, committed = self._values[name], self._committed[name]
        if committed.size < self.rows or rows.size * 4 > self.rows:
            self._committed[name] = values.copy()
        else:
            committed[rows] = values[rows]

    def _lengthen(self) -> None:
        more = self.rows - self.versions.size
        if more:
            self.versions = _longer(self.versions, more)
            self._hashes = _longer(self._hashes.T, more).T.copy()

    def _row_hashes(self, rows: Ints) -> Words:
        held = [bits_of(self._values[column.name][rows]) for column in self.columns if not column.derived]
        held += [self._text_words[name][rows] for name in self.text_names]
        held += [folded(window[:, rows]) for window in self._past.values()]
        return row_hashes(rows, held)

    def _hash_parts(self) -> None:
        """What of a part is not in the digest is written down only if somebody wants the committed state."""
        self._part_bytes, self._kept = dict[str, bytes](), dict[str, Callable[[], Any]]()
        hashed = blake2b(digest_size=16)
        for name, part in self.parts.items():
            if name in self._digested:
                packed, self._kept[name] = _as_bytes(self._digested[name].digested()), self._digested[name].kept()
            else:
                packed = self._part_bytes[name] = _as_bytes(part.snapshot())
            hashed.update(b"%s:%d:%s" % (name.encode(), len(packed), packed))
        self._parts_hash = hashed.digest()

    def _packed(self, name: str) -> bytes:
        if name in self._kept:
            self._part_bytes[name] = _as_bytes(self._kept.pop(name)())
        return self._part_bytes[name]


def cells_of(values: Values) -> Any:
    """A live view for single values: plain numbers in, plain numbers out."""
    return memoryview(values)  # type: ignore[arg-type]  # an array is a buffer; numpy's stubs do not say so for 3.11


def _as_bytes(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_SERIALIZE_NUMPY)


def _longer(values: Values, count: int) -> Values:
    return np.concatenate([values, np.zeros((count, *values.shape[1:]), values.dtype)])


def _fitting(values: Values, dtype: str, rows: int) -> Values:
    if values.dtype != np.dtype(dtype) or values.shape != (rows,):
        raise ValueError(f"expected {rows} values of {dtype}, got {values.shape} of {values.dtype}")
    return values.copy()


def _fitting_past(values: Values, old: Values, rows: int) -> Values:
    if values.dtype != old.dtype or values.shape != (old.shape[0], rows):
        raise ValueError(f"expected {old.shape[0]} steps of {rows} values, got {values.shape}")
    return values.copy()


def _texts_fitting(texts: list[str], rows: int) -> list[str]:
    if len(texts) != rows or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"expected {rows} texts")
    return list(texts)


def _read_only(values: Values) -> Values:
    view = values.view()
    view.flags.writeable = False
    return view
