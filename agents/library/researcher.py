"""Research in the workspace's documents, every statement with a quotation that was looked up."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from agents.knowledge.citations import Checked, DocumentText, check, find
from agents.library.frame.base import Input, NotGoodEnough
from agents.library.frame.layers import LLMAgent
from agents.llm.extractive.passages import Passage, passages_in
from agents.llm.types import Message
from agents.runtimes.desk import CannotDo, Made, Work
from agents.runtimes.outcome import ToolFailed

SEARCH = "search_knowledge"
MOST_QUERIES, PASSAGES_EACH, LONGEST_QUERY = 4, 6, 300
GONE = "(citation removed: these words are not in the passages)"


class Queries(BaseModel):
    """What to look for: one to four short searches that together cover the question."""

    model_config = ConfigDict(extra="forbid")
    queries: list[str] = Field(min_length=1, max_length=MOST_QUERIES)


class Cited(BaseModel):
    """A quotation of the answer and whether it stands where the answer says."""

    quote: str
    document: str
    place: str
    verified: bool


class Research(BaseModel):
    """The answer as it is, its citations, and what was searched for."""

    answer: str
    citations: list[Cited]
    searches: list[str]
    passages: int


class Researcher(LLMAgent):
    """Answers a question from the workspace's documents, with quotations that were checked.

    It breaks the question into searches, reads what they find, and answers with word-for-word quotations under their citations. Every
    citation is compared with the passages that were read; an answer whose quotations are not there is sent back, and what is still not
    there after that is taken out and said. When the documents hold nothing, it says so instead of answering from memory.
    """

    name = "researcher"
    version = "1.0.0"
    title = "Researcher with citations"
    role = "a careful researcher who reads for a {reader}."
    goal = "Answer the question from the documents alone, so that every statement can be looked up."
    backstory = (
        "You trust what is written and say where it is written. You know the difference between what a document says, what follows from it, "
        "and what you would like to be true. When documents disagree, you show both. When they are silent, you say so."
    )
    capabilities = ("research", "citations", "documents")
    inputs = (Input("reader", "Who reads the answer, as in: board member, engineer."),)
    output = Research
    tools = (SEARCH,)
    permissions = ("knowledge:read",)
    offline = "It searches and quotes the passages that fit; it does not put them into words of its own."

    async def before(self, work: Work) -> Work:
        work = await super().before(work)
        if SEARCH not in self.desk.tools:
            raise CannotDo("A researcher needs the tool search_knowledge; give it to this agent.")
        self.searches: list[str] = []
        return work

    async def retrieve_context(self, work: Work) -> str:
        """Search for the parts of the question, and keep what was found."""
        found: list[str] = []
        for query in await self._queries(work):
            try:
                found.append(await self.desk.use(SEARCH, {"query": query, "top_k": PASSAGES_EACH}))
            except ToolFailed as failure:
                raise CannotDo(f"The documents could not be searched: {failure}") from failure
            self.searches.append(query)
        self.passages = passages_in([Message("tool", text) for text in found])
        return "Passages from the documents:\n\n" + "\n\n".join(map(_block, self.passages))

    async def prompt(self, work: Work, gathered: str) -> Sequence[Message]:
        rules = (
            "Rules:\n"
            "- Use only the passages below.\n"
            "- For each statement quote the words that carry it, word for word, in double quotes, directly followed by the citation of the "
            'passage in square brackets, exactly as it stands above the passage: "The station stores 18.4 MWh." [study.pdf, p. 2]\n'
            "- Begin with the short answer. Then the evidence. End with what the passages leave open.\n"
            "- If passages contradict each other, quote both and say so.\n"
            "- If no passage answers the question, say that and stop."
        )
        system, user = await super().prompt(work, gathered)
        return [Message("system", f"{system.content}\n\n{rules}"), user]

    async def process(self, work: Work, messages: Sequence[Message]) -> Made:
        if not self.passages:
            searched = ", ".join(f"“{query}”" for query in self.searches)
            return self._made(f"The documents of this workspace hold nothing on this. Searched for: {searched}.", [])
        return Made((await self.ask(messages)).text)

    async def after(self, work: Work, made: Made) -> Made:
        """Every quotation must stand in a passage that was read."""
        made = await super().after(work, made)
        if made.data is not None:
            return made
        checked = self._checked(made.text)
        wrong = [each for each in checked if each.status != "verified"]
        if wrong and not work.feedback:
            raise NotGoodEnough(_complaint(wrong))
        if not checked and not self.is_offline and not work.feedback:
            raise NotGoodEnough("It cites nothing. Quote the passages word for word, each with its citation.")
        notes = [f"{len(wrong)} of {len(checked)} citations could not be confirmed and were removed."] if wrong else []
        return self._made(_without(made.text, wrong), checked, *notes)

    def _checked(self, text: str) -> list[Checked]:
        documents: dict[str, list[Passage]] = {}
        for passage in self.passages:
            documents.setdefault(passage.document, []).append(passage)
        texts = {
            name: DocumentText([_Stored(number, each) for number, each in enumerate(held)])
            for name, held in documents.items()
        }
        return [check(citation, texts) for citation in find(text)]

    async def _queries(self, work: Work) -> list[str]:
        """The model's searches, and the question itself first: the plan of a weak model must not lose it."""
        wish = f"Question:\n{work.task}\n\nGive one to {MOST_QUERIES} short searches that together find what is needed."
        question = " ".join(work.task.split())[:LONGEST_QUERY]
        try:
            planned = await self.fitting(
                [Message("system", "You plan searches in documents."), Message("user", wish)], Queries
            )
        except NotGoodEnough:
            return [question]
        wanted = [] if planned is None else [query.strip()[:LONGEST_QUERY] for query in planned.queries]
        return list(dict.fromkeys(query for query in [question, *wanted] if query))[:MOST_QUERIES]

    def _made(self, text: str, checked: Sequence[Checked], *notes: str) -> Made:
        cited = [
            Cited(
                quote=each.citation.quote,
                document=each.citation.document,
                place=each.citation.locator,
                verified=each.status == "verified",
            )
            for each in checked
        ]
        found = Research(answer=text, citations=cited, searches=self.searches, passages=len(self.passages))
        return Made(text, found.model_dump(mode="json"), notes)


class _Stored:
    """A passage in the shape that the check of citations reads; each is a section of its own."""

    def __init__(self, section: int, passage: Passage) -> None:
        self.section, self.start = section, 0
        self.locator, self.text = passage.locator, passage.text


def _block(passage: Passage) -> str:
    return f"[{passage.document}, {passage.locator}]\n{passage.text}"


def _complaint(wrong: Sequence[Checked]) -> str:
    shown = "; ".join(
        f"“{each.citation.quote[:80]}” [{each.citation.document}, {each.citation.locator}]" for each in wrong[:5]
    )
    return f"These citations do not hold: {shown}. Quote word for word what stands in the passage that you cite, or leave it out."


def _without(text: str, wrong: Sequence[Checked]) -> str:
    for each in sorted(wrong, key=lambda one: one.citation.start, reverse=True):
        end = each.citation.end
        opened = text.rfind("[", 0, end)
        text = f"{text[:opened]}{GONE}{text[end:]}"
    return text
