"""What expressions give, one by one and as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine.expressions import Expression, ExpressionFailed, Scope, parse

SCOPE = Scope(
    {
        "a": "number",
        "b": "number",
        "yes": "bool",
        "group": ("red", "green"),
        "self.group": ("red", "green"),
        "global.price": "number",
    },
    history={"a": 5},
    parameters=frozenset({"b"}),
)
ROW = {"a": 3.0, "b": 0.0, "yes": True, "group": "red", "self.group": "green", "global.price": 7.5}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3 - 4 / 8", 6.5),
        ("-7 // 2 + -7 % 3", -2.0),
        ("a if b > 0 else -a", -3.0),
        ("b > 0 and a / b > 1", False),
        ("b == 0 or a / b > 1", True),
        ("0 <= b < a <= 3", True),
        ("group == 'red' and self.group != 'red'", True),
        ("'green' if yes else 'red'", "green"),
        ("not yes == false", True),
        ("global.price", 7.5),
        ("clip(a * 9, 0, 10) + max(1, b, 2) + min(a, b)", 12.0),
        ("round(2.5) + round(1.25, 1) + floor(-0.5) + ceil(0.2)", 3.2),
        ("abs(-2) + sign(-9) + sqrt(16) + exp(0) + log(1)", 6.0),
    ],
)
def test_a_value(text: str, value: object) -> None:
    expression = parse(text, SCOPE, wants=("red", "green") if isinstance(value, str) else None)
    assert expression.scalar()(ROW) == value
    columns = expression.columns()(_columns([ROW, ROW]))
    assert [_word(expression, each) for each in columns] == [value, value] if columns.ndim else columns == value


def test_by_place_and_with_words_as_positions() -> None:
    expression = parse("group == 'green' and a > b", SCOPE)
    assert expression.names == {"group", "a", "b"}
    assert expression.scalar(["a", "b", "group"], coded=True)((2, 1, 1)) is True


def test_draws_are_numbered_from_the_left() -> None:
    expression = parse("uniform(10, 20) + randint(1, 6) + (1 if chance(0.5) else 0)", SCOPE.drawing())
    draws = [0.5, 0.99, 0.4]
    assert expression.draws == 3
    assert expression.scalar()({}, draws.__getitem__) == 15 + 6 + 1
    column = expression.columns()({}, lambda site: np.array([draws[site], 0.0]))
    assert column.tolist() == [22.0, 10.0 + 1.0 + 1.0]
    normal = parse("normal(5, 2) + exponential(2)", SCOPE.drawing())
    assert normal.scalar()({}, lambda _site: 0.5) == normal.columns()({}, lambda _site: np.array([0.5]))[0]


def test_past_values_are_asked_for_by_parameters() -> None:
    expression = parse("lag(a, b - 1) + mean_of(a, 3)", SCOPE)
    steps = {past.key: past.steps({"b": 4}) for past in expression.past}
    assert steps == {"lag(a,b - 1)": 3, "mean_of(a,3)": 3}
    assert expression.scalar()(dict.fromkeys(steps, 2.0)) == 4.0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a / b", "division by zero"),
        ("a % b", "modulo"),
        ("sqrt(b - 1)", "domain"),
        ("log(b)", "log|domain"),
        ("exp(a * 1000)", "range"),
    ],
)
def test_no_value_is_an_error_with_a_name(text: str, reason: str) -> None:
    expression = parse(text, SCOPE)
    with pytest.raises(ExpressionFailed, match=reason):
        expression.scalar()(ROW)
    fine = {**ROW, "a": 0.5, "b": 2.0}
    with pytest.raises(ExpressionFailed) as failed:
        expression.columns()(_columns([fine, ROW]))
    assert failed.value.row == 1
    assert text in failed.value.detail


def test_nan_and_infinity_are_never_handed_on() -> None:
    huge = {**ROW, "a": 1e308}
    for text in ("a * a", "a * a - a * a"):
        with pytest.raises(ExpressionFailed, match="finite"):
            parse(text, SCOPE).scalar()(huge)
        with pytest.raises(ExpressionFailed, match="finite"):
            parse(text, SCOPE).columns()(_columns([huge]))


_numbers = st.one_of(
    st.sampled_from(["a", "b", "global.price", "yes"]),
    st.integers(0, 20).map(str),
    st.floats(0, 9, width=16).map(lambda x: f"{x:.3f}"),
)
_conditions = st.sampled_from(["yes", "group == 'red'", "self.group != group", "true", "'green' == group"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner),
        st.builds("({} if {} {} {} {} {} else {})".format, inner, inner, st.sampled_from(["<", "<=", "==", ">"]), inner,
                  st.sampled_from(["and", "or"]), _conditions, inner),
        st.builds("{}({})".format, st.sampled_from(["abs", "floor", "ceil", "sign", "sqrt", "log", "exp", "round"]), inner),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("(-{})".format, inner),
    )  # fmt: skip


_row = st.fixed_dictionaries(
    {"a": st.floats(-50, 50, width=32), "b": st.integers(-3, 3), "yes": st.booleans(), "global.price": st.floats(-9, 9, width=16),
     "group": st.sampled_from(["red", "green"]), "self.group": st.sampled_from(["red", "green"])}
)  # fmt: skip


@settings(max_examples=150)
@given(text=st.recursive(_numbers, _grown, max_leaves=8), rows=st.lists(_row, min_size=1, max_size=4))
def test_columns_give_what_one_by_one_gives(text: str, rows: list[dict[str, Any]]) -> None:
    expression = parse(text, SCOPE)
    one_by_one = expression.scalar()
    wanted: list[object] = []
    failed = False
    for row in rows:
        try:
            wanted.append(one_by_one(row))
        except ExpressionFailed:
            failed = True
    if failed:
        with pytest.raises(ExpressionFailed):
            expression.columns()(_columns(rows), None, len(rows))
        return
    assert expression.columns()(_columns(rows), None, len(rows)).tolist() == wanted


def _columns(rows: list[dict[str, Any]]) -> dict[str, Any]:
    codes = {"red": 0, "green": 1}
    return {
        name: np.array([codes.get(row[name], row[name]) if isinstance(row[name], str) else row[name] for row in rows])
        for name in rows[0]
    }


def _word(expression: Expression, value: Any) -> object:
    return expression.kind[int(value)] if isinstance(expression.kind, tuple) else value
