"""People and workspaces in the moderation console. What changes, changes through a service."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from tenants import services
from tenants.models import Tenant, User


class StaffAdmin(ModelAdmin):
    """A table that all platform staff may read. Nobody adds, edits or deletes rows by hand."""

    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Tenant)
class TenantAdmin(StaffAdmin):
    list_display = ("name", "slug", "status", "members", "created_at")
    list_filter = ("status",)
    search_fields = ("name", "slug")
    ordering = ("-created_at",)
    actions = ("suspend", "activate")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        tenants = Tenant.objects.exclude(status=Tenant.Status.TEMPLATE).annotate(people=Count("memberships"))
        return cast("QuerySet[Tenant]", tenants.order_by("-created_at"))

    @admin.display(ordering="people")
    def members(self, tenant: Any) -> int:
        return int(tenant.people)

    @admin.action(description="Suspend: nobody gets in, nothing runs")
    def suspend(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        self._set_suspended(request, queryset, suspended=True)

    @admin.action(description="Activate again")
    def activate(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        self._set_suspended(request, queryset, suspended=False)

    def _set_suspended(self, request: HttpRequest, queryset: QuerySet[Tenant], *, suspended: bool) -> None:
        deed = "suspended" if suspended else "activated"
        for tenant in queryset:
            services.set_suspended(tenant=tenant, suspended=suspended)
            self.log_change(request, tenant, deed)
            self.message_user(request, f"{tenant.name} is {deed}.", messages.SUCCESS)


@admin.register(User)
class UserAdmin(StaffAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "workspaces", "date_joined")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    fields = ("email", "name", "is_active", "is_staff", "date_joined", "last_login")
    actions = ("close", "reopen")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        users: QuerySet[User] = super().get_queryset(request)
        return users.annotate(places=Count("memberships"))

    @admin.display(ordering="places")
    def workspaces(self, user: Any) -> int:
        return int(user.places)

    @admin.action(description="Close the account: no sign-in, no access by key or token")
    def close(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        others = queryset.exclude(pk=cast("User", request.user).pk)
        self._set_active(request, others, active=False)

    @admin.action(description="Open the account again")
    def reopen(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        self._set_active(request, queryset, active=True)

    def _set_active(self, request: HttpRequest, queryset: QuerySet[User], *, active: bool) -> None:
        deed = "open again" if active else "closed"
        for user in queryset:
            services.set_active(user=user, active=active)
            self.log_change(request, user, deed)
            self.message_user(request, f"The account of {user.email} is {deed}.", messages.SUCCESS)
