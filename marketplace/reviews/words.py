"""Words that no review may contain, also where they are written so that a search would miss them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from marketplace.reviews.models import DeniedWord
from tenants.errors import FieldError, Invalid

_UNSEEN = {"Cf", "Mn", "Cc"}  # joiners, marks on letters, controls


def plain(text: str) -> str:
    """Small letters without marks, and nothing that nobody sees between them."""
    kept = (
        letter
        for letter in unicodedata.normalize("NFKD", text)
        if unicodedata.category(letter) not in _UNSEEN or letter.isspace()
    )
    return " ".join("".join(kept).casefold().split())


def refuse_denied(texts: Mapping[str, str]) -> None:
    """Raise Invalid that names every field with a denied word, and the word."""
    denied = list(DeniedWord.objects.values_list("word", flat=True))
    errors = [error for field, text in texts.items() if (error := _error(field, plain(text), denied))]
    if errors:
        raise Invalid("Some of these words are not for the market; each is named.", code="denied_word", errors=errors)


def _error(field: str, text: str, denied: list[str]) -> FieldError | None:
    for word in denied:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text):
            return FieldError(field, "denied_word", f"Leave out “{word}”.")
    return None
