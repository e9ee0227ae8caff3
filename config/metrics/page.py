"""`/metrics`: for who comes from the operator's network or knows the token. For anybody else there is no such page."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from config.metrics import dead
from config.metrics.figures import CountedFigures, StoredFigures
from tenants.api.limits import origin_of


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) or _is_near(request)):
        raise Http404
    dead.clean(settings.METRICS_DIR)
    registry = CollectorRegistry()
    registry.register(CountedFigures(settings.METRICS_DIR))
    registry.register(StoredFigures())
    return HttpResponse(
        generate_latest(registry), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def _has_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    return bool(settings.METRICS_TOKEN) and constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")


def _is_near(request: HttpRequest) -> bool:
    """Behind proxies that nobody has declared (TRUSTED_PROXIES) a request that was passed on is never near."""
    if request.headers.get("X-Forwarded-For") and not settings.TRUSTED_PROXIES:
        return False
    address = origin_of(request.META)
    return address is not None and any(address in ipaddress.ip_network(net) for net in settings.METRICS_NETWORKS)
