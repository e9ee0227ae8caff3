"""Which sentences answer a question best: BM25 over stems, with numbers, names and kinds of question weighed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from agents.llm.extractive.lexicon import GRAMMAR
from agents.llm.extractive.sentences import Sentence
from agents.llm.extractive.words import is_instruction, is_unit, related, stem, stems, words

SATURATION, LENGTH = (
    1.2,
    0.6,
)  # k1 and b of BM25 (Robertson and Zaragoza, 2009), b lower as sentences vary less than documents
NUMBER, NAME, KIN, UNIT, AROUND, PAIR, BEFORE = 1.6, 1.4, 0.45, 0.8, 0.25, 0.5, 0.5
LEAST_SHARE, GOOD_SHARE = 0.22, 0.5
RELATIVE = 0.45

_AMOUNT = re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|third|quarter|twice)\b")
_MONTH = r"january|february|march|april|may|june|july|august|september|october|november|december"
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"\bhow (?:many|much|long|far|large|big|high|often|old)\b|\bwhat (?:share|percentage|price|cost|load|power)\b"),
     _AMOUNT),
    (re.compile(r"\b(?:when|what (?:date|year|day)|which (?:date|year|day)|by when|until when)\b"),
     re.compile(rf"\b(?:19|20)\d\d\b|\b(?:{_MONTH})\b|\d\d:\d\d", re.IGNORECASE)),
    (re.compile(r"\bwho\b|\bwhose\b|\bwhich (?:company|person|team)\b"), re.compile(r"(?<=[a-z,] )[A-Z][a-z]+")),
    (re.compile(r"\bwhy\b|\breasons?\b"), re.compile(r"\b(?:because|since|due to|so that|therefore|as a result)\b")),
    (re.compile(r"\b(?:figures|numbers|statistics|data)\b"), _AMOUNT),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: the weight of each stem, which stand side by side, their kin, and what an answer should look like."""

    weights: Mapping[str, float]
    kin: Mapping[str, str]
    pairs: frozenset[tuple[str, str]] = frozenset()
    expects: tuple[re.Pattern[str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.weights)


@dataclass(frozen=True, slots=True)
class Match:
    """A sentence, its score, and the share of the query's weight that it covers."""

    sentence: Sentence
    score: float
    share: float
    words: int

    @property
    def fits(self) -> bool:
        return self.share >= LEAST_SHARE and (self.words >= 2 or self.share >= GOOD_SHARE)


def query_from(text: str, *, around: str = "") -> Query:
    """A query from a question. `around` is the larger question it belongs to, whose words count a little too."""
    weights: dict[str, float] = {}
    for source, factor in ((around, AROUND), (text, 1.0)):
        names = set(re.findall(r"(?<=[\w,;:] )[A-Z]\w+", source))
        for word in asked_words(source):
            weight = NUMBER if word[0].isdigit() else NAME if word.capitalize() in names else 1.0
            weights[stem(word)] = max(weights.get(stem(word), 0.0), weight * factor)
    kin = {near: of for of in weights for near in related(of) if near not in weights}
    lowered = f" {text.lower()} "
    asked = [stem(word) for word in asked_words(text)]
    pairs = frozenset(pairwise(asked))
    return Query(weights, kin, pairs, tuple(look for asks, look in _KINDS if asks.search(lowered)))


def asked_words(text: str) -> list[str]:
    """The words that say what is wanted; those of an instruction (write, list, report) only where there are no others."""
    meaningful = [word for word in words(text) if word not in GRAMMAR and (len(word) > 1 or not word.isalpha())]
    return [word for word in meaningful if not is_instruction(word)]


class Ranking:
    """The sentences of one request, ready to be asked several times."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        self.sentences = sentences
        self._counts = [Counter(sentence.stems) for sentence in sentences]
        self._mean = sum(map(len, self._counts)) / max(1, len(self._counts)) or 1.0
        self._spread = Counter(word for counts in self._counts for word in counts)
        self._before = [self._leans_on(number) for number in range(len(sentences))]
        self._passages: dict[int, set[str]] = {}
        self._documents: dict[str, set[str]] = {}
        for sentence, counts in zip(sentences, self._counts, strict=True):
            self._passages.setdefault(sentence.passage, set(stems(sentence.heading))).update(counts)
            self._documents.setdefault(
                sentence.document, set(stems(sentence.locator + " " + sentence.document))
            ).update(counts)

    def rarity(self, word: str) -> float:
        spread = self._spread[word]
        return math.log(1 + (len(self._counts) - spread + 0.5) / (spread + 0.5))

    def matches(self, query: Query) -> list[Match]:
        """All sentences that share a word with the query, best first; of equals the earlier."""
        found = [self._match(number, query) for number in range(len(self.sentences))]
        return sorted((match for match in found if match.score > 0), key=lambda match: -match.score)

    def fitting(self, query: Query, most: int, *, loosely: bool = False) -> list[Sentence]:
        """At most `most` sentences that answer, from different places where possible.

        `loosely` is for a query made of everything that a task says, of which no sentence holds a large share.
        """
        matches = [match for match in self.matches(query) if match.fits or (loosely and match.words >= 2)]
        return self._diverse(matches, most)

    def about(self, query: Query, most: int) -> list[Sentence]:
        """Sentences that speak for what the documents say on a topic; all documents where the query is empty.

        Central sentences share the most words with the others; figures and the topic's own words count extra.
        """
        matches = []
        for number in self._on_topic(query):
            sentence, counts = self.sentences[number], self._counts[number]
            shared = sum(math.log(1 + self._spread[word]) for word in counts) / math.sqrt(len(counts) + 4)
            figures = 1.25 if any(char.isdigit() for char in sentence.text) else 1.0
            score = shared * figures * _form(sentence) * (0.6 + self._share(number, query))
            matches.append(Match(sentence, score, 1.0, len(counts)))
        return self._diverse(sorted(matches, key=lambda match: -match.score), most)

    def themed(self, theme: Query, topic: Query, most: int) -> list[Sentence]:
        """Sentences that bear on a theme (risks, prices) within what the documents say on a topic."""
        matches = []
        for number in self._on_topic(topic):
            match = self._match(number, theme)
            matches.append(replace(match, score=match.score * (0.6 + self._share(number, topic))))
        found = sorted((match for match in matches if match.score > 0), key=lambda match: -match.score)
        return self._diverse(found, most)

    def coverage(self, document: str, query: Query) -> float:
        """The share of a query's weight that occurs anywhere in what is given of a document."""
        total = sum(query.weights.values())
        held = sum(weight for word, weight in query.weights.items() if self._held(word, self._documents[document]))
        return held / total if total else 1.0

    def _held(self, word: str, among: set[str]) -> bool:
        return word in among or any(near in among for near in related(word))

    def _on_topic(self, query: Query) -> list[int]:
        reach = {document: self.coverage(document, query) for document in self._documents}
        least = max(0.4, 0.6 * max(reach.values(), default=0.0))
        return [number for number, sentence in enumerate(self.sentences) if reach[sentence.document] >= least]

    def _leans_on(self, number: int) -> frozenset[str]:
        """The words of the sentence before, where this one speaks of its subject as `it` or `they`."""
        before = self.before(self.sentences[number])
        return frozenset(before.stems) if before is not None else frozenset()

    def before(self, sentence: Sentence) -> Sentence | None:
        """The sentence that this one leans on, if it stands right before it."""
        before = self.sentences[sentence.order - 1] if sentence.order and sentence.leans else None
        return before if before is not None and sentence.follows(before) else None

    def _match(self, number: int, query: Query) -> Match:
        sentence = self.sentences[number]
        covered = self._covered(number, query)
        if not covered:
            return Match(sentence, 0.0, 0.0, 0)
        for word in self._before[number] & query.weights.keys() - covered.keys():
            covered[word] = BEFORE * query.weights[word] * self.rarity(word)
        held_around = self._passages[sentence.passage] & query.weights.keys()
        around = sum(query.weights[word] * self.rarity(word) for word in held_around)
        beside = sum(self.rarity(one) + self.rarity(two) for one, two in set(pairwise(sentence.stems)) & query.pairs)
        score = sum(covered.values()) + AROUND * around + PAIR * beside
        score *= _form(sentence) * _kind(sentence, query)
        score *= 0.4 + 0.6 * self.coverage(sentence.document, query)
        score *= 0.5 + 0.5 * sum(query.weights[word] for word in covered) / sum(query.weights.values())
        return Match(sentence, score, self._share(number, query), len(covered))

    def _covered(self, number: int, query: Query) -> dict[str, float]:
        """Which words of the query a sentence holds, or their kin, and what that is worth."""
        counts = self._counts[number]
        covered: dict[str, float] = {}
        for word in counts.keys() & (query.weights.keys() | query.kin.keys()):
            of = word if word in query.weights else query.kin[word]
            worth = self._worth(word, counts, query) if of == word else self._worth_of_kin(word, counts, query)
            covered[of] = max(covered.get(of, 0.0), worth)
        return covered

    def _worth(self, word: str, counts: Counter[str], query: Query) -> float:
        times = counts[word]
        norm = times + SATURATION * (1 - LENGTH + LENGTH * len(counts) / self._mean)
        return query.weights[word] * self.rarity(word) * times * (SATURATION + 1) / norm

    def _worth_of_kin(self, word: str, counts: Counter[str], query: Query) -> float:
        """A unit answers as well as the word that asks for it, however common it is and however often it comes."""
        of = query.kin[word]
        if is_unit(word):
            return UNIT * query.weights[of] * self.rarity(of)
        norm = 1 + SATURATION * (1 - LENGTH + LENGTH * len(counts) / self._mean)
        return KIN * query.weights[of] * self.rarity(word) * (SATURATION + 1) / norm

    def _share(self, number: int, query: Query) -> float:
        counts, before = self._counts[number], self._before[number]
        kin = {query.kin[word] for word in counts if word in query.kin}
        total = held = 0.0
        for word, weight in query.weights.items():
            worth = weight * self.rarity(word)
            total += worth
            held += worth * (1.0 if word in counts else BEFORE if word in before else KIN if word in kin else 0.0)
        return held / total if total else 0.0

    def _diverse(self, matches: Sequence[Match], most: int) -> list[Sentence]:
        """Best first, each further sentence of one passage worth less, near repetitions left out, then in reading order."""
        chosen: list[Match] = []
        rest = list(matches)
        while rest and len(chosen) < most:
            best = max(rest, key=lambda match: match.score * _freshness(match.sentence, chosen))
            rest.remove(best)
            if best.score < RELATIVE * matches[0].score:
                break
            if not any(_repeats(best.sentence, other.sentence) for other in chosen):
                chosen.append(best)
        return [match.sentence for match in chosen]


def _freshness(sentence: Sentence, chosen: Sequence[Match]) -> float:
    same_passage = sum(other.sentence.passage == sentence.passage for other in chosen)
    same_document = sum(other.sentence.document == sentence.document for other in chosen)
    return 0.8**same_passage * 0.95**same_document


def _repeats(one: Sentence, other: Sentence) -> bool:
    a, b = set(one.stems), set(other.stems)
    return bool(a | b) and len(a & b) / len(a | b) > 0.7


def _form(sentence: Sentence) -> float:
    """What a sentence is worth by its looks: rows lack their column heads, questions and fragments answer little."""
    length = len(sentence.stems)
    return (
        (0.75 if sentence.is_row else 1.0)
        * (0.5 if sentence.text.endswith("?") else 1.0)
        * (0.6 if length < 3 else 1.0)
        * (1.0 if sentence.is_row or sentence.text[-1] in ".!”\"')…" else 0.5)
    )


def _kind(sentence: Sentence, query: Query) -> float:
    factor = 1.0
    for look in query.expects:
        factor *= 1.25 if look.search(sentence.text) else 0.8
    return factor
