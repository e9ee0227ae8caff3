"""The tables of this app. Each noun's models live in its own room; Django looks for them here."""

from agents.knowledge.models import Chunk, Document, KnowledgeCollection

__all__ = ["Chunk", "Document", "KnowledgeCollection"]
