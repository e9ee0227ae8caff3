"""What a run would take."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from agents.pictures.formats import MOST_SIDE
from agents.pictures.limits import MOST
from agents.runtimes.checks import INPUT_LIMIT


class PictureSizeIn(serializers.Serializer[Any]):
    """In pixels."""

    width = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)
    height = serializers.IntegerField(min_value=1, max_value=MOST_SIDE)


class EstimateIn(serializers.Serializer[Any]):
    crew = serializers.UUIDField(required=False)
    agent = serializers.UUIDField(required=False)
    inputs = serializers.DictField(
        child=serializers.CharField(max_length=INPUT_LIMIT, allow_blank=True, trim_whitespace=False), required=False
    )
    pictures = serializers.ListField(
        child=PictureSizeIn(),
        max_length=MOST,
        required=False,
        help_text="The sizes of what it would be shown; the estimate is from the definition then.",
    )


class RangeOut(serializers.Serializer[Any]):
    low = serializers.FloatField()
    likely = serializers.FloatField()
    high = serializers.FloatField()


class SightOut(serializers.Serializer[Any]):
    """Whether a model would look at pictures; null where nobody knows. `detail` is a sentence, empty where all is well."""

    can = serializers.BooleanField(allow_null=True)
    detail = serializers.CharField()


class EstimateOut(serializers.Serializer[Any]):
    """`usd` is null where nobody knows a price."""

    basis = serializers.ChoiceField(choices=["past_runs", "definition"])
    runs = serializers.IntegerField(help_text="How many past runs the figures are from.")
    calls = RangeOut()
    tokens = RangeOut()
    usd = RangeOut(allow_null=True)
    seconds = RangeOut()
    provider = serializers.CharField()
    model = serializers.CharField()
    sight = SightOut()
