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


def seconds(text: str) -> dict[str, float]:
    """Of each check, the faster of two looks, with everything read beforehand that they share."""
    best: dict[str, float] = {}
    whole = manifest()
    agent = whole.spec.agents[0].model_copy(update={"backstory": text})  # type: ignore[attr-defined]
    changed = whole.model_copy(update={"spec": whole.spec.model_copy(update={"agents": (agent,)})})
    for _ in range(2):
        subject = Subject(changed, Surroundings(), "x: 1", mask)
        assert subject.texts
        for check in CHECKS:
            start = time.process_time()
            for _, _ in zip(range(200), check.look(subject), strict=False):
                pass
            taken = time.process_time() - start
            best[check.group] = min(best.get(check.group, taken), taken)
    return best


@pytest.mark.parametrize("kind", range(0, len(BITS), 12))
def test_four_times_the_text_takes_no_sixteen_times_as_long(kind: int) -> None:
    """Quadratic growth would show as a factor of sixteen; below a few milliseconds a clock tells nothing."""
    for bit in BITS[kind : kind + 12]:
        short = seconds(bit * (SMALL // len(bit)))
        long = seconds(bit * (SMALL * FACTOR // len(bit)))
        for group, taken in long.items():
            assert taken < 9 * max(short[group], 0.003), (bit, group, short[group], taken)
