"""What a person has to say yes to, one by one, before something is installed, updated or rolled back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from agents.tools.house import TOOLS
from marketplace.installs.needs import Survey
from marketplace.manifest.comparing import Difference, compare
from marketplace.manifest.envelope import Manifest
from marketplace.manifest.permissions import Meaning, ToolPermission
from tenants.errors import FieldError, Invalid

BOUNDS = "bounds"
"""The code of what takes more without a permission of its own: money, and a person's say."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One thing to say yes to. `before` is what was allowed so far under the same code, empty for nothing."""

    code: str
    meaning: Meaning | None
    sentence: str
    why: str = ""
    before: str = ""


def asked(manifest: Manifest, survey: Survey) -> list[Consent]:
    """Every permission of a version, the riskiest first, and one for each tool that stands in for another."""
    wanted = [(each.meaning(), each.why) for each in manifest.permissions]
    known = {meaning.code for meaning, _ in wanted}
    for gone, instead in survey.replaced.items():
        meaning = ToolPermission(kind="tool", tool=instead, why="-").meaning() if instead else None
        if meaning is not None and meaning.code not in known:
            wanted.append((meaning, f"It stands in for {gone}, which is not here."))
    ordered = sorted(wanted, key=lambda each: -each[0].risk)
    return [Consent(meaning.code, meaning, _spoken(meaning), why) for meaning, why in ordered]


def _spoken(meaning: Meaning) -> str:
    """The sentence, with a tool of the house called by its title."""
    kind, _, name = meaning.code.partition(":")
    if kind == "tool" and name in TOOLS:
        return meaning.sentence.replace(f"“{name}”", f"“{TOOLS[name].title}”")
    return meaning.sentence


def widened(difference: Difference, asked_now: Collection[Consent], granted: Collection[str]) -> list[Consent]:
    """What of `asked_now` nobody here has allowed yet, or not so far; then what is loosened without a permission."""
    before = {each.after.code: each.before.sentence for each in difference.permissions.widened}
    wider = [each for each in asked_now if each.code not in granted or each.code in before]
    told = [replace(each, before=before.get(each.code, "")) for each in wider]
    return [*told, *(Consent(BOUNDS, None, sentence) for sentence in difference.freer)]


def wider_than(old: Manifest, new: Manifest, survey: Survey, granted: Collection[str]) -> list[Consent]:
    return widened(compare(old, new), asked(new, survey), granted)


def require(wanted: Collection[Consent], given: Collection[str], *, allowed: Collection[str], title: str) -> None:
    """Raise Invalid where something of `wanted` is not given, or something is given that is not among `allowed`."""
    missing = [each for each in wanted if each.code not in given]
    if missing:
        told = "; ".join(f"{each.sentence} ({each.code})" for each in missing)
        raise Invalid(
            f"{title} needs permissions that you did not grant: {told}.",
            code="not_granted",
            errors=[FieldError("grants", "not_granted", f"{each.sentence}: {each.code}") for each in missing],
        )
    if unknown := sorted(set(given) - set(allowed)):
        raise Invalid(
            "You grant what it does not ask for; leave that out.", code="unknown_grant", errors=list(_unknown(unknown))
        )


def _unknown(codes: Collection[str]) -> Iterator[FieldError]:
    for code in codes:
        yield FieldError("grants", "unknown", f"It does not ask for {code[:100]}.")
