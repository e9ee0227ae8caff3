"""What a prompt asks for: the question without the boilerplate around it, its parts, and the form of the answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.llm.extractive.passages import without_passages, without_quotations
from agents.llm.extractive.ranking import asked_words
from agents.llm.types import Message

MOST_POINTS, MOST_SEARCHES, LONGEST_QUERY = 8, 5, 300

_TASK = re.compile(r"Current Task:\s*")
_EXPECTED = re.compile(r"This is the expected criteria for your final answer:\s*")
_CONTEXT = re.compile(r"This is the context you're working with:\s*")
_TAIL = re.compile(
    r"you MUST return the actual complete content|Provide your complete response:|Begin! This is VERY important"
    r"|Format your final answer according to|\n\s*Thought:\s*\Z"
)
_NOT_A_TASK = re.compile(r"\A\s*(?:Analyze the tool result\.|Now it's time you MUST give|You can't keep going)")

_SUBJECT = re.compile(
    r"^\s*(?:(?:research |main |your )?questions?|topic|query|subject|claim|issue|theme)\s*:[ \t]*(\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)]|\(?[a-h]\))\s+(\S.*)$", re.MULTILINE)
_QUESTION = re.compile(r"[^.?!\n]*\?")
_ASKING = (
    r"(?:what|how|who|whose|when|where|which|why|(?:in|by|at|for|of|to|with|from|until) (?:what|how|which|whom|when))\b"
)
_ASKS = re.compile(rf"^\s*{_ASKING}|\?", re.IGNORECASE)
_CLAUSE = re.compile(rf"(?:,?\s+and|;|,)\s+(?={_ASKING})", re.IGNORECASE)
_INSTRUCTION = re.compile(
    r"(?:use|cite|keep|write|return|format|include|avoid|do not|don't|never|always|make sure|ensure|copy|add|give|answer in)\b",
    re.IGNORECASE,
)
_EACH_OF = re.compile(r"\beach of:?\s+([^.\n]+)", re.IGNORECASE)
_LISTS = re.compile(
    r"\b(?:lists?|parts?|sections?|groups?|headings?)\s*(?:\(|:\s)([^().\n]+)|\binto:\s*([^.\n]+)", re.IGNORECASE
)
_SECTION = re.compile(r"^\s*#{1,4}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_LABEL_LINE = re.compile(r"^\s*\[[^\[\]\n]*\b(?:document|source|file)\b[^\[\]\n]*\]\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Task:
    """`points` are what to answer, one or more.

    `named` says that the prompt named them, rather than told what to do; `is_topic`, that they are a topic and no question.
    `sections` are the headings that the answer should have; `wants_passages` asks for whole passages under labels.
    """

    subject: str
    points: tuple[str, ...]
    named: bool
    is_topic: bool = False
    sections: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    wants_passages: bool = False


def read_task(messages: Sequence[Message]) -> Task:
    description, expected = _split(_prompt(messages))
    subject = " ".join(found.strip() for found in _SUBJECT.findall(description))
    points = _points(subject) if subject else _points(description, bullets=True)
    named = bool(subject or points)
    whole = subject or (" ".join(points) if points else description)
    return Task(
        subject=whole,
        points=tuple(points[:MOST_POINTS]) or (whole,),
        named=named,
        is_topic=bool(subject) and not points and not _ASKS.search(subject),
        sections=_sections(description, expected),
        searches=_searches(whole, points, description),
        wants_passages=bool(_LABEL_LINE.search(expected)) and not _SECTION.search(expected),
    )


def _prompt(messages: Sequence[Message]) -> str:
    """The message that sets the task: the last one in CrewAI's form, else the last that is not a nudge to go on."""
    texts = [message.content for message in messages if message.role == "user"]
    in_form = [text for text in texts if _TASK.search(text)]
    others = [text for text in texts if not _NOT_A_TASK.match(text)]
    return next(iter([*in_form[-1:], *others[-1:], *texts[-1:]]), "")


def _split(prompt: str) -> tuple[str, str]:
    """Description and expected output, without the context of earlier tasks."""
    start = _TASK.search(prompt)
    text = _TAIL.split(prompt[start.end() :] if start else prompt)[0]
    text = _CONTEXT.split(text)[0]
    description, *expected = _EXPECTED.split(text, maxsplit=1)
    return without_quotations(without_passages(description)).strip(), "".join(expected).strip()


def _points(text: str, *, bullets: bool = False) -> list[str]:
    """The single questions in a text. Bullets count where they ask for something rather than say how to write."""
    listed = [item.strip() for item in _BULLET.findall(text) if not _INSTRUCTION.match(item)] if bullets else []
    if len([item for item in listed if asked_words(item)]) >= 2:
        return [item for item in listed if asked_words(item)]
    clauses: list[str] = []
    for question in _QUESTION.findall(text):
        for clause in _CLAUSE.split(question.strip()):
            if clauses and not asked_words(clause):
                clauses[-1] = f"{clauses[-1]} and {clause}"
            elif asked_words(clause):
                clauses.append(clause.strip(" ,;"))
    return [clause.rstrip("?") + "?" for clause in clauses]


def _sections(description: str, expected: str) -> tuple[str, ...]:
    headings = _SECTION.findall(expected) or _SECTION.findall(description)
    if headings:
        return tuple(headings)
    for found in _LISTS.finditer(f"{expected}\n{description}"):
        parts = _parts(found.group(1) or found.group(2))
        if len(parts) >= 2:
            return tuple(part[:1].upper() + part[1:] for part in parts)
    return ()


def _parts(listed: str) -> list[str]:
    return [part.strip() for part in re.split(r",\s*(?:and\s+)?|;\s*", listed) if part.strip()]


def _searches(whole: str, points: Sequence[str], description: str) -> tuple[str, ...]:
    topic = whole if len(whole) <= LONGEST_QUERY or not asked_words(whole) else " ".join(asked_words(whole))
    around = [f"{topic}: {part}" for found in _EACH_OF.finditer(description) for part in _parts(found.group(1))]
    wanted = [topic, *(points if len(points) > 1 else []), *around]
    bounded = [" ".join(query.split())[:LONGEST_QUERY].strip() for query in wanted]
    return tuple(dict.fromkeys(query for query in bounded if query))[:MOST_SEARCHES]
