"""What nobody would see is shown, and what is shown is only text."""

from __future__ import annotations

import pytest
from django.template import Context, Template

from marketplace.console.visible import count_hidden, stretches


def shown(text: str) -> str:
    return Template("{% load strangers %}{{ text|visible }}").render(Context({"text": text}))


def test_plain_text_in_any_language_is_left_alone() -> None:
    text = "Lies die Datei.\n\tÜber 3 % – “ok”. Дом. 家。 עברית مرحبا नमस्ते 👍\n\n"
    assert [stretch.text for stretch in stretches(text)] == [text]
    assert shown("a < b & c") == "a &lt; b &amp; c"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("read\u200bme", "U+200B"),
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("soft\u00adhyphen", "U+00AD"),
        ("nbsp\u00a0x", "U+00A0"),
        ("\u3164", "U+3164"),
        ("x\ufe0f", "U+FE0F"),
        ("x\U000e0101", "U+E0101"),
        ("bell\x07", "U+0007"),
        ("\ue000", "U+E000"),
    ],
)
def test_what_cannot_be_seen_gets_its_number(text: str, seen: str) -> None:
    assert count_hidden(text) == 1
    assert f">{seen}</span>" in shown(text)


def test_tag_characters_are_read_out() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore <b>all</b>")
    assert "hidden text: ignore &lt;b&gt;all&lt;/b&gt;</span>" in shown(f"Hello{hidden} there")


def test_letters_of_another_alphabet_among_latin_ones() -> None:
    assert count_hidden("pаypal") == 1  # the second letter is Cyrillic
    assert "CYRILLIC SMALL LETTER A, U+0430" in shown("pаypal")
    assert count_hidden("Привет world") == 0


def test_emptiness_that_pushes_text_away_is_cut_short() -> None:
    assert ">40 line breaks</span>" in shown("top" + "\n" * 40 + "bottom")
    assert ">900 spaces</span>" in shown("left" + " " * 900 + "right")
    assert count_hidden("a\n\n\nb        c") == 0


def test_a_change_shows_hidden_characters_too() -> None:
    page = Template("{% load strangers %}{% changed old new %}").render(
        Context({"old": "read it", "new": "read\u200b <it>"})
    )
    assert "<script" not in page
    assert "<ins>" in page
    assert "U+200B" in page
    assert "&lt;it&gt;" in page
