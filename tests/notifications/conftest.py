"""Mail that is really handed over: to a small SMTP server of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from tests.notifications.postman import Postman


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Any:
    """Effects after the commit happen at the end of the block."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def sends_mail(settings: Settings) -> None:
    settings.SENDS_MAIL = True
    settings.PUBLIC_URL = "https://guildhall.example"


@pytest.fixture
def postman(settings: Settings, sends_mail: None) -> Iterator[Postman]:
    with Postman() as postman:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = postman.address
        settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS = "", False
        yield postman
