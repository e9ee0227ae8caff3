"""Results as a file."""

from __future__ import annotations

import csv
import io

from django.http import HttpResponse

from simulations.sweeps import queries
from simulations.sweeps.models import Sweep


def table_of(sweep: Sweep) -> HttpResponse:
    """CSV with a line for every run."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(queries.rows(sweep))
    answer = HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sweep-{sweep.key}-{sweep.pk}.csv"'
    return answer
