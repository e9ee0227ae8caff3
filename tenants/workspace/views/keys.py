"""Pages about keys for programs."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import get_script_prefix
from django.utils import timezone

from tenants import access, queries, services
from tenants.access import Role
from tenants.errors import Conflict, Forbidden, Invalid
from tenants.forms import KeyForm, show_refusal
from tenants.pages import WorkspacePage
from tenants.services.keys import FreshKey


class KeysPage(WorkspacePage):
    """Keys for programs: make one, see which there are, revoke one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(KeyForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = KeyForm(request.POST)
        if form.is_valid():
            given = form.cleaned_data
            try:
                fresh = services.create_key(
                    name=given["name"], role=Role(given["role"]), days=given["days"], by=self.member
                )
            except (Invalid, Conflict, Forbidden) as refusal:
                show_refusal(form, refusal)
            else:
                return self._answer(KeyForm(), fresh=fresh)
        return self._answer(form, status=422)

    def _answer(self, form: KeyForm, *, fresh: FreshKey | None = None, status: int = 200) -> HttpResponse:
        """A fresh key is in this one answer and nowhere else, so no cache may keep it."""
        may_manage = self.member.may(Role.ADMIN)
        answer = self.render(
            "tenants/keys.html",
            status=status,
            form=form,
            fresh=fresh,
            keys=queries.keys().order_by("-created_at") if may_manage else [],
            now=timezone.now(),
            may_manage=may_manage,
            api=self.request.build_absolute_uri(f"{get_script_prefix()}api/v1/"),
        )
        answer["Cache-Control"] = "no-store"
        return answer


class RevokeKeyPage(WorkspacePage):
    def post(self, request: HttpRequest, key_id: UUID) -> HttpResponse:
        key = access.get_key(self.member, key_id)
        services.revoke_key(key=key, by=self.member)
        messages.success(request, f"The key “{key.name}” works no more.")
        return redirect("tenants:keys")
