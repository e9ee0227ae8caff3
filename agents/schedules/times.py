"""Times written as in crontab(5), read in a time zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from celery.schedules import ParseException, crontab_parser

NAMED = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
PARTS = (("minute", 60, 0), ("hour", 24, 0), ("day of the month", 31, 1), ("month", 12, 1), ("day of the week", 8, 0))
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
NAMES = {
    "month": {name: str(number) for number, name in enumerate(MONTHS, start=1)},
    "day of the week": {name: str(number) for number, name in enumerate(DAYS)},
}
PIECE = r"(?:\*|\d{1,2}(?:-\d{1,2})?)(?:/\d{1,2})?"
FIELD = re.compile(f"{PIECE}(?:,{PIECE})*", re.ASCII)
YEARS_AHEAD = 8  # 29 February may be eight years away


class TimesInvalid(ValueError):
    """The line is not a crontab line, or never comes; the message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class Times:
    """The minutes that a line names. With both a day of the month and of the week, either of them is enough, as in crontab(5)."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  # 0 is Sunday
    any_day: bool
    any_weekday: bool
    any_hour: bool
    zone: ZoneInfo

    @classmethod
    def parse(cls, line: str, timezone: str) -> Self:
        """Raises TimesInvalid."""
        fields = NAMED.get(line.strip().lower(), line).split()
        if len(fields) != len(PARTS):
            raise TimesInvalid(
                "Write five parts: minute, hour, day of the month, month, day of the week; as in 30 7 * * 1-5."
            )
        minutes, hours, days, months, weekdays = (
            _parsed(field, *part) for field, part in zip(fields, PARTS, strict=True)
        )
        return cls(
            tuple(sorted(minutes)),
            tuple(sorted(hours)),
            frozenset(days),
            frozenset(months),
            frozenset(day % 7 for day in weekdays),
            any_day=fields[2].startswith("*"),
            any_weekday=fields[4].startswith("*"),
            any_hour=len(set(hours)) == 24,
            zone=_zone(timezone),
        )

    def after(self, moment: datetime) -> datetime:
        """The first time later than `moment`, in UTC. Raises TimesInvalid for a day that never comes, such as 30 February."""
        for found in self.all_after(moment):
            return found
        raise TimesInvalid("This time never comes.")

    def all_after(self, moment: datetime) -> Iterator[datetime]:
        """Times later than `moment`. A time that the clock skips in spring does not come; one that it shows twice in autumn comes once,
        unless the line names every hour: then there is no gap."""
        first = moment.astimezone(self.zone).date()
        for ahead in range(366 * YEARS_AHEAD):
            day = first + timedelta(days=ahead)
            if self._has(day):
                yield from (found for found in self._times_of(day) if found > moment)

    def _has(self, day: date) -> bool:
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        by_either = in_month or in_week if not (self.any_day or self.any_weekday) else in_month and in_week
        return day.month in self.months and by_either

    def _times_of(self, day: date) -> Iterator[datetime]:
        for hour in self.hours:
            yield from sorted({instant for minute in self.minutes for instant in self._instants(day, hour, minute)})

    def _instants(self, day: date, hour: int, minute: int) -> Iterator[datetime]:
        """When the clock shows this: once as a rule, never where it is put forward, twice where it is put back."""
        for fold in (0, 1) if self.any_hour else (0,):
            local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.zone, fold=fold)
            instant = local.astimezone(UTC)
            if instant.astimezone(self.zone).replace(tzinfo=None) == local.replace(tzinfo=None):
                yield instant


def _parsed(field: str, name: str, count: int, least: int) -> set[int]:
    """The numbers of one part. Raises TimesInvalid."""
    numbers = re.sub(r"[a-z]+", lambda word: NAMES.get(name, {}).get(word[0], word[0]), field.lower())
    try:
        if not FIELD.fullmatch(numbers):
            raise ParseException(field)
        found: set[int] = crontab_parser(count, least).parse(numbers)
    except (ParseException, ValueError, IndexError) as error:
        named = f", {' '.join(NAMES[name])}" if name in NAMES else ""
        raise TimesInvalid(
            f"The {name} “{field[:20]}” cannot be read: {least} to {least + count - 1}{named}, *, lists, ranges, steps."
        ) from error
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TimesInvalid(f"There is no time zone “{name[:60]}”. Use a name such as Europe/Berlin, or UTC.") from error
