"""A listing of the kind Tool becomes a tool of the workspace under its own name."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from agents.services import Origin
from agents.tools.configuring import NewTool, configure_tool, remove_tool, replace_tool
from agents.tools.models import ConfiguredTool
from marketplace.installs.copying.kinds import Copier, Told, kept_name
from marketplace.installs.needs import Survey
from marketplace.manifest.envelope import ToolManifest
from tenants.access import Member
from tenants.errors import Conflict

LONGEST = 50


class Tools(Copier[ConfiguredTool]):
    label = "tools.configuredtool"

    def content(self, manifest: ToolManifest, survey: Survey) -> dict[str, Any]:
        tool = survey.replaced.get(manifest.spec.tool) or manifest.spec.tool
        return {"tool": tool, "settings": dict(manifest.spec.settings), "summary": manifest.metadata.summary}

    def make(self, content: dict[str, Any], told: Told, by: Member) -> ConfiguredTool:
        name = function_name(told.slug)
        try:
            return configure_tool(new=_new(content, told, name, told.title), by=by)
        except Conflict:
            longer = f"{name}_{function_name(told.namespace)}"[:LONGEST]
            return configure_tool(new=_new(content, told, longer, told.title), by=by)

    def replace(self, copy: ConfiguredTool, content: dict[str, Any], told: Told, by: Member) -> None:
        replace_tool(tool=copy, new=_new(content, told, copy.name, kept_name(copy.title, told)), by=by)

    def now(self, copy: ConfiguredTool) -> dict[str, Any]:
        row = ConfiguredTool.objects.get(pk=copy.pk)
        return {"tool": row.tool, "settings": dict(row.settings), "summary": row.summary}

    def keep(self, copy: ConfiguredTool, by: Member) -> str:
        told = Told(f"{copy.title} (our copy)"[:120], copy.summary, "", "", _origin(copy))
        return configure_tool(new=_new(self.now(copy), told, f"{copy.name}_ours"[:LONGEST], told.title), by=by).name

    def rows(self, copy: ConfiguredTool) -> list[Model]:
        return [copy]

    def remove(self, copy: ConfiguredTool, by: Member) -> None:
        remove_tool(tool=copy, by=by)


def function_name(slug: str) -> str:
    """A slug as models call functions: `weather-lookup` is `weather_lookup`."""
    name = slug.replace("-", "_")
    return (name if name[:1].isalpha() else f"tool_{name}")[:LONGEST]


def _origin(row: ConfiguredTool) -> Origin:
    return Origin(row.source, row.manifest_digest, tuple(row.grants or ()), row.bounds)


def _new(content: dict[str, Any], told: Told, name: str, title: str) -> NewTool:
    return NewTool(
        name=name,
        title=title,
        summary=content["summary"],
        tool=content["tool"],
        settings=dict(content["settings"]),
        grants=told.origin.grants,
        bounds=told.origin.bounds,
        source=told.origin.source,
        manifest_digest=told.origin.digest,
    )


TOOLS = Tools()
