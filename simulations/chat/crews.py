"""The crews that a conversation is held with: one that answers a turn, one observer who sums it up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.runtimes.spec import AgentSpec, CrewSpec, InputSpec, TaskSpec
from simulations.chat.spec import ChatSpec

MOST_TRANSCRIPT = 40_000
_ANSWER = """The situation:
{situation}

You are {title} in it. The conversation so far:
{{transcript}}

{you} says now:
{{message}}

Say what {title} says next: in character, in the language of the conversation, in a few short paragraphs at most. \
Say nothing for anybody else, and do not explain what you do."""
_SUM_UP = """The situation:
{situation}

What was to be reached:
{goals}

The whole conversation:
{{transcript}}

Sum it up for the person who took part ({you}): for each aim whether it was reached, with the words that show it; \
what went well; what to try next time. Use short headings and lists."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said."""

    speaker: str
    text: str


def answering(chat: ChatSpec, name: str) -> CrewSpec:
    """The crew that answers one turn: each speaker in turn, who hears those before."""
    agents = tuple(_agent(chat, key) for key in chat.speakers)
    tasks = tuple(_answer(chat, key) for key in chat.speakers)
    inputs = (InputSpec(name="transcript", default="(Nothing yet.)"), InputSpec(name="message"))
    return CrewSpec(name=name, agents=agents, tasks=tasks, inputs=inputs)


def summing_up(chat: ChatSpec, name: str) -> CrewSpec:
    """The crew of one observer that writes the results."""
    observer = AgentSpec(
        name="observer",
        role="Observer of a practice conversation",
        goal="Say fairly, and with the words that were said, what was reached and what to try next.",
    )
    goals = "\n".join(f"- {goal}" for goal in chat.goals) or "- A good conversation."
    task = TaskSpec(
        name="results",
        description=_SUM_UP.format(situation=_plain(chat.situation), goals=_plain(goals), you=_plain(chat.you)),
        expected_output="A short summary of the results in Markdown.",
        agent=observer.name,
        markdown=True,
    )
    return CrewSpec(name=name, agents=(observer,), tasks=(task,), inputs=(InputSpec(name="transcript"),))


def written(lines: Sequence[Line]) -> str:
    """A transcript; of a very long one the newest part, which says that it is one."""
    text = "\n\n".join(f"{line.speaker}: {line.text}" for line in lines)
    if len(text) <= MOST_TRANSCRIPT:
        return text
    return f"(The beginning is left out.)\n\n…{text[-MOST_TRANSCRIPT:]}"


def _agent(chat: ChatSpec, key: str) -> AgentSpec:
    role = chat.roles[key]
    return AgentSpec(
        name=key,
        role=_plain(role.role),
        goal=_plain(role.goal),
        backstory=_plain(role.backstory),
        llm=role.llm,
        temperature=0.4,
    )


def _answer(chat: ChatSpec, key: str) -> TaskSpec:
    title = _plain(chat.roles[key].title)
    description = _ANSWER.format(situation=_plain(chat.situation), title=title, you=_plain(chat.you))
    return TaskSpec(
        name=key, description=description, expected_output=f"What {title} says, and nothing else.", agent=key
    )


def _plain(text: str) -> str:
    """The author's text with its curly brackets made round: only our own placeholders are filled."""
    return text.replace("{", "(").replace("}", ")")
