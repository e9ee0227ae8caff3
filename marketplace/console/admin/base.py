"""What every table of the console keeps to."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

from marketplace.console import roles


class StaffAdmin(ModelAdmin):
    """A table that moderators may read. Nobody adds, edits or deletes rows by hand."""

    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return roles.is_moderator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return roles.is_moderator(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """By the shown filters only: Django also takes any column, so that a password's hash could be guessed bit by bit."""
        shown = {name if isinstance(name, str) else name[0] for name in self.get_list_filter(request)}
        name = lookup.partition("__")[0]
        return any(lookup.startswith(each) for each in shown) or name in shown


def page_link(name: str, pk: Any, words: str) -> SafeString:
    """A link to one of our own pages, for a column of a table."""
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{name}", args=[pk]), words)
