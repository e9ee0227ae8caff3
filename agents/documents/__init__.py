"""Documents that people write: YAML as plain data, with the place of each value, and what is wrong with it."""

from agents.documents.plain import MAX_BYTES, MAX_DEPTH, Document, load
from agents.documents.problems import ManifestError, Path, Problem
from agents.documents.writing import write

__all__ = ["MAX_BYTES", "MAX_DEPTH", "Document", "ManifestError", "Path", "Problem", "load", "write"]
