"""Whether an address leads back to this installation: what is told there could start what is told again."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

from tenants.egress.urls import DEFAULT_PORTS
from tenants.models import Domain

LEADS_HOME = (
    "This address is Guildhall itself, and a webhook tells other systems: its message could start what it tells of, without end. "
    "Nothing was sent."
)


def leads_home(url: str) -> bool:
    """By its name and port: the operator's PUBLIC_URL, a host that the site answers to, or one of a workspace. One query at most.

    What comes here by another name is not answered, and by a system in between its hops are counted.
    """
    target, home = urlsplit(url), urlsplit(settings.PUBLIC_URL)
    host, port = (target.hostname or "").rstrip("."), target.port or DEFAULT_PORTS.get(target.scheme, 0)
    home_port = home.port or DEFAULT_PORTS.get(home.scheme, 0)
    if host == home.hostname:
        return port == home_port
    if port not in {*DEFAULT_PORTS.values(), home_port}:
        return False
    return _is_answered(host) or Domain.objects.filter(domain=host).exists()


def _is_answered(host: str) -> bool:
    named = [each for each in settings.ALLOWED_HOSTS if each != "*"]
    return bool(validate_host(host, named))
