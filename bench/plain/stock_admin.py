"""The queue's rows in the admin's own changelist, as any table of it is: same rows, same columns, same number on a page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from config import urls_public
from marketplace.moderation.models import ReviewTask

site = UnfoldAdminSite(name="stock")


class StockQueue(ModelAdmin):
    list_display = ("id", "kind", "weight", "reasons", "publisher_name", "created_at", "due_at", "claimed_by_name")
    list_filter = ("kind", "state")
    list_per_page = 50
    list_select_related = ("version__listing__publisher",)
    search_fields = ("version__listing__title", "version__listing__publisher__namespace")
    ordering = ("-weight", "due_at", "id")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        del request.tenant  # type: ignore[attr-defined] # the tenants library's admin templates take None for a tenant
        shown: HttpResponse = super().changelist_view(request, extra_context).render()
        return shown

    def publisher_name(self, task: ReviewTask) -> str:
        return str(task.version.listing.publisher) if task.version else ""


site.register(ReviewTask, StockQueue)
urlpatterns = [path("stock/", site.urls), path("", include(urls_public))]
