"""Words that moderators write themselves: policies, ready texts, names kept for somebody, collections."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import TabularInline

from marketplace.browsing.models import Collection, CollectionItem
from marketplace.console import roles
from marketplace.console.admin.base import StaffAdmin
from marketplace.models import ProhibitedName, ReservedName
from marketplace.moderation import activity
from marketplace.moderation.actors import moderator
from marketplace.moderation.models import CannedText, Policy
from tenants.models import User


class WordsAdmin(StaffAdmin):
    """Read by every moderator, written by senior ones; every change is in the log."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return roles.is_senior(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request)

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm[Any], change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        _record("changed" if change else "added", obj, request, fields=form.changed_data)

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        _record("removed", obj, request)
        super().delete_model(request, obj)


class RemovableAdmin(WordsAdmin):
    """Those that nothing refers to may also be removed, one at a time."""

    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request)


def _record(deed: str, obj: Model, request: HttpRequest, **detail: Any) -> None:
    activity.record(f"{obj._meta.model_name}.{deed}", obj, by=moderator(cast("User", request.user)), **detail)


@admin.register(Policy)
class PolicyAdmin(WordsAdmin):
    list_display = ("number", "title", "code", "updated_at")
    search_fields = ("title", "text")
    ordering = ("number",)
    fields = ("number", "code", "title", "text")


@admin.register(CannedText)
class CannedTextAdmin(RemovableAdmin):
    list_display = ("title", "reason_code", "policy", "updated_at")
    list_filter = ("reason_code",)
    list_select_related = ("policy",)
    search_fields = ("title", "text")
    ordering = ("reason_code", "title")
    fields = ("title", "reason_code", "policy", "text")


@admin.register(ReservedName)
class ReservedNameAdmin(RemovableAdmin):
    list_display = ("name", "why", "tenant_id")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "why", "tenant_id")


@admin.register(ProhibitedName)
class ProhibitedNameAdmin(RemovableAdmin):
    list_display = ("name", "why")
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "why")


class CollectionItems(TabularInline):
    model = CollectionItem
    fields = ("position", "listing", "note")
    autocomplete_fields = ("listing",)
    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return roles.is_senior(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return roles.is_moderator(request.user)


@admin.register(Collection)
class CollectionAdmin(RemovableAdmin):
    list_display = ("title", "slug", "persona", "shown")
    list_filter = ("persona", "shown")
    search_fields = ("title",)
    ordering = ("title",)
    fields = ("title", "slug", "summary", "persona", "shown")
    inlines = (CollectionItems,)
