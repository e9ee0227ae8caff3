"""What the console's pages share. Who may see them, the staff site has asked before."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views import View

from marketplace.console import roles
from marketplace.console.navigation import SECTIONS
from tenants.errors import DomainError
from tenants.models import User
from tenants.pages import keep_private


class ConsolePage(View):
    """A page of our own; `self.user` is the moderator who asks."""

    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.user = cast("User", request.user)
        return keep_private(super().dispatch(request, *args, **kwargs))

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        frame = {"sections": SECTIONS, "senior": roles.is_senior(self.user), "here": self.request.get_full_path()}
        return render(self.request, f"console/{template}", {**frame, **context}, status=status)

    def refuse(self, error: DomainError, back: str) -> HttpResponse:
        """Say why it was not done, on the page that it was asked from."""
        messages.error(self.request, error.detail)
        return redirect(back)
