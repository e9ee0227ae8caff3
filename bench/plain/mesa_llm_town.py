"""Schelling's town as mesa-llm is meant to be used; run by a Python that has it, knows nothing of this project.

    python mesa_llm_town.py SIDE RESIDENTS STEPS SEED        with OPENAI_BASE_URL and OPENAI_API_KEY set

Prints {"seconds", "decisions", "version", "similarity"} as JSON. Residents decide in parallel (as with `parallel_stepping`), by chain of
thought and a tool call, with the memory that an agent has unless told otherwise.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from importlib.metadata import version

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

from mesa import Model  # noqa: E402 - warnings first
from mesa.discrete_space import Cell, CellAgent, OrthogonalMooreGrid  # noqa: E402
from mesa_llm.llm_agent import LLMAgent  # noqa: E402
from mesa_llm.parallel_stepping import step_agents_parallel_sync  # noqa: E402
from mesa_llm.reasoning.cot import CoTReasoning  # noqa: E402
from mesa_llm.tools.tool_decorator import tool  # noqa: E402

PROMPT = (
    "Of the places around your home, {like} hold people of your own group and {unlike} hold people of the other group; "
    "the rest are empty. You are content when at least a share of 0.5 of your neighbours is like you. "
    "Move away to a random empty place, or stay."
)


@tool  # type: ignore[untyped-decorator]  # it is not installed beside us
def move(agent: LLMAgent) -> str:
    """Move to a random empty place.

    Args:
        agent: Provided automatically.

    Returns:
        What happened.
    """
    agent.cell = agent.model.grid.select_random_empty_cell()
    return "moved"


@tool  # type: ignore[untyped-decorator]
def stay(agent: LLMAgent) -> str:
    """Stay where you are.

    Args:
        agent: Provided automatically.

    Returns:
        What happened.
    """
    return "stayed"


class Resident(LLMAgent, CellAgent):
    def __init__(self, model: Town, cell: Cell, group: int) -> None:
        super().__init__(
            model=model,
            reasoning=CoTReasoning,
            llm_model="openai/fake-1",
            system_prompt="You decide for residents of a town with two groups.",
        )
        self.memory.display = False  # what each one thinks is not printed
        self.cell = cell
        self.group = group

    def near(self) -> list[Resident]:
        return [agent for cell in self.cell.neighborhood for agent in cell.agents]

    async def astep(self) -> None:
        near = self.near()
        like = sum(agent.group == self.group for agent in near)
        prompt = PROMPT.format(like=like, unlike=len(near) - like)
        plan = await self.reasoning.aplan(prompt=prompt, selected_tools=["move", "stay"])
        await self.aapply_plan(plan)
        self.model.decisions += 1


class Town(Model):
    def __init__(self, side: int, residents: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.decisions = 0
        self.grid = OrthogonalMooreGrid((side, side), torus=True, capacity=1, random=self.random)
        for cell in self.random.sample(list(self.grid.all_cells), residents):
            Resident(self, cell, self.random.randrange(2))

    def step(self) -> None:
        """What `shuffle_do("step")` comes to with `parallel_stepping`; Mesa 3.5's own agent sets no longer go through it."""
        step_agents_parallel_sync(list(self.agents.shuffle()))

    def similarity(self) -> float:
        shares: list[float] = []
        for agent in self.agents:
            near = agent.near()
            if near:
                shares.append(sum(other.group == agent.group for other in near) / len(near))
        return sum(shares) / len(shares)


def main() -> None:
    side, residents, steps, seed = (int(argument) for argument in sys.argv[1:5])
    town = Town(side, residents, seed)
    began = time.perf_counter()
    for _ in range(steps):
        town.step()
    told = {
        "seconds": time.perf_counter() - began,
        "decisions": town.decisions,
        "version": version("mesa-llm"),
        "similarity": town.similarity(),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
