"""The console in a real browser, with a manifest that attacks whoever reads it in every one of its strings."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.cast import PASSWORD
from tests.servers.live import LiveStack
from tests.servers.telling import told
from tests.site.browser import PHONE, WIDE, inaccessible, keep, overflow, visitor
from tests.thorough import IN_CI

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ON_A_PHONE = {"home", "queue", "tab listing", "tab difference", "tab evaluation"}
# By axe, which takes a second each; CI examines all, and their markup is looked at in the tests of each page.
EXAMINED = {"home", "queue", "tab listing", "tab difference", "tab evaluation", "tab reports", "wild", "decisions"}
TABS = ("listing", "difference", "prompts", "checks", "evaluation", "reports", "history", "notes")

_HOSTILE = """
import json
from marketplace.checks.models import CheckRun, Finding
from marketplace.console.notes import write_note
from marketplace.models import ListingVersion, Publisher
from marketplace.moderation import services
from marketplace.moderation.models import ReasonCode, ReviewTask
from marketplace.sandbox.models import EvaluationCase, EvaluationRun
from tests.cast import person
from tests.console import scene
BAD = '"><img src=x onerror=hit()><script>hit()</script>\\u200b\\u202e<svg onload=hit()>'
LONG = BAD + "' onfocus=hit() autofocus x='<a href=javascript:hit()>go</a> {{7*7}} [x](javascript:hit()) ![](http://evil.example/a.png) " + "x" * 300
def spoiled(value, bad):
    if isinstance(value, str):
        return bad
    if isinstance(value, dict):
        return {name: spoiled(child, bad) for name, child in value.items()} | {bad: bad}
    return [spoiled(child, bad) for child in value] if isinstance(value, list) else value
def readable(**metadata):
    made = scene.document(title=BAD, summary=BAD, description=LONG, **metadata)
    for agent in made["spec"]["agents"]:
        agent |= {"role": BAD, "goal": BAD, "backstory": BAD}
    for task in made["spec"]["tasks"]:
        task |= {"expected_output": BAD}
    made["disclosure"] |= {"data_goes_to": BAD, "personal_data": BAD, "known_limits": [BAD], "human_oversight": BAD}
    for permission in made["permissions"]:
        permission["why"] = BAD
    return made
first = scene.version(scene.document(version="0.9.0"), state="published")
task = scene.waiting(readable(), injection=200, first_version=40)
Publisher.objects.update(display_name=BAD, about=BAD)
wild = scene.version(scene.document(version="2.0.0"), state="rejected")
wild = ListingVersion.objects.create(
    listing=wild.listing, semver="2.0.1", manifest=spoiled(wild.manifest, LONG), digest="sha256:0", size=1, risk=1, review_state="in_review")
wild_task = services.open_task(kind=ReviewTask.Kind.VERSION, about=wild, reasons=[BAD[:60]], weight_info={BAD: 10})
services.report(first.listing, reason=ReasonCode.SPAM, text=LONG, by=person("mallory"))
write_note(about=first.listing, text=LONG, by=person("moderator"))
run = CheckRun.objects.create(version=task.version, digest="x", passed=False, release="1", seconds=0.1, missing=[BAD[:60]])
Finding.objects.create(run=run, code=BAD[:60], severity="error", path=BAD, message=LONG, fix=LONG, evidence=BAD[:40], enforced=True)
played = EvaluationRun.objects.create(version=task.version, suite="x", threshold=0.8, state="skipped", note=LONG, provider=BAD[:40])
EvaluationCase.objects.create(evaluation=played, position=0, name=BAD[:120], state="done", passed=False, inputs={BAD: LONG},
    findings=[LONG], output=LONG, problem=BAD, transcript=[{"task": BAD, "agent": BAD, "output": LONG}])
report = ReviewTask.objects.get(kind="report")
print(json.dumps({"task": str(task.pk), "wild": str(wild_task.pk), "report": str(report.pk), "listing": str(first.listing_id),
                  "publisher": str(first.listing.publisher_id)}))
"""


@pytest.fixture(scope="module")
def hostile(browser: Browser, live_stack: LiveStack) -> dict[str, str]:
    """Ids of what waits."""
    found: dict[str, str] = json.loads(told(live_stack, _HOSTILE).splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def signed_in(browser: Browser, live_stack: LiveStack, hostile: dict[str, str]) -> Any:
    with visitor(browser, live_stack.url) as person:
        page = person.open("/admin/")
        page.get_by_label("Email").fill("moderator@guildhall.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", name="Moderation", level=1)).to_be_visible()
        return person.context.storage_state()


def addresses(hostile: dict[str, str]) -> dict[str, str]:
    task = f"/admin/queue/{hostile['task']}/"
    return {
        "home": "/admin/",
        "queue": "/admin/queue/",
        **{f"tab {tab}": f"{task}?tab={tab}" for tab in TABS},
        "wild": f"/admin/queue/{hostile['wild']}/",
        "wild prompts": f"/admin/queue/{hostile['wild']}/?tab=prompts",
        "report": f"/admin/queue/{hostile['report']}/?tab=reports",
        "publisher": f"/admin/about/publisher/{hostile['publisher']}/",
        "decisions": "/admin/decisions/",
        "second": "/admin/second/",
        "blocks": "/admin/blocks/",
        "featured": "/admin/featured/",
        "rules": "/admin/rules/",
    }


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", PHONE)], ids=["light-wide", "dark-phone"])
def test_no_page_runs_what_it_shows(
    browser: Browser, live_stack: LiveStack, hostile: dict[str, str], signed_in: Any, scheme: str, size: tuple[int, int]
) -> None:
    found: dict[str, list[str]] = {}
    with visitor(browser, live_stack.url, size=size, color_scheme=scheme, storage_state=signed_in) as person:
        person.context.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; };")
        page = person.open("/admin/")
        for name, path in addresses(hostile).items():
            if size == PHONE and name not in ON_A_PHONE:
                continue
            person.go(page, path)
            wrong = [*person.complaints, *(inaccessible(page) if IN_CI or name in EXAMINED else ())]
            wrong += [f"{overflow(page)} px too wide"] if overflow(page) > 0 else []
            wrong += ["a script ran"] if page.evaluate("window.hits") else []
            if wrong:
                found[name] = wrong
            person.complaints.clear()
            keep(page, f"console-{name.replace(' ', '-')}-{scheme}-{size[0]}", "GUILDHALL_GALLERY")
    assert found == {}


def test_by_keyboard_from_the_queue_to_a_decision(
    browser: Browser, live_stack: LiveStack, hostile: dict[str, str], signed_in: Any
) -> None:
    with visitor(browser, live_stack.url, storage_state=signed_in) as person:
        page = person.open("/admin/queue/?kind=version")
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/admin/queue/{hostile['task']}/")
        page.keyboard.press("c")
        expect(page.get_by_role("button", name="Give it back")).to_be_visible()
        page.get_by_label("Reject").check()
        page.get_by_label("Ready text").select_option(label="Text that turns a model against its user")
        page.get_by_label("Place").first.fill("spec.agents[0].goal")
        page.get_by_role("button", name="Preview what happens").click()
        expect(page.get_by_role("heading", name="What happens")).to_be_visible()
        expect(page.get_by_text("To alice@acme.example")).to_be_visible()
        assert inaccessible(page) == []
        keep(page, "console-preview", "GUILDHALL_GALLERY")
        page.get_by_role("button", name="Reject now").click()
        page.wait_for_url("**/admin/queue/*/?last=*")
        page.get_by_role("button", name="Undo").click()
        page.wait_for_url(f"**/admin/queue/{hostile['task']}/")
        assert page.evaluate("window.hits") is None
        assert person.complaints == []
