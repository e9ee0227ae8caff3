"""Words that no review may contain, for senior moderators; and reviews, to be read."""

from __future__ import annotations

from django.contrib import admin

from marketplace.console.admin.base import StaffAdmin
from marketplace.console.admin.words import RemovableAdmin
from marketplace.reviews.models import DeniedWord, Review


@admin.register(DeniedWord)
class DeniedWordAdmin(RemovableAdmin):
    list_display = ("word", "why", "created_at")
    search_fields = ("word",)
    fields = ("word", "why")


@admin.register(Review)
class ReviewAdmin(StaffAdmin):
    list_display = ("title", "score", "listing", "author", "verified_runs", "helpful", "hidden_at", "created_at")
    list_filter = ("score", "hidden_at")
    search_fields = ("title", "body")
    list_select_related = ("listing", "author")
    ordering = ("-created_at",)
