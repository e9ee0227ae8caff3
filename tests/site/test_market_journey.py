"""One listing's life in a real browser: published, checked, approved, installed elsewhere, run, reviewed, reported, pulled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.cast import PASSWORD
from tests.servers.live import LiveStack
from tests.servers.telling import told
from tests.servers.waiting import wait_for
from tests.site.browser import Visitor, keep, visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LISTING = "/market/acme/tide-reader/"
TIDES = "Spring tides come twice a month.\nNeap tides come a week after spring tides.\n"
CREW = {
    "name": "Tides",
    "agents": [
        {"name": "reader", "role": "Tide reader", "goal": "Answer from the tables.", "tools": ["search_knowledge"]}
    ],
    "tasks": [
        {
            "name": "answer",
            "description": "Question: {question}\n\nAnswer it from the documents.",
            "expected_output": "An answer with its citation.",
            "agent": "reader",
        }
    ],
}
TEXT = {
    "title": "Tide reader",
    "name": "tide-reader",
    "summary": "Answers questions about tides from your own tide tables.",
    "description": "It looks the tide tables up and answers with what they say. It does not forecast.",
    "category": "research",
    "license": "MIT",
    "data_goes_to": "The passages found go to the model that the workspace has chosen.",
    "personal_data": "None.",
    "known_limits": "It reads passages, not whole tables.",
    "human_oversight": "Every statement names its source.",
}
SAMPLE = {
    "example-question": "How often do spring tides come?",
    "document_title": "Tide table",
    "document_text": TIDES,
    "expected": "twice a month",
    "minutes": "10",
    "usd": "0.5",
}
SECOND = """
from tenants.models import User
User.objects.create_user("second@guildhall.example", "{password}", name="Second moderator", is_staff=True, is_superuser=True)
"""


@dataclass
class People:
    """Everybody with a window of their own."""

    author: Page
    moderator: Page
    second: Page
    user: Page
    base: str
    visitors: Sequence[Visitor]

    @property
    def complaints(self) -> list[str]:
        """What pages did wrong; that a blocked crew is refused (409) is as it should be."""
        return [told for each in self.visitors for told in each.complaints if "409 (Conflict)" not in told]


@pytest.fixture
def people(browser: Browser, live_stack: LiveStack) -> Iterator[People]:
    told(live_stack, SECOND.format(password=PASSWORD))
    _make_crew(live_stack)
    with ExitStack() as windows:
        visitors = [windows.enter_context(visitor(browser, live_stack.url)) for _ in range(4)]
        who = ("alice@acme", "moderator@guildhall", "second@guildhall", "mallory@globex")
        pages = [_signed_in(each, f"{name}.example") for each, name in zip(visitors, who, strict=True)]
        author, moderator, second, user = pages
        yield People(author, moderator, second, user, live_stack.url, visitors)


def _make_crew(live: LiveStack) -> None:
    credentials = {"email": "alice@acme.example", "password": PASSWORD}
    with httpx.Client(base_url=live.url, timeout=120) as client:
        token = client.post("/api/v1/auth/token/", json=credentials).json()["access"]
        made = client.post("/w/acme/api/v1/crews/", json=CREW, headers={"Authorization": f"Bearer {token}"})
    assert made.status_code == 201, made.text


def _signed_in(person: Visitor, email: str) -> Page:
    page = person.open("/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign in")).to_have_count(0)
    return page


def test_the_life_of_a_listing(people: People) -> None:
    _publish(people.author, people.base)
    _approve(people.moderator, people.base)
    _install_and_run(people.user, people.base)
    _review(people.user, people.base)
    _report(people.user, people.base)
    _pull(people)
    _is_gone(people)
    assert people.complaints == []


def _fill(page: Page, told: dict[str, str]) -> None:
    for name, value in told.items():
        field = page.locator(f"main [name='{name}']")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def _choose(page: Page, name: str, value: str) -> None:
    """In a list or among buttons, whichever the page has."""
    listed = page.locator(f"main select[name='{name}']")
    if listed.count():
        listed.select_option(value)
    else:
        page.locator(f"main [name='{name}'][value='{value}']").check()


def _go_on(page: Page) -> None:
    page.get_by_role("button", name="Save and go on").click()
    page.wait_for_load_state()  # whoever counts what is on a page has to wait until it is all there


def _publish(page: Page, base: str) -> None:
    page.goto(f"{base}/w/acme/publish/")
    page.get_by_role("link", name="Publish something").first.click()
    page.get_by_label("Tides").check()
    _go_on(page)
    page.goto(f"{re.sub(r'/[a-z]+/$', '/', page.url)}text/")
    _fill(page, TEXT)
    _go_on(page)
    _fill(page, SAMPLE)
    page.locator("main [name='offline']").check()
    keep(page, "publish-sample")
    _go_on(page)
    for why in page.locator("main [name^='why-']").all():
        why.fill("The reader looks the tables up.")
    _go_on(page)
    expect(page.get_by_text("nothing was found")).to_be_visible()
    page.get_by_role("link", name="Go on", exact=True).click()
    page.wait_for_load_state()
    _choose(page, "visibility", "public")
    keep(page, "publish-send")
    with page.expect_navigation():  # a page that is on its way cannot be read again
        page.get_by_role("button", name="Send it in").click()
    _reload_until(page, "Waits for a reviewer")
    keep(page, "publish-waiting")


def _reload_until(page: Page, words: str) -> None:
    """What workers do in the background shows when a page is read again."""

    def says_so() -> bool:
        page.reload()
        return page.get_by_text(words).count() > 0

    wait_for(says_so, otherwise=lambda: f"{page.url} never said: {words}\n{page.locator('main').inner_text()}")


def _approve(page: Page, base: str) -> None:
    page.goto(f"{base}/admin/queue/")
    keep(page, "queue")
    page.get_by_role("link", name=re.compile("Tide reader")).first.click()
    page.get_by_role("button", name="Claim for 30 minutes").click()
    page.locator("[name='action'][value='approve']").check()
    page.get_by_role("button", name="Preview what happens").click()
    keep(page, "workbench")
    page.locator("button[name='step'][value='send']").click()
    _reload_market(page, base)


def _reload_market(page: Page, base: str) -> None:
    """The listing is on the market once the approval has been carried out."""

    def is_there() -> bool:
        return page.request.get(base + LISTING).ok  # a page that is not there yet would be complained of

    wait_for(is_there, otherwise=lambda: "It never came to the market.")


def _install_and_run(page: Page, base: str) -> None:
    page.goto(f"{base}/w/globex/documents/")
    page.get_by_label("Files").set_input_files(
        FilePayload(name="tides.md", mimeType="text/markdown", buffer=TIDES.encode())
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("row", name="tides.md")).to_contain_text("Ready")
    page.goto(f"{base}/w/globex/installed/new/acme/tide-reader/")
    for box in page.locator("#asking").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Grant these and install").click()
    expect(page.get_by_role("status").filter(has_text="is installed.")).to_be_visible()
    page.goto(f"{base}/w/globex/crews/")
    page.get_by_role("link", name="Tide reader").click()
    page.get_by_label("Question", exact=False).first.fill("How often do spring tides come?")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#run-result")).to_contain_text("twice a month")


def _review(page: Page, base: str) -> None:
    page.goto(f"{base}{LISTING}reviews/write/")
    _choose(page, "score", "4")
    _fill(page, {"title": "Reads our tables well", "body": "It found every tide that we asked for."})
    page.get_by_role("button", name="Publish the review").click()
    page.goto(f"{base}{LISTING}reviews/")
    expect(page.get_by_role("heading", name="Reads our tables well")).to_be_visible()
    keep(page, "reviews")


def _report(page: Page, base: str) -> None:
    page.goto(f"{base}{LISTING}report/")
    _fill(page, {"reason": "misleading", "text": "It calls a guess a quotation."})
    page.get_by_role("main").get_by_role("button", name=re.compile("report", re.IGNORECASE)).click()
    expect(page.get_by_role("status").first).to_be_visible()


def _pull(people: People) -> None:
    """A hard block stops what runs, so it takes a second person."""
    page = people.moderator
    page.goto(f"{people.base}/admin/queue/")
    page.get_by_role("link", name=re.compile("Tide reader")).first.click()
    page.get_by_role("button", name="Claim for 30 minutes").click()
    page.locator("[name='action'][value='pull']").check()
    page.locator("[name='severity'][value='hard']").check()
    page.locator("[name='reason_codes'][value='misleading']").check()
    page.locator("select[name='policy']").select_option(index=1)
    _fill(page, {"reasoning": "A guess is given out as a quotation. Mark guesses as what they are."})
    _fill(page, {"path_0": "spec.tasks[0].description", "quote_0": "Answer it from the documents."})
    page.get_by_role("button", name="Preview what happens").click()
    expect(page.get_by_text("Needs a second person:")).to_be_visible()
    keep(page, "pull-preview")
    page.locator("button[name='step'][value='send']").click()
    second = people.second
    second.goto(f"{people.base}/admin/second/")
    second.get_by_role("link", name=re.compile("Tide reader")).first.click()
    keep(second, "second-person")
    second.get_by_role("button", name="I agree: carry it out").click()


def _is_gone(people: People) -> None:
    """Whoever has it reads why and starts it no more; its author finds the way to an appeal."""
    page = people.user
    page.goto(f"{people.base}/w/globex/installed/")
    page.get_by_role("link", name="Tide reader").first.click()
    expect(page.get_by_role("main")).to_contain_text("A guess is given out as a quotation")
    keep(page, "blocked")
    page.goto(f"{people.base}/w/globex/crews/")
    page.get_by_role("link", name="Tide reader").click()
    page.get_by_label("Question", exact=False).first.fill("How often do spring tides come?")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("blocked", re.IGNORECASE))
    author = people.author
    author.goto(f"{people.base}/appeals/")
    expect(author.get_by_role("main")).to_contain_text("Tide reader")
    author.get_by_role("link", name=re.compile("Tide reader")).first.click()
    expect(author.get_by_role("main")).to_contain_text("A guess is given out as a quotation")
    keep(author, "appeal")
