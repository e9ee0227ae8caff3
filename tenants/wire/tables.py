"""CSV that a spreadsheet cannot mistake for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from tenants.wire.rendering import Renderer

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvRenderer(Renderer):
    """Lets content negotiation choose `text/csv`, which the view writes by itself. What is rendered here is a refusal, in JSON."""

    media_type = "text/csv"
    format = "csv"


def csv_answer(name: str, head: Sequence[str], lines: Iterable[Sequence[object]]) -> HttpResponse:
    """A table to be saved under `name`."""
    answer = HttpResponse(as_csv(head, lines), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def as_csv(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """RFC 4180. A text that a spreadsheet would run begins with an apostrophe (ASVS 5.0, 1.2.10)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([_cell(value) for value in line] for line in lines)
    return out.getvalue()


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(BEGINS_A_FORMULA) else value
