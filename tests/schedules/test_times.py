"""When a crontab line comes, in a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.schedules.times import Times, TimesInvalid

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)  # a Saturday


def after(line: str, moment: datetime = NOW, zone: str = "UTC", count: int = 2) -> list[str]:
    return [f"{found:%m-%d %H:%M}" for found in islice(Times.parse(line, zone).all_after(moment), count)]


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("30 7 * * 1-5", ["11-23 07:30", "11-24 07:30"]),
        ("*/15 * * * *", ["11-21 13:15", "11-21 13:30"]),
        ("0 13 * * *", ["11-22 13:00", "11-23 13:00"]),
        ("5,35 8-9 1 * *", ["12-01 08:05", "12-01 08:35"]),
        ("0 9 1 * 1", ["11-23 09:00", "11-30 09:00"]),  # the first of a month, or any Monday
        ("0 0 * * 7", ["11-22 00:00", "11-29 00:00"]),
        ("0 0 * * 0", ["11-22 00:00", "11-29 00:00"]),
        ("@hourly", ["11-21 14:00", "11-21 15:00"]),
        ("0 0 29 2 *", ["02-29 00:00", "02-29 00:00"]),
    ],
)
def test_the_next_times(line: str, times: list[str]) -> None:
    assert after(line) == times


def test_a_time_is_the_time_of_its_zone() -> None:
    assert after("30 7 * * *", zone="Europe/Berlin") == ["11-22 06:30", "11-23 06:30"]
    assert after("30 7 * * *", datetime(2026, 7, 1, tzinfo=UTC), "Europe/Berlin", 1) == ["07-01 05:30"]


def test_an_hour_that_is_skipped_does_not_come_and_one_that_comes_twice_comes_once() -> None:
    spring, autumn = datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert after("30 2 * * *", spring, "Europe/Berlin") == ["03-30 00:30", "03-31 00:30"]
    assert after("30 2 * * *", autumn, "Europe/Berlin") == ["10-25 00:30", "10-26 01:30"]


def test_only_what_comes_every_hour_comes_twice_in_an_hour_that_does() -> None:
    """In Havana midnight comes twice: a line of every sixth hour names it once, one of all 24 hours leaves no gap, however it is written."""
    before = datetime(2026, 11, 1, 3, 30, tzinfo=UTC)
    assert after("0 */6 * * *", before, "America/Havana") == ["11-01 04:00", "11-01 11:00"]
    assert after("0 0-23 * * *", before, "America/Havana") == ["11-01 04:00", "11-01 05:00"]


def test_what_comes_every_hour_has_no_gap_in_autumn() -> None:
    midnight = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    every_hour = ["10-24 23:00", "10-25 00:00", "10-25 01:00", "10-25 02:00"]
    assert after("0 * * * *", midnight, "Europe/Berlin", 4) == every_hour
    half_hours = ["10-25 00:00", "10-25 00:30", "10-25 01:00", "10-25 01:30", "10-25 02:00"]
    assert after("*/30 * * * *", datetime(2026, 10, 24, 23, 40, tzinfo=UTC), "Europe/Berlin", 5) == half_hours


@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("0 9 * * 0-7", "0 9 * * *"),
        ("0 9 * * 5-7", "0 9 * * 0,5,6"),
        ("0 9 * * 7", "0 9 * * 0"),
        ("0 9 * * Mon-Fri", "0 9 * * 1-5"),
        ("0 9 * * sat,sun", "0 9 * * 6,0"),
        ("0 9 1 jan,JUL *", "0 9 1 1,7 *"),
        ("@midnight", "@daily"),
        ("@annually", "@yearly"),
    ],
)
def test_days_and_months_may_be_named_and_sunday_is_0_and_7(line: str, same: str) -> None:
    assert after(line, NOW, count=10) == after(same, NOW, count=10)


@pytest.mark.parametrize(
    ("line", "zone", "said"),
    [
        ("", "UTC", "five parts"),
        ("* * * *", "UTC", "five parts"),
        ("61 * * * *", "UTC", "minute “61”"),
        ("* 24 * * *", "UTC", "hour “24”"),
        ("* * 0 * *", "UTC", "day of the month “0”"),
        ("*/0 * * * *", "UTC", "minute “\\*/0”"),
        ("0 0 * * monday", "UTC", "day of the week “monday” cannot be read: 0 to 7, sun mon"),
        ("jan 0 * * *", "UTC", "minute “jan”"),
        ("0-3-9 0 * * *", "UTC", "minute “0-3-9”"),
        ("١ 0 * * *", "UTC", "minute “١”"),
        ("0 0 * * 8", "UTC", "day of the week “8”"),
        ("0 0 * * *; rm", "UTC", "five parts"),
        ("0 0 * * *", "Europe/Atlantis", "no time zone"),
        ("0 0 * * *", "../etc/passwd", "no time zone"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(line: str, zone: str, said: str) -> None:
    with pytest.raises(TimesInvalid, match=said):
        Times.parse(line, zone)


def test_a_day_that_never_comes_is_refused() -> None:
    with pytest.raises(TimesInvalid, match="never comes"):
        Times.parse("0 0 30 2 *", "UTC").after(NOW)


@given(
    st.integers(0, 59),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Chatham"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_a_daily_time_is_later_at_most_two_days_away_and_shows_that_time(
    minute: int, hour: int, zone: str, moment: datetime
) -> None:
    found = Times.parse(f"{minute} {hour} * * *", zone).after(moment)
    assert moment < found <= moment + timedelta(days=2, hours=1)
    local = found.astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute) == (hour, minute)
