"""Money, times and sizes as people read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from projects.templatetags.figures import file_size, grouped, money, span


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (Decimal(0), "$0.00"),
        (Decimal("0.000004"), "$0.0001"),
        (Decimal("0.00312"), "$0.0031"),
        (Decimal("0.0312"), "$0.03"),
        (Decimal("1234.5"), "$1,234.50"),
    ],
)
def test_money(amount: Decimal, shown: str) -> None:
    assert money(amount) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.42, "0.4 s"),
        (12.4, "12 s"),
        (185, "3 min 5 s"),
        (1800, "30 min"),
        (8040, "2 h 14 min"),
        (7200, "2 h"),
        (-3, "0.0 s"),
    ],
)
def test_spans(seconds: float, shown: str) -> None:
    assert span(seconds) == shown
    assert span(timedelta(seconds=seconds)) == shown


def test_counts_and_sizes() -> None:
    assert grouped(12408) == "12,408"
    sizes = (812, 24_000, 3_300_000, 25 * 1024**2, 2 * 1024**3)
    assert [file_size(n) for n in sizes] == ["812 B", "23 kB", "3.1 MB", "25 MB", "2 GB"]


def test_a_moment_says_when_exactly(settings: object) -> None:
    from projects.templatetags.figures import ago

    html = ago(datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    assert 'datetime="2026-01-02T03:04:00+00:00" title="2 January 2026, 03:04 UTC"' in html
    assert ago(None) == "never"
