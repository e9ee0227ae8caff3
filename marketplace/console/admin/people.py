"""Workspaces and people, to read. What is done about them is done on our own pages, with a reason."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from marketplace.console.admin.base import StaffAdmin, page_link
from tenants.models import Tenant, User


@admin.register(Tenant)
class TenantAdmin(StaffAdmin):
    list_display = ("name", "slug", "status", "members", "created_at", "act")
    list_filter = ("status",)
    search_fields = ("name", "slug")
    ordering = ("-created_at",)
    fields = ("name", "slug", "status", "created_at", "act")
    readonly_fields = ("act",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        tenants = Tenant.objects.exclude(status=Tenant.Status.TEMPLATE).annotate(people=Count("memberships"))
        return cast("QuerySet[Tenant]", tenants.order_by("-created_at"))

    @admin.display(ordering="people")
    def members(self, tenant: Any) -> int:
        return int(tenant.people)

    @admin.display(description="Suspension")
    def act(self, tenant: Tenant) -> SafeString:
        words = "Activate again" if tenant.status == Tenant.Status.SUSPENDED else "Suspend"
        return page_link("console_workspace", tenant.pk, words)


@admin.register(User)
class UserAdmin(StaffAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "workspaces", "date_joined", "act")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    fields = ("email", "name", "is_active", "is_staff", "date_joined", "last_login", "act")
    readonly_fields = ("act",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(places=Count("memberships"))

    @admin.display(ordering="places")
    def workspaces(self, user: Any) -> int:
        return int(user.places)

    @admin.display(description="Account")
    def act(self, user: User) -> SafeString:
        return page_link("console_person", user.pk, "Close" if user.is_active else "Open again")
