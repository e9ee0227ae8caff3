"""The library of this installation, and how its classes work in a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial

from django.conf import settings

from agents.library.frame.base import BaseAgent
from agents.library.frame.loading import Library
from agents.runtimes.desk import AgentExecutor, Desk, Made, Work


@cache
def library() -> Library:
    """One per process; while developing it reads a class again when its file has changed."""
    return Library(watch=settings.LIBRARY_RELOADS, every=1.0)


def executors_for(inputs: Mapping[str, str]) -> Mapping[str, AgentExecutor]:
    """Every class of the library, by name, ready to work in a run with these inputs."""
    return {name: partial(_work, found.agent, inputs) for name, found in library().shelf().agents.items()}


async def _work(agent: type[BaseAgent], inputs: Mapping[str, str], work: Work, desk: Desk) -> Made:
    return await agent(desk).run(replace(work, inputs=inputs))
