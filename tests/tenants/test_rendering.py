"""Answers are written by orjson as DRF would write them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.utils.functional import lazystr
from rest_framework.renderers import JSONRenderer
from rest_framework.serializers import Serializer
from rest_framework.utils.serializer_helpers import ReturnDict

from projects.models import Run
from projects.queries import QueuePlace
from tenants.wire.rendering import Encoder, Renderer


class _Drf(JSONRenderer):
    encoder_class = Encoder


NOON = datetime.datetime(2026, 3, 1, 12, 0, 0, 120_000, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        {"text": "Zoë \u2028 \u2029 \x07 😀", "none": None, "yes": True, "money": Decimal("1.500000")},
        {"at": NOON, "day": NOON.date(), "time": NOON.time().replace(tzinfo=None), "took": datetime.timedelta(hours=1)},
        {"id": UUID(int=5), "status": Run.Status.QUEUED, "lazy": lazystr("later"), "bytes": b"abc"},
        {"place": QueuePlace(1, None), "many": ReturnDict({"of": [1, 2.5, -0.0]}, serializer=Serializer()), "set": {3}},
        {"beyond": 2**80, 7: "a key that is a number", None: 1},
    ],
)
def test_as_drf_does(data: Any) -> None:
    assert Renderer().render(data, "application/json") == _Drf().render(data, "application/json")


def test_a_wish_for_indentation_is_heard() -> None:
    assert Renderer().render({"a": 1}, "application/json; indent=2") == b'{\n  "a": 1\n}'


def test_large_and_small_numbers_are_the_same_numbers() -> None:
    numbers = [1e16, 1e-7, 1.7976931348623157e308, 5e-324, 0.1]
    assert orjson.loads(Renderer().render(numbers)) == numbers
