"""The checks' rules, and how each is used."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from marketplace.checks.models import CheckRule, Finding
from marketplace.checks.running import set_verdict
from marketplace.console import access, ruling
from marketplace.console.pages.base import ConsolePage
from marketplace.console.queries.checks import false_alarms
from tenants.errors import DomainError


class Rules(ConsolePage):
    def get(self, request: HttpRequest) -> HttpResponse:
        alarms = false_alarms()
        return self.show(
            "rules.html",
            rows=[(rule, ruling.WORDS[rule.mode], alarms.get(rule.code)) for rule in CheckRule.objects.all()],
            room="/admin/rules/",
        )


class OneRule(ConsolePage):
    """What another mode would hit is shown before it is set."""

    def get(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        rule = access.get_rule(rule_id)
        return self.show(
            "rule.html",
            rule=rule,
            hits=ruling.would_hit(rule.code),
            modes=[(mode, words, mode == rule.mode) for mode, words in ruling.WORDS.items()],
            room="/admin/rules/",
        )

    def post(self, request: HttpRequest, rule_id: UUID) -> HttpResponse:
        try:
            rule = ruling.set_mode(rule_id, mode=request.POST.get("mode", ""), by=self.user)
        except DomainError as error:
            return self.refuse(error, "admin:console_rules")
        messages.success(request, f"{rule.code}: {ruling.WORDS[rule.mode].lower()}.")
        return redirect("admin:console_rules")


class JudgeFinding(ConsolePage):
    """Say whether a finding was right; false alarms count against the rule."""

    def post(self, request: HttpRequest, finding_id: UUID) -> HttpResponse:
        finding = access.get_finding(finding_id)
        verdict = request.POST.get("verdict", "")
        if verdict in Finding.Verdict.values:
            set_verdict(finding.pk, verdict=verdict, by=self.user)
        task = access.task_or_none(request.POST.get("task", ""))
        if task is not None:
            return redirect(f"/admin/queue/{task.pk}/?tab=checks#finding-{finding.pk}")
        return redirect(f"/admin/about/version/{finding.run.version_id}/?tab=checks#finding-{finding.pk}")
