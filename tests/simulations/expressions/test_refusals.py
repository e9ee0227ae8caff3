"""What is not in the language, and what the refusal says."""

from __future__ import annotations

import pytest

from simulations.engine.expressions import ExpressionRefused, Scope, parse, parse_aggregate

SCOPE = Scope(
    {"similar": "number", "happy": "bool", "group": ("a", "b"), "note": "text", "self.group": ("a", "b")},
    history={"similar": 3},
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(1).__class__.__bases__", "A dot may only follow"),
        ("similar.real", "There is no “similar.real” here"),
        ("self.group.upper()", "There is no function “self.group.upper”"),
        ("__import__('os').system('true')", "A dot may only follow"),
        ("open('/etc/passwd')", "There is no function “open”"),
        ("[x for x in similar]", "Loops"),
        ("(lambda: 1)()", "Loops"),
        ("(x := 1)", "Loops"),
        ("similar[0]", "Indexing"),
        ("f'{similar}'", "Text with { }"),
        ("similar ** 99999", "There is no power"),
        ("9" * 400, "at most 1e+15"),
        ("1e300", "at most 1e+15"),
        ("(" * 300, "cannot be read"),
        ("-" * 450 + "1", "12 deep"),
        ("+".join(["similar"] * 60), "12 deep"),
        ("max(" + ",".join(["1+1+1+1+1"] * 8) + ") + max(" + ",".join(["1+1+1+1+1"] * 8) + ")", "at most 100 parts"),
        ("x" * 10**6, "at most 500 characters; this has 1000000"),
        ("", "it is empty"),
        ("simlar > 1", "Did you mean “similar”?"),
        ("group == a", "Put the word in quotes: 'a'"),
        ("group == 'aa'", "“aa” is not one of 'a', 'b'"),
        ("group < 'b'", "Only numbers can be compared with <"),
        ("similar and happy", "compare it, as in x > 0"),
        ("happy + note", "There must be a number right of +, not text"),
        ("1 if similar else 2", "There must be yes or no between if and else"),
        ("uniform(0, 1)", "which only init, effects"),
        ("abs(1, 2)", "abs takes 1 argument; here are 2"),
        ("abs(x=1)", "by their place"),
        ("sqr(2)", "Did you mean “sqrt”?"),
        ("lag(happy, 1)", "keeps no history"),
        ("lag(similar, 4)", "ask for 0 to 3"),
        ("similar is 1", "“in” and “is” are not allowed"),
        ("1j", "not a value"),
        ("similar; happy", "cannot be read"),
        ("\x00", "cannot be read"),
    ],
)
def test_it_says_what_is_allowed(text: str, said: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse(text, SCOPE)
    assert said in refused.value.detail
    assert len(refused.value.detail) < 500


def test_the_kind_that_is_wanted() -> None:
    assert parse("happy", SCOPE, wants="number").kind == "bool"
    with pytest.raises(ExpressionRefused, match="This must give yes or no; it gives a number"):
        parse("similar", SCOPE, wants="bool")


def test_a_crowd() -> None:
    crowd = parse_aggregate("neighbors and self where group == self.group", SCOPE)
    assert (crowd.over, crowd.and_self) == ("neighbors", True)
    assert crowd.where is not None
    assert crowd.where.names == {"group", "self.group"}
    assert parse_aggregate("fox", SCOPE, ["fox"]).where is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("neighbours", "Did you mean “neighbors”?"),
        ("neighbors where", "names no crowd"),
        ("neighbors; all", "names no crowd"),
        ("all where similar", "This must give yes or no"),
        ("all where similar.x > 1", "There is no “similar.x”"),
    ],
)
def test_no_crowd(text: str, said: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse_aggregate(text, SCOPE)
    assert said in refused.value.detail
