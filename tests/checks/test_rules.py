"""How rules are used: off, only looked at, enforced, required; and what people make of what they find."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from marketplace.checks.models import CheckRule, CheckRun, Finding
from marketplace.checks.rules import CODES
from marketplace.checks.running import check, check_version, set_verdict
from marketplace.moderation.models import ReviewTask
from tenants.models import User
from tests.checks.conftest import Publish
from tests.checks.making import manifest
from tests.checks.planted import planted

KEY = dict(planted())["npm"]
BAD = f"Use {KEY} for it."


def test_every_rule_has_a_row(db: None) -> None:
    assert set(CheckRule.objects.values_list("code", flat=True)) == set(CODES)


@pytest.mark.parametrize(
    ("mode", "passed", "enforced"),
    [
        ({}, False, [True]),
        ({"enforced": False, "required": False}, True, [False]),
        ({"enabled": False, "enforced": False, "required": False}, True, []),
    ],
    ids=["enforced", "monitor", "off"],
)
def test_only_an_enforced_rule_stops(db: None, mode: dict[str, bool], passed: bool, enforced: list[bool]) -> None:
    CheckRule.objects.filter(code="secret.package_token").update(**mode)
    report = check(manifest(BAD))
    assert report.passed is passed
    assert [finding.enforced for finding in report.findings if finding.code == "secret.package_token"] == enforced


def test_nothing_passes_without_a_required_rule(db: None) -> None:
    assert check(manifest()).passed
    CheckRule.objects.create(code="future.rule", title="Of another release", required=True)
    report = check(manifest())
    assert (report.passed, report.missing) == (False, ("future.rule",))


@pytest.mark.parametrize("wrong", [{"required": True, "enabled": False}, {"enforced": True, "enabled": False}])
def test_what_is_required_or_enforced_cannot_be_off(db: None, wrong: dict[str, bool]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckRule.objects.create(code="some.rule", title="Some", **wrong)


def test_what_was_found_is_kept_with_its_version(publish: Publish) -> None:
    version = publish(manifest(BAD))
    run = check_version(version, manifest(BAD))
    row = run.findings.get(code="secret.package_token")
    assert (run.passed, run.digest, row.path, row.enforced) == (
        False,
        version.digest,
        "spec.tasks[0].description",
        True,
    )
    assert KEY not in f"{row.message}{row.fix}{row.evidence}"
    assert row.line is not None


def test_a_false_alarm_is_not_held_against_the_next_version(publish: Publish, moderator: User) -> None:
    version = publish(manifest(BAD))
    row = check_version(version, manifest(BAD)).findings.get(code="secret.package_token")
    set_verdict(row.pk, verdict="false_positive", by=moderator)
    report = check(manifest(f"Now: {KEY}", version="1.0.1"), version=version)
    assert report.passed
    (forgiven,) = (finding for finding in report.findings if finding.code == row.code)
    assert forgiven.severity == "info"
    assert forgiven.message.endswith("Staff has judged this a false alarm.")
    other = dict(planted(seed=9))["npm"]
    assert not check(manifest(f"Now: {other}", version="1.0.1"), version=version).passed


def test_a_verdict_is_somebodys(publish: Publish, moderator: User) -> None:
    row = check_version(publish(manifest(BAD)), manifest(BAD)).findings.get(code="secret.package_token")
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=row.pk).update(verdict="true_positive")
    assert set_verdict(row.pk, verdict="true_positive", by=moderator).verdict_by_name == "Moderator"
    assert set_verdict(row.pk, verdict="", by=moderator).verdict_at is None


def recheck(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("recheck", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_a_second_look_puts_what_is_new_before_a_person(publish: Publish) -> None:
    bad, good = publish(manifest(BAD)), publish(manifest(name="good", title="Tide tables"))
    assert recheck("--rule", "secret.package_token", "--count") == [
        "secret.package_token: 1",
        "Versions looked at: 2; nothing stored.",
    ]
    assert CheckRun.objects.count() == ReviewTask.objects.count() == 0
    assert recheck("--rule", "secret.package_token")[-1] == "Versions looked at: 2; review tasks: 1."
    task = ReviewTask.objects.get()
    assert (task.kind, task.version_id, task.reasons, task.weight) == ("retro", bad.pk, ["secret"], 30)
    assert recheck("--rule", "secret.package_token")[-1] == "Versions looked at: 2; review tasks: 0."
    assert "Versions looked at: 2" in recheck()[-1]
    assert CheckRun.objects.filter(version=good, cause="retro").count() == 1


def test_a_rule_in_monitor_mode_opens_no_task(publish: Publish) -> None:
    publish(manifest(BAD))
    CheckRule.objects.filter(code="secret.package_token").update(enforced=False, required=False)
    assert recheck("--rule", "secret.package_token") == [
        "secret.package_token: 1",
        "Versions looked at: 1; review tasks: 0.",
    ]


def test_an_unknown_rule_is_named(db: None) -> None:
    with pytest.raises(CommandError, match=r"There is no rule secret\.nonsense"):
        recheck("--rule", "secret.nonsense")
