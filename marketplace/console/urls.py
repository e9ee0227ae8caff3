"""Addresses of the console's own pages, below /admin/."""

from __future__ import annotations

from collections.abc import Callable

from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.views import View

from marketplace.console import access
from marketplace.console.pages import acts, blocks, bulk, decisions, featured, home, queue, rules
from marketplace.console.pages.workbench import TaskBench, ThingBench

Wrap = Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]


def pages(wrap: Wrap) -> list[URLPattern]:
    """Every page behind the site's door, `wrap`."""
    return [path(address, wrap(view.as_view(**options)), name=name) for address, view, name, options in _PAGES]


_PAGES: tuple[tuple[str, type[View], str, dict[str, object]], ...] = (
    ("", home.Home, "console", {}),
    ("queue/", queue.Queue, "console_queue", {}),
    ("queue/together/", bulk.Bulk, "console_bulk", {}),
    ("queue/<uuid:task_id>/", TaskBench, "console_task", {}),
    ("queue/<uuid:task_id>/claim/", acts.Claim, "console_claim", {}),
    ("notes/<str:kind>/<uuid:pk>/", acts.WriteNote, "console_note", {}),
    ("second/", decisions.Second, "console_second", {}),
    ("decisions/", decisions.Decisions, "console_decisions", {}),
    ("decisions/together/<uuid:batch_id>/", bulk.OneBatch, "console_batch", {}),
    ("decisions/<uuid:decision_id>/", decisions.OneDecision, "console_decision", {}),
    ("decisions/<uuid:decision_id>/undo/", decisions.Undo, "console_undo", {}),
    ("decisions/<uuid:decision_id>/second/", decisions.Confirm, "console_confirm", {}),
    ("blocks/", blocks.Blocks, "console_blocks", {}),
    ("blocks/<uuid:block_id>/", blocks.ActOnBlock, "console_block", {}),
    ("featured/", featured.Featured, "console_featured", {}),
    ("featured/<uuid:pk>/end/", featured.EndFeature, "console_unfeature", {}),
    ("rules/", rules.Rules, "console_rules", {}),
    ("rules/<uuid:rule_id>/", rules.OneRule, "console_rule", {}),
    ("findings/<uuid:finding_id>/", rules.JudgeFinding, "console_finding", {}),
    ("about/version/<uuid:pk>/", ThingBench, "console_version", {"find_thing": access.get_version}),
    ("about/listing/<uuid:pk>/", ThingBench, "console_listing", {"find_thing": access.get_listing}),
    ("about/publisher/<uuid:pk>/", ThingBench, "console_publisher", {"find_thing": access.get_publisher}),
    ("about/person/<uuid:pk>/", ThingBench, "console_person", {"find_thing": access.get_person}),
    ("about/workspace/<uuid:pk>/", ThingBench, "console_workspace", {"find_thing": access.get_workspace}),
)
