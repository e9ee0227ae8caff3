"""Bookmarks: what may be sent (`In`) and what is shown (`Out`)."""

from __future__ import annotations

from rest_framework import serializers

from simulations.models import Bookmark
from simulations.services import MOST_STEPS


class BookmarkIn(serializers.Serializer[Bookmark]):
    step = serializers.IntegerField(min_value=0, max_value=MOST_STEPS)
    note = serializers.CharField(max_length=1000, required=False, allow_blank=True)


class BookmarkOut(serializers.ModelSerializer[Bookmark]):
    class Meta:
        model = Bookmark
        fields = ("id", "step", "note", "made_by", "created_at")
