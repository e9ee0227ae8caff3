"""Lists in pages, newest first, by cursor: stable while rows are added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.views import APIView

from tenants.errors import FieldError, Invalid

MOST = 100


class Pages(CursorPagination):
    """`page_size` from 1 to 100. A cursor or a size that no list gave out is a 400 that names it."""

    page_size = 24
    max_page_size = MOST
    page_size_query_param = "page_size"
    ordering = ("-created_at", "-id")

    def paginate_queryset(
        self, queryset: QuerySet[Any] | Sequence[Any], request: Request, view: APIView | None = None
    ) -> list[Any] | None:
        if self.cursor_query_param not in request.query_params:
            return super().paginate_queryset(queryset, request, view)
        try:
            return super().paginate_queryset(queryset, request, view)
        except (
            NotFound,
            ValidationError,
            ValueError,
            DataError,
        ):  # a position of another column's kind, a NUL, no base64
            raise _refused("cursor", "This cursor is not one that this list gave out.") from None

    def get_page_size(self, request: Request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if not (given.isascii() and given.isdigit() and len(given) <= 3 and 1 <= int(given) <= MOST):
            raise _refused("page_size", f"A whole number from 1 to {MOST}.")
        return int(given)

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {"type": "integer", "minimum": 1, "maximum": MOST, "default": self.page_size}
        return parameters


def _refused(name: str, detail: str) -> Invalid:
    return Invalid(detail, errors=[FieldError(name, "invalid", detail)])
