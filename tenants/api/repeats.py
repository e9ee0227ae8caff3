"""Idempotency-Key: the same POST sent twice happens once and is answered alike."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.access import Member
from tenants.api.problems import MEDIA_TYPE
from tenants.errors import FieldError, Invalid, Unprocessable
from tenants.ids import uuid7
from tenants.wire.rendering import as_json
from tenants.workspace.models import RememberedRequest

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
LONGEST = 255
NOT_NOW = frozenset({429, 503})

_CLAIM = """
INSERT INTO workspace_rememberedrequest (id, created_at, updated_at, user_id, key, fingerprint)
VALUES (%s, now(), now(), %s, %s, %s) ON CONFLICT (user_id, key) DO NOTHING"""


def once(
    request: Request, member: Member, act: Callable[[], Response], *, shown_once: Collection[str] = ()
) -> Response:
    """Run `act` unless this key was answered before.

    The claim, the act and its answer are one transaction: a second request waits for the first, and a crash leaves
    neither the deed nor the claim. "Not now" is no answer to keep. Of the fields in `shown_once` nothing is kept, and
    a repetition has null there.
    """
    key = _key(request)
    fingerprint = _fingerprint(request)
    with transaction.atomic():
        if not _claim(member, key, fingerprint):
            return _remembered(member, key, fingerprint)
        with transaction.atomic():
            response = act()
            if response.status_code >= 400:
                transaction.set_rollback(True)
        claimed = RememberedRequest.objects.filter(user_id=member.user_id, key=key)
        if response.status_code in NOT_NOW:
            claimed.delete()
        else:
            claimed.update(status=response.status_code, body=_kept(response, shown_once))
    return response


def _kept(response: Response, shown_once: Collection[str]) -> Any:
    body = as_json(response.data)
    if isinstance(body, dict):
        body.update(dict.fromkeys(body.keys() & set(shown_once)))
    return body


def _key(request: Request) -> str:
    key = request.headers[HEADER]
    if not 1 <= len(key) <= LONGEST or not key.isprintable():
        detail = f"{HEADER} takes 1 to {LONGEST} printable characters."
        raise Invalid(detail, errors=[FieldError(HEADER, "invalid", detail)])
    return key


def _claim(member: Member, key: str, fingerprint: str) -> bool:
    RememberedRequest.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [uuid7(), member.user_id, key, fingerprint])
        return bool(cursor.rowcount == 1)


def _remembered(member: Member, key: str, fingerprint: str) -> Response:
    known = RememberedRequest.objects.get(user_id=member.user_id, key=key)
    if known.fingerprint != fingerprint:
        raise Unprocessable(
            f"This {HEADER} was used for another request; take a new one.", code="idempotency_key_reused"
        )
    is_refusal = known.status is not None and known.status >= 400
    response = Response(known.body, status=known.status, content_type=MEDIA_TYPE if is_refusal else None)
    response["Idempotency-Replayed"] = "true"
    return response


def _fingerprint(request: Request) -> str:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for part in _parts(request):
        digest.update(part)
    return digest.hexdigest()


def _parts(request: Request) -> Iterator[bytes]:
    if not request.content_type.startswith("multipart/"):
        yield request._request.body
        return
    for name in sorted(request.data):
        for value in request.data.getlist(name):  # type: ignore[union-attr]  # multipart makes a QueryDict
            yield from _part(name, value)


def _part(name: str, value: Any) -> Iterator[bytes]:
    yield name.encode()
    if isinstance(value, UploadedFile):
        yield from value.chunks()
        value.seek(0)
    else:
        yield str(value).encode()
