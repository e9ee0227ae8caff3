"""The tabs of a listing. A room that shows something of a listing adds its own row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tab:
    """`name` is the template's (`marketplace/listing_<name>.html`) and the page's; `url` is reversed with publisher and slug."""

    name: str
    title: str
    url: str


TABS = [
    Tab("overview", "Overview", "marketplace:listing"),
    Tab("permissions", "Permissions", "marketplace:permissions"),
    Tab("versions", "Versions", "marketplace:versions"),
    Tab("figures", "Figures", "evidence:figures"),
    Tab("reviews", "Reviews", "reviews:list"),
    Tab("sample", "Sample", "sandbox:sample"),
    Tab("api", "API", "marketplace:api"),
]
