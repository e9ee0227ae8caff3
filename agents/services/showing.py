"""Starting a run that is shown pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction

from agents.pictures.keeping import forget_pictures, keep_pictures
from agents.pictures.picture import Picture
from agents.pictures.room import check_room
from projects.models import Project, Run
from projects.services import Order, start_run
from tenants.access import Member


def start_shown(*, order: Order, pictures: Sequence[Picture], project: Project | None, by: Member) -> Run:
    """Queue the run with its pictures beside it: both, or neither. Raises TooLarge where the workspace has no room for them."""
    if not pictures:
        return start_run(order=order, project=project, by=by)
    rows = [picture.reference.as_row() for picture in pictures]
    run = None
    try:
        with transaction.atomic():
            check_room(sum(picture.reference.size for picture in pictures))
            run = start_run(order=replace(order, pictures=rows), project=project, by=by)
            keep_pictures(run.pk, pictures)
    except Exception:  # whatever it was goes on its way: no file stays of a run that is not there
        if run is not None:
            forget_pictures(run.pk)
        raise
    return run
