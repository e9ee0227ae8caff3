"""An explanation at a level, with questions that show whether it was understood."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from agents.library.frame.base import Input, NotGoodEnough
from agents.library.frame.layers import LLMAgent
from agents.llm.extractive.passages import passages_in
from agents.llm.types import Message
from agents.runtimes.desk import CannotDo, Made, Work
from agents.runtimes.outcome import ToolFailed

SEARCH = "search_knowledge"
FEWEST, MOST = 2, 6
LEVELS: dict[str, tuple[re.Pattern[str], float]] = {
    "child": (re.compile(r"child|kid|primary|grade [1-5]\b|years? old", re.IGNORECASE), 16.0),
    "beginner": (re.compile(r"begin|novice|lay|school|first[- ]year|new to", re.IGNORECASE), 24.0),
}
"""For some levels the most words that a sentence may have on average."""


class Question(BaseModel):
    """A question to the learner. `wrong` are answers that somebody gives who has misunderstood, and what they misunderstood."""

    model_config = ConfigDict(extra="forbid")
    question: str = Field(min_length=5, max_length=400)
    answer: str = Field(min_length=1, max_length=600)
    wrong: list[str] = Field(max_length=3)


class Lesson(BaseModel):
    """`explanation` in Markdown; `terms` are the words that a learner has to know afterwards, each with its meaning."""

    model_config = ConfigDict(extra="forbid")
    explanation: str = Field(min_length=1)
    example: str
    terms: list[str] = Field(max_length=12)
    questions: list[Question] = Field(max_length=MOST)


class Teacher(LLMAgent):
    """Explains a subject at the learner's level and asks questions that show whether it was understood.

    With documents in reach it teaches from them. Sentences that are too long for the level are sent back, and so is a lesson whose
    questions can be answered by repeating the question's own words.
    """

    name = "teacher"
    version = "1.0.0"
    title = "Teacher"
    role = "a patient teacher of a {level}."
    goal = "Explain so that a {level} can use what was explained, and find out whether they can."
    backstory = (
        "You begin with what the learner knows, go one step at a time, and give one example that carries the idea. You use a technical word only after "
        "you have said what it means. Your questions ask for the reason or for a new case, never for the wording."
    )
    capabilities = ("teaching", "explaining", "quiz")
    inputs = (Input("level", "Who learns, as in: school child of ten, beginner, engineer of another field."),)
    output = Lesson
    tools = (SEARCH,)
    permissions = ("knowledge:read",)
    offline = "It shows passages of the documents and makes gap questions of them; it does not explain."

    async def retrieve_context(self, work: Work) -> str:
        """Passages to teach from, where there are documents."""
        self.passages = []
        if SEARCH not in self.desk.tools:
            return ""
        try:
            found = await self.desk.use(SEARCH, {"query": " ".join(work.task.split())[:300], "top_k": 5})
        except ToolFailed:
            return ""
        self.passages = passages_in([Message("tool", found)])
        return f"Teach from these passages where they fit, and cite them:\n\n{found}" if self.passages else ""

    async def prompt(self, work: Work, gathered: str) -> Sequence[Message]:
        rules = (
            f"Give an explanation, one example, the terms (“word: meaning”), and {FEWEST} to {MOST} questions with their answers. For each question give "
            "one or two wrong answers that show a misunderstanding, as “answer: what was misunderstood”."
        )
        return await super().prompt(work, f"{gathered}\n\n{rules}".strip())

    async def process(self, work: Work, messages: Sequence[Message]) -> Made:
        answer = await self.fitting(messages, Lesson)
        if answer is None:
            return self._from_passages()
        _check(answer, work.inputs.get("level", ""))
        return self.made(answer)

    def write(self, answer: Lesson) -> str:
        lines = [answer.explanation]
        lines += ["", f"**Example.** {answer.example}"] if answer.example else []
        lines += ["", "**Words**", *(f"- {each}" for each in answer.terms)] if answer.terms else []
        lines += [
            "",
            "**Do you see it?**",
            *(f"{n}. {each.question}" for n, each in enumerate(answer.questions, start=1)),
        ]
        lines += ["", "**Answers**", *(f"{n}. {each.answer}" for n, each in enumerate(answer.questions, start=1))]
        return "\n".join(lines)

    def _from_passages(self) -> Made:
        """Quotations, and questions with a gap where a figure stands."""
        if not self.passages:
            raise CannotDo("Without a language model a teacher can only quote documents, and none of them fits.")
        quotes = [f"“{each.text}” [{each.document}, {each.locator}]" for each in self.passages[:3]]
        gaps = [gap for each in self.passages if (gap := _gap(each.text)) is not None][:MOST]
        note = "No language model taught this: passages were quoted, and figures in them made into gaps."
        lesson = Lesson(explanation="\n\n".join(quotes), example="", terms=[], questions=gaps)
        return self.made(lesson, note)


def _check(lesson: Lesson, level: str) -> None:
    """Raises NotGoodEnough for a lesson that a learner of the level cannot use."""
    if len(lesson.questions) < FEWEST:
        raise NotGoodEnough(f"Ask at least {FEWEST} questions.")
    for each in lesson.questions:
        if _words(each.answer) and _words(each.answer) <= _words(each.question):
            raise NotGoodEnough(f"“{each.question}” gives its answer away. Ask for the reason or for a new case.")
    for name, (pattern, most) in LEVELS.items():
        if pattern.search(level) and (mean := _mean_words(lesson.explanation)) > most:
            raise NotGoodEnough(
                f"Your sentences have {mean:.0f} words on average; for a {name} at most {most:.0f}. Say it shorter."
            )


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}


def _mean_words(text: str) -> float:
    counts = [len(sentence.split()) for sentence in re.split(r"[.!?\n]+", text) if sentence.strip()]
    return sum(counts) / len(counts) if counts else 0.0


def _gap(text: str) -> Question | None:
    """A sentence with its first figure taken out."""
    for sentence in re.split(r"(?<=[.!?])\s+", " ".join(text.split())):
        figure = re.search(r"\d[\d.,]*\d|\d", sentence)
        if figure and 5 <= len(sentence.split()) <= 40:
            blank = f"{sentence[: figure.start()]}____{sentence[figure.end() :]}"
            return Question(question=blank[:400], answer=figure[0], wrong=[])
    return None
