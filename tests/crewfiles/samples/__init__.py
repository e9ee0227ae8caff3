"""CrewAI projects as people have them, to read in tests."""

from pathlib import Path

TOOLS = frozenset({"search_knowledge", "calculator", "date"})
NAMES = ("newsletter", "research", "support")


def sample(name: str) -> tuple[str, str]:
    """The text of agents.yaml and of tasks.yaml."""
    folder = Path(__file__).parent / name
    return (folder / "agents.yaml").read_text(), (folder / "tasks.yaml").read_text()
