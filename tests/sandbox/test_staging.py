"""What a manifest becomes in the sandbox: a copy that reaches nothing outside, sees its own documents and asks nobody."""

from __future__ import annotations

from agents.models import Crew, Document, KnowledgeCollection
from marketplace.manifest.evaluation import CaseDocument
from marketplace.sandbox import staging
from marketplace.sandbox.workplace import attendant
from tenants.context import enter
from tenants.models import Tenant
from tests.sandbox.manifests import WHY, manifest, reader


def test_a_copy_is_alone_and_leaves_nothing(sandbox: Tenant) -> None:
    told = reader()
    told["spec"]["agents"][0]["tools"].append("fetch_web_page")
    told["spec"]["tasks"][0] |= {"human_input": True, "ask_before_tools": ["fetch_web_page"]}
    found = manifest(
        spec=told["spec"],
        requires=told["requires"] | {"tools": ["search_knowledge", "fetch_web_page"]},
        permissions=[
            *told["permissions"],
            {"kind": "tool", "tool": "fetch_web_page", "why": WHY},
            {"kind": "network", "host": "example.org", "why": WHY},
        ],
    )
    with enter(sandbox.schema_name):
        document = CaseDocument(title="../Ferry: study?", text="640 kWh")
        stage = staging.build(found, [document], name="try", by=attendant(sandbox))
        crew = Crew.objects.get()
        assert crew.grants == ["knowledge:read", "model:any", "tool:fetch_web_page", "tool:search_knowledge"]
        task = crew.tasks.get()
        assert (task.human_input, task.ask_before_tools) == (False, [])
        own = KnowledgeCollection.objects.get()
        assert list(crew.agents.get().collections.all()) == [own]
        assert Document.objects.get().name == "Ferry- study.md"
        assert staging.unread(stage) == 1
        staging.clear(stage, by=attendant(sandbox))
        assert [model.objects.count() for model in (Crew, KnowledgeCollection, Document)] == [0, 0, 0]
