"""Keeping the index of the search up to date."""

from __future__ import annotations

from celery import shared_task

from marketplace.browsing import indexing
from tenants.tasks import PublicTask


@shared_task(base=PublicTask, name="browsing.index")
def index_market() -> None:
    """Put right what a listing's own moves have not: weights by the newest figures, and whatever was missed."""
    indexing.index_all()
