"""Runs that are shown pictures: by whom they are seen, as which bytes, and what is kept of them."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pytest_django import Settings
from rest_framework.test import APIClient

from agents.llm.choose import forget_probes
from agents.models import Agent, Crew
from agents.pictures.formats import cleaned
from agents.tasks import sweep_files
from agents.tools.files import RunFiles
from projects.models import ModelCall, Run, RunEvent, Trial
from projects.work import leases, tasks
from tenants.access import Member
from tenants.context import PUBLIC, enter
from tenants.models import Tenant, User
from tests.agents.conftest import API, fields, play
from tests.agents.test_record import cut_short
from tests.conftest import ApiOf
from tests.pictures.making import CANARY, drawn, moving, photographed, png_of
from tests.servers.llm import FakeLLM, Say, Seen

RUNS = f"{API}runs/"
PHOTO, SHEET = photographed("JPEG"), drawn("PNG", size=(80, 40))


@pytest.fixture
def db(fresh_db: None) -> None:
    """The ledger writes from a thread of its own, so everything here is really committed."""


def sent(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def post(api: APIClient, crew: Crew, *files: SimpleUploadedFile, **more: Any) -> Any:
    form = {"crew": str(crew.pk), "inputs": json.dumps({"topic": "tides"}), "pictures": list(files), **more}
    return api.post(RUNS, form, format="multipart")


def start(api: APIClient, crew: Crew, *files: SimpleUploadedFile, **more: Any) -> Run:
    answer = post(api, crew, *files, **more)
    assert answer.status_code == 202, answer.data
    return Run.objects.get(pk=answer.data["id"])


def shown(seen: Seen) -> list[bytes]:
    """The pictures of an OpenAI request, all at its first user message."""
    turns = [turn for turn in seen.messages if isinstance(turn["content"], list)]
    assert turns in ([], [next(turn for turn in seen.messages if turn["role"] == "user")])
    urls = [part["image_url"]["url"] for turn in turns for part in turn["content"] if part["type"] == "image_url"]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


def lying_beside(run: Run) -> dict[str, bytes]:
    folder = RunFiles.of("t_acme", run.pk).folder / ".pictures"
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.is_dir() else {}


def test_the_first_task_is_shown_the_very_bytes(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    run = play(start(api, relay, sent("beach.jpg", PHOTO), sent("sheet.png", SHEET)))
    kept = [cleaned(PHOTO).data, cleaned(SHEET).data]
    assert [shown(seen) for seen in model.ledger()] == [kept, [], []]
    assert model.ledger()[0].messages[1]["content"][0]["type"] == "text"
    assert CANARY.encode() not in kept[0]
    told = [{name: row[name] for name in ("name", "media_type", "width", "height")} for row in run.pictures or ()]
    assert told == [
        {"name": "beach.jpg", "media_type": "image/jpeg", "width": 64, "height": 48},
        {"name": "sheet.png", "media_type": "image/png", "width": 80, "height": 40},
    ]
    assert api.get(f"{RUNS}{run.pk}/").data["pictures"] == run.pictures


def test_what_is_stored_is_the_digest_and_not_the_bytes(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    run = play(start(api, relay, sent("beach.jpg", PHOTO)))
    digest = hashlib.sha256(cleaned(PHOTO).data).hexdigest()
    asked = ModelCall.objects.get(run=run, task="t1").request["messages"][1]
    assert asked["images"] == [{"media_type": "image/jpeg", "sha256": digest}]
    rows = json.dumps([*ModelCall.objects.values_list("request", "reply"), *RunEvent.objects.values_list("data")])
    assert base64.b64encode(cleaned(PHOTO).data)[:40].decode() not in rows
    assert lying_beside(run) == {digest: cleaned(PHOTO).data}
    assert api.get(f"{RUNS}{run.pk}/files/").data["results"] == []
    [line] = run.events.filter(type="agent.task", data__task="t1", data__status="running")
    assert line.data["pictures"] == 1


def test_tasks_that_say_so_see_them_and_no_other(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    before = api.get(f"{API}crews/{relay.pk}/versions/").data["results"][0]["number"]
    for name in ("t2", "t3"):
        changed = api.patch(f"{API}tasks/{relay.tasks.get(name=name).pk}/", {"sees_pictures": True})
        assert (changed.status_code, changed.data["sees_pictures"]) == (200, True)
    play(start(api, relay, sent("sheet.png", SHEET)))
    assert [len(shown(seen)) for seen in model.ledger()] == [0, 1, 1]
    files = api.get(f"{API}crews/{relay.pk}/export/").data
    assert files["crew"].count("sees_pictures: true") == 2
    brought = api.post(f"{API}crews/import/", {"name": "Again", **files})
    assert [task["sees_pictures"] for task in brought.data["crew"]["tasks"]] == [False, True, True]
    restored = api.post(f"{API}crews/{relay.pk}/versions/{before}/restore/")
    assert [task["sees_pictures"] for task in restored.data["tasks"]] == [False] * 3


def test_an_agent_alone_sees_them(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    form = {
        "agent": str(Agent.objects.get(name="writer").pk),
        "inputs": '{"task": "What is it?"}',
        "pictures": [sent("a.png", SHEET)],
    }
    run = play(Run.objects.get(pk=api.post(RUNS, form, format="multipart").data["id"]))
    assert (run.status, shown(model.ledger()[0])) == ("succeeded", [cleaned(SHEET).data])


def test_a_form_without_pictures_is_a_run_like_any_other(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    run = play(start(api, relay, budget='{"model_calls": 3}', priority="9"))
    assert (run.status, run.pictures, run.limits["model_calls"], run.priority) == ("succeeded", None, 3, 9)
    answer = post(api, relay, inputs="{")
    assert (answer.status_code, answer.data["code"]) == (400, "parse_error")
    assert fields(post(api, relay, colour="red")) == [("colour", "unknown")]


@pytest.mark.parametrize(
    ("name", "data", "status", "code"),
    [
        ("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 400, "kind"),
        ("photo.jpg", PHOTO[:400], 400, "broken"),
        ("cat.gif", moving("GIF"), 400, "animated"),
        ("empty.png", b"", 400, "kind"),
        ("huge.png", SHEET + bytes(5 * 1024**2), 413, "too_large"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(
    name: str, data: bytes, status: int, code: str, api: APIClient, relay: Crew, in_acme: Tenant
) -> None:
    answer = post(api, relay, sent("fine.png", SHEET), sent(name, data))
    assert (answer.status_code, fields(answer)) == (status, [("pictures[1]", code)])
    assert answer.data["detail"].startswith(f"“{name}” ")
    assert not Run.objects.exists()


def test_four_are_enough(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    answer = post(api, relay, *(sent(f"{number}.png", SHEET) for number in range(5)))
    assert (answer.status_code, fields(answer)) == (400, [("pictures", "too_many")])
    assert not Run.objects.exists()


def test_sent_twice_it_is_one_run_with_one_picture(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    form = {"crew": str(relay.pk), "inputs": '{"topic": "tides"}'}
    first, second = (
        api.post(
            RUNS, {**form, "pictures": [sent("a.png", SHEET)]}, format="multipart", headers={"Idempotency-Key": "k"}
        )
        for _ in range(2)
    )
    other = api.post(
        RUNS, {**form, "pictures": [sent("a.png", PHOTO)]}, format="multipart", headers={"Idempotency-Key": "k"}
    )
    assert (first.status_code, second.headers["Idempotency-Replayed"], other.status_code) == (202, "true", 422)
    assert first.data["id"] == second.data["id"]
    assert len(lying_beside(Run.objects.get())) == 1


def test_whoever_may_only_look_shows_nothing(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    key = api.post(f"{API}api-keys/", {"name": "reader", "role": "viewer"}).data["key"]
    reader = APIClient(headers={"Authorization": f"Bearer {key}"})
    assert post(reader, relay, sent("a.png", b"no picture at all")).status_code == 403
    assert not Run.objects.exists()


def test_a_workspace_that_is_full_says_so(api: APIClient, relay: Crew, in_acme: Tenant) -> None:
    run = start(api, relay, sent("a.png", SHEET))
    Run.objects.filter(pk=run.pk).update(pictures=[{**(run.pictures or [{}])[0], "size": 2 * 1024**3}])
    answer = post(api, relay, sent("a.png", SHEET))
    assert (answer.status_code, answer.data["code"]) == (413, "no_room")
    assert [each.pk for each in Run.objects.all()] == [run.pk]


def test_what_a_run_shares_with_the_one_that_it_goes_off_from_fills_no_room_twice(
    api: APIClient, relay: Crew, in_acme: Tenant
) -> None:
    first, branch = (start(api, relay, sent("a.png", SHEET)) for _ in range(2))
    huge = [{**(branch.pictures or [{}])[0], "size": 2 * 1024**3}]
    Run.objects.filter(pk=branch.pk).update(pictures=huge, parent=first)
    assert post(api, relay, sent("a.png", SHEET)).status_code == 202
    first.delete()
    assert post(api, relay, sent("a.png", SHEET)).status_code == 413, "nobody else has those bytes any more"


def test_it_is_handed_out_as_what_it_is_and_to_nobody_else(
    api: APIClient, api_of: ApiOf, mallory: User, relay: Crew, in_acme: Tenant
) -> None:
    run = start(api, relay, sent("beach.jpg", PHOTO))
    answer = api.get(f"{RUNS}{run.pk}/pictures/1/")
    assert (answer.status_code, answer.content) == (200, cleaned(PHOTO).data)
    assert {
        name: answer[name]
        for name in ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy", "Content-Disposition")
    } == {
        "Content-Type": "image/jpeg",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": 'inline; filename="picture-1.jpeg"',
    }
    assert [api.get(f"{RUNS}{run.pk}/pictures/{number}/").status_code for number in (0, 2)] == [404, 404]
    assert api_of(mallory).get(f"{RUNS}{run.pk}/pictures/1/").status_code == 404


def test_runs_that_go_off_from_it_see_the_same(api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant) -> None:
    model.set_script(lambda seen: Say(f"Result of {asked_for_text(seen)}."))
    run = play(start(api, relay, sent("beach.jpg", PHOTO)))
    again = play(Run.objects.get(pk=api.post(f"{RUNS}{run.pk}/retry/").data["id"]))
    branch = api.post(
        f"{RUNS}{run.pk}/branch/", {"task": "t1", "edits": {"tasks": {"t1": {"description": "Do more."}}}}
    )
    other = play(Run.objects.get(pk=branch.data["id"]))
    replay = play(Run.objects.get(pk=api.post(f"{RUNS}{run.pk}/replay/").data["id"]))
    kept = [cleaned(PHOTO).data]
    assert [shown(seen) for seen in model.ledger()] == [kept, [], []] * 3
    assert [each.status for each in (again, other, replay)] == ["succeeded"] * 3
    assert [each.pictures for each in (again, other, replay)] == [run.pictures] * 3
    assert api.delete(f"{RUNS}{run.pk}/").status_code == 204
    assert lying_beside(run) == {}
    assert list(lying_beside(again).values()) == kept


def asked_for_text(seen: Seen) -> str:
    content = next(turn["content"] for turn in seen.messages if turn["role"] == "user")
    text = content if isinstance(content, str) else content[0]["text"]
    return str(text).partition("Do ")[2].partition(".")[0]


def test_a_run_that_lost_its_worker_is_shown_the_same_and_asks_nothing_twice(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    run = play(start(api, relay, sent("beach.jpg", PHOTO)))
    cut_short(run, after="t1")
    assert (play(run).status, run.model_calls.count()) == ("succeeded", 3)
    assert sum(len(shown(seen)) for seen in model.ledger()) == 1


def test_a_run_kept_as_a_test_is_tried_with_its_pictures(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    run = play(start(api, relay, sent("beach.jpg", PHOTO)))
    assert api.post(f"{RUNS}{run.pk}/keep/", {"name": "beach"}).status_code == 201
    [recorded] = api.post(f"{API}crews/{relay.pk}/tests/run/", {"mode": "recorded"}).data["results"]
    with enter(PUBLIC):
        lease = leases.claim(["default"])
        assert lease is not None
        tasks.carry_out(lease)
    assert Trial.objects.get(pk=recorded["id"]).status == "same"
    [live] = api.post(f"{API}crews/{relay.pk}/tests/run/", {"mode": "live"}).data["results"]
    fresh = Run.objects.get(pk=live["run"])
    assert (fresh.pictures, lying_beside(fresh)) == (run.pictures, lying_beside(run))


def test_they_count_in_what_is_set_aside(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, settings: Settings
) -> None:
    """A sheet of 80 x 40 is 3 x 2 patches; 8,000 x 5,000 at gpt-5.5 are 12,000 tokens, more than this run may use."""
    settings.LLM = settings.LLM | {"openai_model": "gpt-5.5"}
    forget_probes()
    small = play(start(api, relay, sent("a.png", SHEET), budget='{"tokens": 12000}'))
    assert small.status == "succeeded"
    asked = len(model.ledger())
    large = play(start(api, relay, sent("a.png", png_of(8_000, 5_000)), budget='{"tokens": 12000}'))
    assert (large.status, large.stop_reason, len(model.ledger())) == ("over_budget", "run_limit", asked)


def test_the_estimate_counts_them_and_says_who_looks(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, settings: Settings
) -> None:
    def estimate(name: str, **more: Any) -> Any:
        settings.LLM = settings.LLM | {"openai_model": name}
        forget_probes()
        return api.post(f"{RUNS}estimate/", {"crew": str(relay.pk), "inputs": {"topic": "tides"}, **more}).data

    plain, shown_two = estimate("gpt-4o"), estimate("gpt-4o", pictures=[{"width": 1_024, "height": 1_024}] * 2)
    assert shown_two["tokens"]["low"] - plain["tokens"]["low"] == 2 * 765  # one call of the first task
    assert (shown_two["basis"], shown_two["sight"]) == ("definition", {"can": True, "detail": ""})
    assert estimate("gpt-3.5-turbo")["sight"]["can"] is False
    assert estimate("fake-1")["sight"] == {
        "can": None,
        "detail": "Nobody here knows whether fake-1 can look at pictures; some models answer without doing so.",
    }
    answer = api.post(f"{RUNS}estimate/", {"crew": str(relay.pk), "pictures": [{"width": 9_000, "height": 1}]})
    assert fields(answer) == [("pictures[0].width", "max_value")]


def test_a_picture_that_is_gone_or_changed_stops_the_run_before_it_asks(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant
) -> None:
    runs = [start(api, relay, sent("beach.jpg", PHOTO)) for _ in range(2)]
    [gone, changed] = [next(iter((RunFiles.of("t_acme", run.pk).folder / ".pictures").iterdir())) for run in runs]
    gone.unlink()
    Path(changed).write_bytes(b"other bytes")
    ended = [play(run) for run in runs]
    assert [(run.status, run.stop_reason) for run in ended] == [("failed", "picture_lost")] * 2
    assert [run.stop_detail for run in ended] == [
        "The picture “beach.jpg” of this run is not in the data directory any more.",
        "The picture “beach.jpg” of this run is not what was sent; its file is damaged.",
    ]
    assert model.ledger() == []


def test_a_chain_that_sees_nothing_stops_the_run_before_it_asks(
    api: APIClient, relay: Crew, model: FakeLLM, in_acme: Tenant, settings: Settings
) -> None:
    settings.LLM = settings.LLM | {"openai_model": "gpt-3.5-turbo"}
    forget_probes()
    run = play(start(api, relay, sent("beach.jpg", PHOTO)))
    assert (run.status, run.stop_reason) == ("failed", "no_sight")
    assert run.stop_detail.startswith(
        "“t1” sees the pictures, and no model that it may ask can look at them (gpt-3.5-turbo)."
    )
    assert model.ledger() == []


def test_offline_says_that_it_did_not_look(
    api: APIClient, relay: Crew, in_acme: Tenant, settings: Settings, alice_at_acme: Member
) -> None:
    settings.LLM = dict.fromkeys(settings.LLM, "") | {"provider": "offline"}
    forget_probes()
    run = play(start(api, relay, sent("beach.jpg", PHOTO)))
    assert (run.status, run.stop_reason, run.provider) == ("succeeded", "pictures_unseen", "offline")
    assert (
        run.stop_detail
        == "The offline provider quotes documents and does not look at pictures: its answers are without them."
    )
    assert all("images" not in message for call in run.model_calls.all() for message in call.request["messages"])
    again = play(Run.objects.get(pk=api.post(f"{RUNS}{run.pk}/replay/").data["id"]))
    assert (again.status, again.output, again.stop_reason) == ("succeeded", run.output, "pictures_unseen")
    sight = api.post(f"{RUNS}estimate/", {"crew": str(relay.pk)}).data["sight"]
    assert sight == {"can": False, "detail": run.stop_detail}


class Undone(Exception):
    """What a transaction ends with here."""


def test_what_was_kept_for_a_start_that_was_undone_is_swept_away(api: APIClient, relay: Crew, acme: Tenant) -> None:
    kept = start(api, relay, sent("quay.jpg", PHOTO))
    with suppress(Undone), transaction.atomic():
        lost = start(api, relay, sent("quay.jpg", PHOTO))
        raise Undone
    folders = [RunFiles.of(acme.schema_name, run.pk).folder for run in (kept, lost)]
    sweep_files()
    assert [folder.exists() for folder in folders] == [True, True]  # it may be written still
    days_ago = time.time() - 2 * 86_400
    for folder in folders:
        os.utime(folder, (days_ago, days_ago))
    sweep_files()
    assert [folder.exists() for folder in folders] == [True, False]
