"""Addresses of the console's own pages, below /admin/."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.urls import URLPattern, path

from marketplace.console.pages import home

Wrap = Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]


def pages(wrap: Wrap) -> list[URLPattern]:
    """Every page behind the site's door, `wrap`."""
    return [
        path("", wrap(home.Home.as_view()), name="console"),
    ]
