"""From a name to the bytes that a tool may read: documents of the workspace, within what an agent may search."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from agents.knowledge.models import Document
from agents.runtimes.outcome import ToolFailed

MOST_BYTES = 10 * 1024 * 1024
SHOWN = 20


def bytes_of_document(name: str, allowed: Sequence[str] | None) -> bytes:
    """Raises ToolFailed for one that is not there, not allowed or too large; all three in the words of the first where it matters."""
    visible = Document.objects.filter(state=Document.State.READY).order_by("name")
    if allowed is not None:
        visible = visible.filter(collection__in=[UUID(each) for each in allowed])
    found = visible.filter(name=name).order_by("-created_at").first()
    if found is None:
        names = ", ".join(visible.values_list("name", flat=True)[:SHOWN])
        raise ToolFailed(
            f"There is no document “{name[:200]}” that you may read. {f'There are: {names}.' if names else ''}".strip()
        )
    if found.size > MOST_BYTES:
        raise ToolFailed(f"“{name}” has {found.size:,} bytes; {MOST_BYTES:,} can be queried.")
    with found.file.open("rb") as file:
        return bytes(file.read(MOST_BYTES))
