"""Addresses of the market's own pages, which nobody may have as a namespace."""

from __future__ import annotations

from typing import Any

from django.db import migrations

OURS = ("collections", "favourites")


def reserve(apps: Any, _: Any) -> None:
    names = apps.get_model("marketplace", "ReservedName")
    for name in OURS:
        names.objects.get_or_create(name=name, defaults={"why": "A page of the market has this address."})


class Migration(migrations.Migration):
    dependencies = [
        ("browsing", "0002_words_without_numbers"),
        ("marketplace", "0003_standing_visibility_health"),
    ]
    operations = [migrations.RunPython(reserve, migrations.RunPython.noop)]
