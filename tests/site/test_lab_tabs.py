"""The tabs beside a play's picture: sections that follow each other where no script runs."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.site.alone import HOME, page_alone

pytestmark = pytest.mark.browser
PAGE = """<!DOCTYPE html><title>t</title><main><section id=tab-charts data-tab=Charts>1</section>
<section id=tab-said data-tab=Said>2</section></main>"""
BEGIN = """async () => {
  const { Tabs } = await import("/static/simulations/lab/tabs.js");
  new Tabs(document.querySelector("main"));
  return [...document.querySelectorAll("section")].filter((each) => !each.hidden).map((each) => each.id);
}"""


@pytest.mark.parametrize(("named", "shown"), [("", "tab-charts"), ("#tab-said", "tab-said"), ("#else", "tab-charts")])
def test_an_address_that_names_a_tab_opens_it(browser: Browser, named: str, shown: str) -> None:
    with page_alone(browser, PAGE) as page:
        page.goto(f"{HOME}{named}")
        assert page.evaluate(BEGIN) == [shown]
