"""From an outside id to a test of a crew, or one of its trials."""

from __future__ import annotations

from uuid import UUID

from agents.models import Crew
from projects.models import KeptRun, Trial
from tenants.access import Member
from tenants.errors import NotFound


def get_kept(member: Member, crew: Crew, kept_id: UUID) -> KeptRun:
    kept = KeptRun.objects.select_related("run").filter(pk=kept_id, subject_id=crew.pk).first()
    if kept is None:
        raise NotFound("This crew has no such test.")
    return kept


def get_trial(member: Member, crew: Crew, trial_id: UUID) -> Trial:
    found = Trial.objects.select_related("kept__run", "run")
    trial = found.filter(pk=trial_id, kept__subject_id=crew.pk).first()
    if trial is None:
        raise NotFound("This crew has no such trial.")
    return trial
