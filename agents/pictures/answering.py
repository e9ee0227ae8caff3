"""Handing a picture to a browser."""

from __future__ import annotations

from django.http import HttpResponse

from agents.pictures.picture import Picture


def as_picture(picture: Picture, number: int) -> HttpResponse:
    """To be seen: what we found it to be, which no browser guesses anew, and where nothing in it could run."""
    told = picture.reference
    response = HttpResponse(picture.data, content_type=told.media_type)
    ending = told.media_type.rpartition("/")[2]
    response["Content-Disposition"] = f'inline; filename="picture-{number}.{ending}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
