"""The queue's rows in Django's own changelist, beside our site: same rows, same columns, same number on a page."""

from __future__ import annotations

from django.contrib.admin import AdminSite, ModelAdmin
from django.urls import include, path

from config import urls_public
from marketplace.moderation.models import ReviewTask

site = AdminSite(name="stock")


class StockQueue(ModelAdmin[ReviewTask]):
    list_display = ("id", "kind", "weight", "reasons", "publisher_name", "created_at", "due_at", "claimed_by_name")
    list_filter = ("kind", "state")
    list_per_page = 50
    list_select_related = ("version__listing__publisher",)
    search_fields = ("version__listing__title", "version__listing__publisher__namespace")
    ordering = ("-weight", "due_at", "id")

    def publisher_name(self, task: ReviewTask) -> str:
        return str(task.version.listing.publisher) if task.version else ""


site.register(ReviewTask, StockQueue)
urlpatterns = [path("stock/", site.urls), path("", include(urls_public))]
