"""How the moderation console looks. Read by the settings, so nothing here may need them."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static

from marketplace.console.navigation import SECTIONS

# The accent of the site in unfold's eleven steps: lightness and chroma of one hue.
_BLUES = (
    (50, 97.5, 0.012), (100, 94, 0.03), (200, 88.5, 0.06), (300, 80.5, 0.1), (400, 70, 0.14), (500, 62, 0.16),
    (600, 50, 0.15), (700, 44, 0.13), (800, 38, 0.11), (900, 32, 0.08), (950, 24, 0.05),
)  # fmt: skip

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Guildhall moderation",
    "SITE_HEADER": "Guildhall",
    "SITE_SUBHEADER": "Moderation console",
    "SITE_URL": "/",
    "SITE_SYMBOL": "account_balance",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("site/mark.svg")}],
    "STYLES": [lambda request: static("marketplace/tables.css")],
    "BORDER_RADIUS": "8px",
    "COLORS": {"primary": {str(shade): f"oklch({light}% {chroma} 257)" for shade, light, chroma in _BLUES}},
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "title": section.title,
                "items": [{"title": place.title, "icon": place.symbol, "link": place.link} for place in section.places],
            }
            for section in SECTIONS
        ],
    },
}
