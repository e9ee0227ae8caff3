"""What was reported, decided, appealed and done: to read, never to change."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from marketplace.console.admin.base import StaffAdmin, page_link
from marketplace.enforcement.models import Block
from marketplace.moderation.models import ActivityLog, Appeal, Decision, Report


@admin.register(Decision)
class DecisionAdmin(StaffAdmin):
    list_display = ("action", "about", "decided_by_name", "source", "held", "executed_at", "undone_at", "created_at")
    list_filter = ("action", "source", "held")
    list_select_related = ("version__listing", "listing", "publisher")
    search_fields = ("decided_by_name",)
    ordering = ("-created_at",)
    fields = (
        "action", "severity", "about", "reason_codes", "evidence", "policy", "policy_text", "reasoning", "private_note", "content_digest",
        "decided_by_name", "source", "held", "held_reason", "confirmed_by_name", "execute_at", "executed_at", "undone_at", "undone_why",
    )  # fmt: skip
    readonly_fields = ("about",)

    @admin.display(description="About")
    def about(self, decision: Decision) -> SafeString:
        subject = decision.version or decision.listing or decision.publisher or "a person, workspace or review"
        return page_link("console_decision", decision.pk, str(subject))


@admin.register(Report)
class ReportAdmin(StaffAdmin):
    list_display = ("reason", "listing", "publisher", "reporter_name", "state", "created_at")
    list_filter = ("state", "reason")
    list_select_related = ("listing", "publisher")
    search_fields = ("reporter_name", "listing__title")
    ordering = ("-created_at",)
    fields = (
        "reason",
        "listing",
        "publisher",
        "reporter_name",
        "text",
        "state",
        "outcome_note",
        "decided_at",
        "created_at",
    )


@admin.register(Appeal)
class AppealAdmin(StaffAdmin):
    list_display = ("by_name", "decision", "state", "decided_by_name", "created_at")
    list_filter = ("state",)
    list_select_related = ("decision",)
    ordering = ("-created_at",)
    fields = ("by_name", "decision", "text", "state", "answer", "decided_by_name", "decided_at", "created_at")


@admin.register(Block)
class BlockAdmin(StaffAdmin):
    list_display = (
        "kind",
        "scope",
        "target_name",
        "reason_code",
        "created_by_name",
        "signoff",
        "created_at",
        "lifted_at",
    )
    list_filter = ("kind", "scope", "signoff")
    list_select_related = ("version__listing", "listing", "publisher")
    ordering = ("-created_at",)
    fields = (
        "kind", "scope", "target_name", "reason_code", "reason", "created_by_name", "effective_at", "expires_at", "signoff",
        "signoff_by_name", "lifted_at", "lifted_by_name", "lifted_why",
    )  # fmt: skip
    readonly_fields = ("target_name",)


@admin.register(ActivityLog)
class ActivityLogAdmin(StaffAdmin):
    list_display = ("at", "action", "target_name", "actor_name", "actor_kind")
    list_filter = ("actor_kind", "target_type")
    search_fields = ("action", "target_name", "actor_name")
    ordering = ("-at",)
    fields = (
        "seq",
        "at",
        "action",
        "actor_kind",
        "actor_name",
        "target_type",
        "target_name",
        "detail",
        "prev_hash",
        "hash",
    )
