"""Whether an answer holds what its case expects, and how sure a share of few trials is."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from marketplace.manifest.evaluation import Expect
from marketplace.sandbox.expectations import Answer, unmet
from marketplace.sandbox.intervals import percentile, wilson

ANSWER = Answer("The battery holds 640 kWh [study.pdf, p. 2].\nIt pays after six years.")
_expect: TypeAdapter[Expect] = TypeAdapter(Expect)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("contains", "640 KWH", "650"),
        ("absent", "650", "six"),
        ("equals", f"  {ANSWER.text} ", "six years"),
        ("pattern", "[0-9]+ kWh", "[0-9]+ MWh"),
        ("min_words", 13, 14),
        ("max_words", 13, 12),
        ("citations", 1, 2),
    ],
)
def test_each_expectation_holds_or_says_why(kind: str, good: Any, bad: Any) -> None:
    holds, not_so = (_expect.validate_python({"kind": kind, "value": value}) for value in (good, bad))
    assert unmet(ANSWER, [not_so, holds]) != []
    assert len(unmet(ANSWER, [holds, not_so])) == 1


def test_a_form_is_held_against_the_data_and_never_leaves_the_house() -> None:
    form = {"type": "object", "required": ["kwh"], "properties": {"kwh": {"type": "integer"}}}
    expected = _expect.validate_python({"kind": "schema", "value": form})
    assert unmet(Answer('{"kwh": 640}'), [expected]) == []
    assert unmet(Answer("text", {"kwh": 640}), [expected]) == []
    assert unmet(Answer('{"kwh": "much"}'), [expected])[0].startswith("The answer does not fit the schema")
    assert unmet(Answer("640"), [expected]) != []
    outside = _expect.validate_python({"kind": "schema", "value": {"$ref": "https://example.org/schema.json"}})
    assert "cannot be used" in unmet(Answer("{}"), [outside])[0]


def test_the_interval_of_wilson() -> None:
    """Solved by hand: the ends are where the share of 8 in 10 is 1.96 standard errors away."""
    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(3, 3)[0] == pytest.approx(0.4385, abs=1e-4)


def test_percentiles_lie_between_ranks() -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], 0.5) == 2.5
    assert percentile([], 0.95) is None
    assert percentile([7.0], 0.95) == 7.0
