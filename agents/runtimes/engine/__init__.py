"""CrewAI inside our process. Importing this package hardens CrewAI before any module here can import it."""

from agents.runtimes import harden

harden.load()
