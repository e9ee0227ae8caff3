"""What came in and what was done, day by day, as a picture that the server draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from marketplace.moderation.models import ReviewTask

DAYS = 28
WIDTH, HEIGHT, FOOT = 840, 160, 20  # in the picture's own units
BAR = 12


@dataclass(frozen=True, slots=True)
class Day:
    """Items that came in and items that were closed on one day, in UTC."""

    day: date
    came: int
    done: int


@dataclass(frozen=True, slots=True)
class Bars:
    """One day in the picture: where its two bars stand and how high they are."""

    of: Day
    left: float
    right: float
    came_top: float
    came_height: float
    done_top: float
    done_height: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    width: int
    height: int
    floor: int
    bar: int
    top: int
    bars: tuple[Bars, ...]


def days() -> list[Day]:
    """The last four weeks, today last; days without anything as well."""
    today = timezone.now().date()
    first = today - timedelta(days=DAYS - 1)
    came, done = _counted("created_at", first), _counted("closed_at", first)
    span = [first + timedelta(days=number) for number in range(DAYS)]
    return [Day(day, came.get(day, 0), done.get(day, 0)) for day in span]


def chart(of: list[Day]) -> Chart:
    """As tall as the busiest day needs, at least for four items."""
    top = max([4, *(day.came for day in of), *(day.done for day in of)])
    floor = HEIGHT - FOOT
    bars = tuple(_bars(number, day, top, floor) for number, day in enumerate(of))
    return Chart(WIDTH, HEIGHT, floor, BAR, top, bars)


def _bars(number: int, day: Day, top: int, floor: int) -> Bars:
    left = number * WIDTH / DAYS + 2
    came, done = (round((floor - 4) * count / top, 1) for count in (day.came, day.done))
    label = f"{day.day:%-d %b}" if number % 7 == 0 else ""
    return Bars(day, left, left + BAR + 1, floor - came, came, floor - done, done, label)


def _counted(column: str, first: date) -> dict[date, int]:
    start = datetime.combine(first, time(), tzinfo=timezone.get_default_timezone())
    rows = ReviewTask.objects.filter(**{f"{column}__gte": start}).annotate(day=TruncDate(column)).order_by()
    return dict(rows.values("day").annotate(count=Count("pk")).values_list("day", "count"))
