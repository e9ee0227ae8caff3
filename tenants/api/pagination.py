"""Lists in pages, newest first, by cursor: stable while rows are added."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination

from tenants.errors import FieldError, Invalid


class Pages(CursorPagination):
    page_size = 24
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = ("-created_at", "-id")

    def decode_cursor(self, request):  # type: ignore[no-untyped-def]
        """As inherited, but a broken cursor is a 400 that names its field."""
        if "\x00" in request.query_params.get(self.cursor_query_param, ""):
            detail = "This cursor is not one that a list gave out."
            raise Invalid(detail, errors=[FieldError("cursor", "invalid", detail)])
        return super().decode_cursor(request)
