"""An answer made of quotations. Besides them it holds only the fixed sentences below and words of the request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.llm.extractive.passages import Passage
from agents.llm.extractive.ranking import Query, Ranking, asked_words, query_from
from agents.llm.extractive.sentences import Sentence, is_quotable, sentences_of
from agents.llm.extractive.task import Task
from agents.llm.extractive.words import related, stem

QUOTED = "Quoted from the documents by the offline provider (no language model was used):"
COPIED = "Copied from the documents by the offline provider (no language model was used):"
NO_PASSAGES = (
    "There are no passages to quote from, so the offline provider quotes nothing. "
    "It is no language model and does not answer from knowledge of its own."
)
NOTHING_FITS = "The offline provider found no sentence in the passages that answers this, so it quotes nothing. No language model was used."
NO_PASSAGE_FOUND = "No passage found."
NONE_HERE = "No sentence of the passages fits here."
NO_MORE = "No further sentence of the passages fits."
ALL_OCCUR = "Every word of the question occurs in a quotation; whether they answer it is for the reader to judge."
MISSING = "Words of the question that occur in none of the quotations: "

PER_POINT, ALONE, PASSAGES = 3, 6, 10
LONGEST_PAIR = 320

_OPEN = re.compile(r"\bopen\b|\bnot\b|\bgaps?\b|missing|unknown|limitation|unanswered", re.IGNORECASE)
_LEAD = re.compile(r"answer|short|summary|overview|conclusion|\bkey\b|\bmain\b|bottom line|recommend", re.IGNORECASE)
_FIGURES = re.compile(r"\bfigures?\b|\bnumbers?\b|statistics|\bdata\b", re.IGNORECASE)


def answer(task: Task, passages: Sequence[Passage], *, most: int = ALONE) -> str:
    """Quotations from `passages` in the form that the task asks for; `most` bounds each list of them."""
    if not passages:
        return f"{NO_PASSAGE_FOUND} {NO_PASSAGES}" if task.wants_passages else NO_PASSAGES
    quoting = Quoting(task, passages, most=most)
    if task.wants_passages:
        return quoting.passages()
    if not quoting.best(most):
        return NOTHING_FITS
    if task.sections:
        return quoting.in_sections()
    return quoting.by_point() if len(task.points) > 1 else quoting.plain()


class Quoting:
    """The sentences for one task, each used once."""

    def __init__(self, task: Task, passages: Sequence[Passage], *, most: int = ALONE) -> None:
        self.task = task
        self._passages = passages
        self._most = most
        self.sentences = sentences_of(list(passages))
        self.ranking = Ranking(self.sentences)
        self._used: list[Sentence] = []

    def best(self, most: int) -> list[Sentence]:
        """The sentences that fit the task's points best, point by point; for a task that names none, the central ones."""
        each = -(-most // len(self.task.points))
        found = [sentence for point in self.task.points for sentence in self.for_point(point, each)]
        return list(dict.fromkeys(found))[:most]

    def for_point(self, point: str, most: int) -> list[Sentence]:
        query = query_from(point, around=self.task.subject if point != self.task.subject else "")
        if not query or self.task.is_topic:
            return self.ranking.about(query, most)
        found = self.ranking.fitting(query, most, loosely=not self.task.named)
        if found or self.task.named or not all(passage.handed_on for passage in self._passages):
            return found
        return self.ranking.about(
            Query({}, {}), most
        )  # told to work on what earlier tasks chose, in other words than theirs

    def passages(self) -> str:
        """Whole passages under their labels, the best ten in order of rank."""
        wanted = self.best(4 * PASSAGES)
        numbers = list(dict.fromkeys(sentence.passage for sentence in wanted))[: min(PASSAGES, 2 * self._most)]
        if not numbers:
            return f"{NO_PASSAGE_FOUND} {NOTHING_FITS}"
        return "\n\n".join([COPIED, *(_block(self._passages[number]) for number in numbers)])

    def plain(self) -> str:
        return self._list(QUOTED, self.best(self._most), empty="")

    def by_point(self) -> str:
        most = min(PER_POINT, self._most)
        return "\n\n".join([QUOTED, *(self._under_point(point, most) for point in self.task.points)])

    def in_sections(self) -> str:
        return "\n\n".join([QUOTED, *(self._section(title) for title in self.task.sections)])

    def _under_point(self, point: str, most: int) -> str:
        return self._list(f"**{point[:1].upper()}{point[1:]}**", self.for_point(point, most), empty=NONE_HERE)

    def _section(self, title: str) -> str:
        heading = f"## {title}"
        if _OPEN.search(title):
            return f"{heading}\n\n{self._left_open()}"
        if _LEAD.search(title):
            return self._list(heading, self._fresh(self.best(min(PER_POINT, self._most))), empty=NONE_HERE)
        if not asked_words(title):
            return self._list(heading, self._all_told(), empty=NO_MORE)
        return self._list(heading, self._fresh(self._themed(title)), empty=NO_MORE)

    def _themed(self, title: str) -> list[Sentence]:
        """What fits both the theme of a heading (risks, prices) and the task."""
        more = self._most + len(self._used)
        if _FIGURES.search(title):
            return [sentence for sentence in self.best(4 * more) if any(char.isdigit() for char in sentence.text)]
        return self.ranking.themed(query_from(title), query_from(self.task.subject), more)

    def _all_told(self) -> list[Sentence]:
        """For a heading such as Evidence or Findings: the best for the task, those of the short answer among them."""
        best = self.best(self._most)
        self._used += best
        return best

    def _fresh(self, sentences: Sequence[Sentence]) -> list[Sentence]:
        fresh = [sentence for sentence in sentences if sentence not in self._used][: self._most]
        told = [before for sentence in fresh if (before := self._told_before(sentence, fresh)) is not None]
        self._used += [*fresh, *told]
        return fresh

    def _list(self, title: str, sentences: Sequence[Sentence], *, empty: str) -> str:
        lines = [f"- {self.understandable(sentence, sentences).quoted}" for sentence in sentences]
        return f"{title}\n\n" + ("\n".join(lines) or empty)

    def understandable(self, sentence: Sentence, others: Sequence[Sentence] = ()) -> Sentence:
        """With the sentence before it, where it leans on that one; not if that would make it long or say it twice."""
        before = self._told_before(sentence, others)
        return sentence if before is None else sentence.after(before)

    def _told_before(self, sentence: Sentence, others: Sequence[Sentence]) -> Sentence | None:
        before = self.ranking.before(sentence)
        if before is None or before in others or len(before.text) + len(sentence.text) > LONGEST_PAIR:
            return None
        return before if is_quotable(sentence.after(before).text) else None

    def _left_open(self) -> str:
        held = {word for sentence in self._used or self.best(self._most) for word in sentence.stems}
        asked = dict.fromkeys(word for point in self.task.points for word in asked_words(point))
        missing = [word for word in asked if stem(word) not in held and not held & set(related(stem(word)))]
        return f"{MISSING}{', '.join(f'“{word}”' for word in missing)}." if missing and self.task.named else ALL_OCCUR


def _block(passage: Passage) -> str:
    lines = [line for line in passage.text.splitlines() if line.strip()]
    return "\n".join([f"[{passage.document}, {passage.locator}]", *lines])
