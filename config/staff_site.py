"""The moderation console's site: moderators only, the one place where some pages have a relaxed content policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, cast

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from unfold.sites import UnfoldAdminSite

from marketplace.console import roles
from marketplace.console.urls import pages

# Unfold ships the build of Alpine that compiles attributes, and sets styles from scripts.
RELAXED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}
OURS = frozenset({"tenants", "marketplace", "browsing", "moderation", "enforcement", "reviews"})

AView = Callable[..., HttpResponseBase]


class StaffSite(UnfoldAdminSite):
    """Signed out: sign in on the site's own page, with its second factor. Signed in without the role: not found.

    Tables are Unfold's. The pages that show what strangers wrote are our own, under the same policy as the rest of
    the site: nothing on them compiles text.
    """

    index_title = "Moderation"

    def has_permission(self, request: HttpRequest) -> bool:
        return roles.is_moderator(request.user)

    def admin_view(self, view: AView, cacheable: bool = False) -> AView:  # noqa: FBT001, FBT002
        return cast("AView", csp_update(RELAXED)(self.strict_view(view, cacheable)))

    def strict_view(self, view: AView, cacheable: bool = False) -> AView:  # noqa: FBT001, FBT002
        guarded: AView = super().admin_view(view, cacheable)

        @wraps(view)
        def admit(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return guarded(request, *args, **kwargs)

        return admit

    def extra_urls(self) -> list[URLPattern]:
        """Our own pages, before Unfold's; the first of them takes the place of its index."""
        return pages(self.strict_view)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect_to_login(request.GET.get("next", request.path.replace("login/", "")), settings.LOGIN_URL)

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Take our own models only: libraries would register tables of tokens and second factors."""
        models = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        super().register([model for model in models if model._meta.app_label in OURS], admin_class, **options)
