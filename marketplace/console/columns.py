"""What lists read beside the rows themselves, and the long columns that they leave out."""

from __future__ import annotations

TARGETS = (
    "version__listing__publisher",
    "listing__publisher",
    "publisher",
)
LONG = (
    "version__manifest",
    "version__changelog",
    *(
        f"{path}{column}"
        for path in ("version__listing__", "listing__")
        for column in ("description", "publisher__about")
    ),
)
