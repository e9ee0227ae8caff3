"""A link in a mail leads to the platform, not to where the request claimed to go."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client
from pytest_django import Settings

from tenants.models import User


def link_in_the_mail() -> str:
    found = re.search(r"https?://\S+/accounts/\S+", str(mail.outbox[-1].body))
    assert found, mail.outbox[-1].body
    return found[0]


def test_a_reset_link_leads_home(alice: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://guildhall.example"
    asked = Client().post("/accounts/password/reset/", {"email": alice.email}, headers={"host": "localhost:6666"})
    assert asked.status_code == 302
    assert link_in_the_mail().startswith("https://guildhall.example/accounts/password/reset/key/")


def test_without_an_address_of_its_own_it_leads_back(alice: User, settings: Settings) -> None:
    settings.PUBLIC_URL = ""
    Client().post("/accounts/password/reset/", {"email": alice.email}, headers={"host": "localhost:6666"})
    assert link_in_the_mail().startswith("http://localhost:6666/accounts/")
