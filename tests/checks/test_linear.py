"""No text makes a rule slow: twice the text takes about twice the time, for whatever shape a rule listens for."""

from __future__ import annotations

import time

import pytest

from marketplace.checks.rules import CHECKS
from marketplace.checks.running import mask
from marketplace.checks.subject import Subject, Surroundings
from tests.checks.making import manifest

BITS = (
    "a", " ", "\n", "1", "a://b:", "a@", "eyJ", "QUJD", "Server=a;", "host=a ", "-----BEGIN PRIVATE KEY-----\n", "ignore ", "ask the user for ",
    "send data to ", "fetch https://a ", "append data in ", "if tenant is ", "password is ", "token for a ", "<a", "<!--", "![a](https://",
    "\u200b", "😀\u200d", "a.", "AB12 ", "4111-", "%41", "\\x41", "curl a ", "a_b_", "without asking ", "do not tell ", "secretly ",
)  # fmt: skip
SMALL, FACTOR = 3_500, 4
LOOKS = 12


def seconds(text: str) -> dict[str, float]:
    """Of processor time, by check; what the checks share is read beforehand."""
    whole = manifest()
    agent = whole.spec.agents[0].model_copy(update={"backstory": text})  # type: ignore[attr-defined]
    changed = whole.model_copy(update={"spec": whole.spec.model_copy(update={"agents": (agent,)})})
    subject = Subject(changed, Surroundings(), "x: 1", mask)
    assert subject.texts
    taken: dict[str, float] = {}
    for check in CHECKS:
        start = time.process_time()
        for _, _ in zip(range(200), check.look(subject), strict=False):
            pass
        taken[check.group] = taken.get(check.group, 0.0) + time.process_time() - start
    return taken


def quicker(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {group: min(taken, other.get(group, taken)) for group, taken in one.items()}


def slow(bit: str) -> dict[str, tuple[float, float]]:
    """Checks that took too long for four times the text however often they looked: a busy machine can only add to a time.

    Quadratic growth would show as a factor of sixteen; below a few milliseconds a clock tells nothing.
    """
    short: dict[str, float] = {}
    long: dict[str, float] = {}
    found: dict[str, tuple[float, float]] = {}
    for _ in range(LOOKS):
        short = quicker(seconds(bit * (SMALL // len(bit))), short)
        long = quicker(seconds(bit * (SMALL * FACTOR // len(bit))), long)
        found = {group: (short[group], long[group]) for group in long if long[group] >= 9 * max(short[group], 0.003)}
        if not found:
            break
    return found


@pytest.mark.parametrize("kind", range(0, len(BITS), 12))
def test_four_times_the_text_takes_no_sixteen_times_as_long(kind: int) -> None:
    assert {bit: slow(bit) for bit in BITS[kind : kind + 12]} == {bit: {} for bit in BITS[kind : kind + 12]}
