"""What takes the place of something that is deprecated."""

from __future__ import annotations

from marketplace.access import get_listing
from marketplace.models import Listing
from tenants.errors import FieldError, Invalid, NotFound


def successor_of(ref: str) -> Listing | None:
    """The listing `publisher/slug` that everybody may see; None for nothing. Raises Invalid where there is none such."""
    if not ref:
        return None
    namespace, _, slug = ref.strip().partition("/")
    try:
        return get_listing(namespace, slug)
    except NotFound:
        detail = f"There is no listing {ref[:101]} that everybody may see."
        raise Invalid(detail, errors=[FieldError("successor", "unknown", detail)]) from None
