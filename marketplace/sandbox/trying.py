"""Try before installing: a visitor's sample goes through the sandbox, and its result stands at an address that nobody guesses."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from agents.services import answered_by
from marketplace.enforcement.models import Block
from marketplace.enforcement.queries import effective
from marketplace.manifest.canonical import as_document
from marketplace.manifest.envelope import Manifest, ScenarioManifest
from marketplace.manifest.evaluation import CaseDocument
from marketplace.manifest.reading import read_json
from marketplace.models import ListingVersion
from marketplace.sandbox import staging
from marketplace.sandbox.carrying import Script, break_off, carry_on
from marketplace.sandbox.models import Trial
from marketplace.sandbox.results import Result, so_far
from marketplace.sandbox.suites import SMOKE_STEPS, usual_steps
from marketplace.sandbox.workplace import attendant, ensure_sandbox
from projects.work.leases import Ending, Lease
from projects.work.queue import enqueue
from projects.work.threads import in_workspace
from tenants.addresses import public_url
from tenants.context import enter
from tenants.errors import NotFound, RateLimited, WrongState
from tenants.models import User
from tenants.proving.keys import digest_of

WORK, QUEUE = "sample", "default"
LOOK_SECONDS = 1.0
KEPT = timedelta(days=1)
HOUR = 3_600
SECRET_BYTES = 24


@dataclass(frozen=True, slots=True)
class FreshTrial:
    """A trial that was begun just now: `token` is its address and is kept nowhere."""

    trial: Trial
    token: str


def is_open_to(user: User | AnonymousUser) -> bool:
    """Strangers try with the offline provider only; where samples ask the operator's models, people sign in first."""
    return settings.SANDBOX_MODELS == "offline" or user.is_authenticated


def check_offered(version: ListingVersion) -> None:
    """Raise WrongState for a version that nobody may begin anything with."""
    block = effective(version)
    if block is not None and block.kind != Block.Kind.WARN:
        raise WrongState(f"{version} is blocked: {block.reason}", code="blocked")


def caller_of(who: str) -> str:
    """What stands for an address or a user in our tables: enough to count, nothing to find anybody by."""
    return salted_hmac("marketplace.sandbox.trials", who).hexdigest()


@transaction.atomic
def start_trial(
    *, manifest: Manifest, inputs: Mapping[str, Any], caller: str, version: ListingVersion | None = None
) -> FreshTrial:
    """Queue one sample of a published version, or of a draft's manifest. Raises RateLimited, and WrongState where nothing can be tried."""
    sandbox = ensure_sandbox()
    _check_room(caller)
    with enter(sandbox.schema_name):
        if not manifest.offline and answered_by().is_offline:
            raise WrongState(
                "It needs a language model, and this installation's sandbox has none. Install it where there is one.",
                code="needs_model",
            )
        token = secrets.token_urlsafe(SECRET_BYTES)
        trial = Trial.objects.create(
            version=version,
            manifest=None if version else as_document(manifest),
            title=manifest.metadata.title,
            inputs=dict(inputs),
            link_digest=digest_of(token),
            caller=caller,
            expires_at=timezone.now() + KEPT,
        )
        enqueue(kind=WORK, object_id=trial.pk, queue=QUEUE, priority=7)
    return FreshTrial(trial, token)


def _check_room(caller: str) -> None:
    """One at a time counts, so that many at once cannot exceed the limits together."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('sandbox:trials', 0))")
    lately = Trial.objects.filter(created_at__gt=timezone.now() - timedelta(seconds=HOUR))
    if lately.filter(caller=caller).count() >= settings.TRIALS_PER_ADDRESS:
        raise RateLimited(
            f"You have tried {settings.TRIALS_PER_ADDRESS} samples within an hour. Install it, or come back later.",
            retry_after=HOUR,
        )
    if lately.count() >= settings.TRIALS_IN_TOTAL:
        raise RateLimited("Many people are trying samples right now. Come back in a while.", retry_after=HOUR)


def get_trial(token: str) -> Trial:
    """Whoever has the address may look; every fault is the same 404."""
    found = Trial.objects.select_related("version__listing__publisher")
    trial = found.filter(link_digest=digest_of(token), expires_at__gt=timezone.now()).first()
    if trial is None:
        raise NotFound("This address leads nowhere: samples are kept for a day.")
    return trial


def steps_of(trial: Trial) -> list[dict[str, Any]]:
    """What has been done, also while it goes on."""
    if trial.has_ended:
        return list(trial.transcript)
    with enter(ensure_sandbox().schema_name):
        return so_far(trial.stage)


def example_of(manifest: Manifest) -> dict[str, Any]:
    """What a trial is given when nobody says otherwise."""
    if isinstance(manifest, ScenarioManifest):
        return played(manifest, "")
    return dict(manifest.inputs.examples[0]) if manifest.inputs else {}


def address_of(token: str) -> str:
    """The path of the page that shows a trial, from the host's root."""
    return public_url(f"/trials/{token}/")


def documents_of(manifest: Manifest) -> tuple[CaseDocument, ...]:
    """The sandbox's only documents: those of the manifest's first case that has any."""
    cases = manifest.evaluation.cases if manifest.evaluation else ()
    return next((case.documents for case in cases if case.documents), ())


def played(manifest: ScenarioManifest, preset: str) -> dict[str, Any]:
    """How a scenario is tried: one short play, from one of its presets."""
    spec = manifest.spec
    chosen = next((each.parameters for each in spec.presets if each.name == preset), {})
    seed = spec.seed if spec.seed is not None else 1
    return {"parameters": dict(chosen), "seeds": [seed], "steps": min(usual_steps(spec), SMOKE_STEPS)}


async def carry_out(lease: Lease) -> Ending:
    """Carry out work of the kind `sample`: one look, and another in a while until it has ended."""
    return await in_workspace(lease.schema, _look, lease)


@transaction.atomic
def _look(lease: Lease) -> Ending:
    trial = _locked(lease.object_id)
    if trial is None or trial.has_ended:
        return "done"
    manifest = _manifest(trial)
    script = Script(manifest, trial.inputs, documents_of(manifest), settings.SANDBOX_MOST_USD, _no_verdict)
    carry_on(trial, script, by=attendant(ensure_sandbox()))
    lease.pause = LOOK_SECONDS
    return "done" if trial.has_ended else "queued"


def _no_verdict(result: Result) -> None:
    """Whoever tries a sample judges it."""


def _manifest(trial: Trial) -> Manifest:
    return read_json(trial.version.manifest if trial.version else trial.manifest or {})


@transaction.atomic
def give_up(trial_id: UUID, reason: str) -> None:
    """End a trial whose worker cannot go on. Called in the sandbox's schema."""
    trial = _locked(trial_id)
    if trial is not None and not trial.has_ended:
        break_off(trial, reason, by=attendant(ensure_sandbox()))


def _locked(trial_id: UUID) -> Trial | None:
    return Trial.objects.select_for_update(of=("self",)).select_related("version").filter(pk=trial_id).first()


def forget_old() -> int:
    """Delete trials whose day is over, with what interrupted ones left in the sandbox. Returns how many."""
    over = Trial.objects.filter(expires_at__lte=timezone.now())
    if not over.exists():
        return 0
    sandbox = ensure_sandbox()
    with enter(sandbox.schema_name):
        for trial_id in over.filter(state__in=["waiting", "running"]).values_list("pk", flat=True):
            give_up(trial_id, "It was not carried out within a day.")
        staging.sweep(by=attendant(sandbox))
    return over.filter(state__in=["done", "broken"]).delete()[0]
