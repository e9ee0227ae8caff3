"""A plan whose steps can be carried out: dependencies that exist, no circles, and an end for each step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.library.frame.base import Input, NotGoodEnough
from agents.library.frame.layers import LLMAgent
from agents.llm.types import Message
from agents.runtimes.desk import CannotDo, Made, Work

MOST_STEPS = 30
_ITEM = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s+(\S.*)$", re.MULTILINE)


class Step(BaseModel):
    """One piece of work. `done_when` is something that can be observed."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=r"^[a-z0-9_\-]{1,30}$")
    title: str = Field(min_length=1, max_length=120)
    detail: str = Field(max_length=800)
    depends_on: list[str] = Field(max_length=MOST_STEPS)
    effort: Literal["small", "medium", "large"]
    done_when: str = Field(min_length=1, max_length=300)


class Steps(BaseModel):
    """The steps, and what was assumed to be so."""

    model_config = ConfigDict(extra="forbid")
    steps: list[Step] = Field(min_length=1, max_length=MOST_STEPS)
    assumptions: list[str] = Field(max_length=10)


class Plan(Steps):
    """`waves` are the steps that can go on at the same time, in order; `critical_path` the longest chain of dependencies."""

    waves: list[list[str]]
    critical_path: list[str]


class Planner(LLMAgent):
    """Breaks a goal into steps with dependencies, and proves that the plan can be carried out.

    Every dependency must name a step, and no step may wait for itself, directly or around a corner: a plan with a circle is sent back with
    the circle. Which steps can go on at once, and the longest chain, are worked out, not asked of the model.
    """

    name = "planner"
    version = "1.0.0"
    title = "Planner"
    role = "a planner of work for {team}."
    goal = "Turn a goal into the fewest steps that reach it, each small enough to be finished and checked."
    backstory = (
        "You have seen plans fail: at the step nobody could call done, at the approval nobody had asked for, at two teams that waited for each other. "
        "So you name what each step needs, what ends it, and what you have assumed."
    )
    capabilities = ("planning", "decomposition")
    inputs = (Input("team", "Who will carry the plan out, as in: two developers."),)
    output = Plan
    offline = "It takes the points that the task lists as steps, one after the other; it thinks of none by itself."

    async def prompt(self, work: Work, gathered: str) -> Sequence[Message]:
        rules = (
            f"Give at most {MOST_STEPS} steps. `id`: short, in small letters. `depends_on`: ids of steps that must be finished before, only those that "
            "are really needed, so that what can go on at once may. `done_when`: something that a stranger could observe. No step for what is done "
            "already. State what you had to assume."
        )
        return await super().prompt(work, rules)

    async def process(self, work: Work, messages: Sequence[Message]) -> Made:
        answer = await self.fitting(messages, Steps)
        if answer is None:
            note = (
                "No language model planned this: the points of the task were taken as steps, each after the one before."
            )
            return self.made(plan_of(_listed(work.task)), note)
        return self.made(plan_of(answer))

    def write(self, answer: Plan) -> str:
        steps = {step.id: step for step in answer.steps}
        lines: list[str] = []
        for number, wave in enumerate(answer.waves, start=1):
            lines.append(f"**{number}.** " + ("at the same time:" if len(wave) > 1 else ""))
            for name in wave:
                step = steps[name]
                after = f" (after {', '.join(step.depends_on)})" if step.depends_on else ""
                lines.append(
                    f"- `{name}` {step.title} [{step.effort}]{after}. {step.detail} Done when: {step.done_when}".replace(
                        ".. ", ". "
                    )
                )
        lines += ["", "Longest chain: " + " → ".join(answer.critical_path)]
        lines += ["Assumed:", *(f"- {each}" for each in answer.assumptions)] if answer.assumptions else []
        return "\n".join(lines)


def plan_of(answer: Steps) -> Plan:
    """The plan with its waves and its longest chain. Raises NotGoodEnough for what cannot be carried out."""
    ids = [step.id for step in answer.steps]
    if twice := {each for each in ids if ids.count(each) > 1}:
        raise NotGoodEnough(f"Two steps have the id {min(twice)}; each needs its own.")
    waiting = {step.id: set(step.depends_on) for step in answer.steps}
    for name, needed in waiting.items():
        if unknown := needed - set(ids):
            raise NotGoodEnough(f"“{name}” depends on “{min(unknown)}”, which is no step.")
    return Plan(**answer.model_dump(), waves=_waves(waiting), critical_path=_longest(waiting))


def _waves(waiting: dict[str, set[str]]) -> list[list[str]]:
    left, done, waves = dict(waiting), set[str](), list[list[str]]()
    while left:
        ready = [name for name, needed in left.items() if needed <= done]
        if not ready:
            circle = " → ".join(_circle(left))
            raise NotGoodEnough(f"These steps wait for each other: {circle}. Take out a dependency that is not needed.")
        waves.append(ready)
        done |= set(ready)
        left = {name: needed for name, needed in left.items() if name not in done}
    return waves


def _circle(left: dict[str, set[str]]) -> list[str]:
    """Follow the dependencies until one comes again."""
    path = [next(iter(left))]
    while True:
        step = min(needed for needed in left[path[-1]] if needed in left)
        if step in path:
            return [*path[path.index(step) :], step]
        path.append(step)


def _longest(waiting: dict[str, set[str]]) -> list[str]:
    """In a plan without circles."""
    chains: dict[str, list[str]] = {}
    for wave in _waves(waiting):
        for name in wave:
            before = max((chains[needed] for needed in sorted(waiting[name])), key=len, default=[])
            chains[name] = [*before, name]
    return max(chains.values(), key=len)


def _listed(task: str) -> Steps:
    points = [item.strip() for item in _ITEM.findall(task)][:MOST_STEPS]
    if not points:
        raise CannotDo("Without a language model a plan can only be made of points that the task lists; it lists none.")
    steps = [
        Step(
            id=f"step-{number}",
            title=point[:120],
            detail="",
            depends_on=[f"step-{number - 1}"] if number > 1 else [],
            effort="medium",
            done_when="Somebody says that it is done.",
        )
        for number, point in enumerate(points, start=1)
    ]
    return Steps(steps=steps, assumptions=["The order of the points is the order of the work."])
