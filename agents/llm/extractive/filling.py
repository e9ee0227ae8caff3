"""Filling a JSON Schema from quotations: what the passages do not say is null, empty, or said not to be there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.llm.extractive.answer import Quoting
from agents.llm.extractive.passages import Passage
from agents.llm.extractive.ranking import asked_words, query_from
from agents.llm.extractive.schema_shape import (
    DEEPEST,
    Schema,
    alternatives,
    kind_of,
    neutral_number,
    resolved,
    within,
)
from agents.llm.extractive.sentences import Sentence
from agents.llm.extractive.task import Task
from agents.llm.extractive.words import is_unit, related, stem, stems, words
from agents.llm.schemas import check_schema, first_fault
from agents.llm.types import RequestRefused

NOT_STATED = "not stated in the documents"
BY_RULE = "Chosen by a fixed rule of the offline provider; no language model judged this."
MOST_ITEMS = 5

_NUMBER = re.compile(r"(?<![\w.,:/-])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w:/])|(?<![\w.,:/-])-?\d+(?:\.\d+)?(?![\d:/])")
_NUMBER_WORD = re.compile(r"\s?(?:[a-z-]+ )?")  # 18.4 MWh, 18 electric ferries
_WORD_NUMBER = re.compile(r"\s*[:=|]?\s?(?:(?:is|are|was|were|of) )?")  # EUR 420, ferries: 2, load of 4.4
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\-\s]+")
_SAYS = {"true": True, "yes": True, "false": False, "no": False}

_REASON = re.compile(r"reason|rationale|explanation|justification|feedback|why\b|comment")
_DOCUMENT = re.compile(r"document|source|file")
_LOCATOR = re.compile(r"locator|location|page|place|where|section")
_CITATION = re.compile(r"citation|reference|cite")
_QUESTION = re.compile(r"question|query|task\b|topic|subject")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the schema a value goes: the words that name it, and the sentence that its object is about."""

    name: str = ""
    description: str = ""
    anchor: Sentence | None = None
    sourced_apart: bool = False
    depth: int = 0

    @property
    def asks(self) -> str:
        return f"{' '.join(_CAMEL.split(self.name))} {self.description}".strip()


def fill(schema: Schema, task: Task, passages: Sequence[Passage]) -> Any:
    """A value of `schema`. Raises RequestRefused where no honest value is legal (say, a pattern that no text here has)."""
    check_schema(schema)
    value = _Filling(schema, task, passages).value(schema, Place())
    if fault := first_fault(value, schema):
        raise RequestRefused(
            f"The offline provider cannot fill this schema from the documents: {fault}", provider="offline"
        )
    return value


class _Filling:
    def __init__(self, root: Schema, task: Task, passages: Sequence[Passage]) -> None:
        self._root = root
        self._task = task
        self._quoting = Quoting(task, passages)
        self._all = " ".join([task.subject, *(passage.text for passage in passages)])

    def value(self, schema: Schema, place: Place) -> Any:
        shapes = alternatives(schema, self._root)
        legal = next((shape for shape in shapes if self._has_evidence(shape, place)), None)
        if legal is None:
            legal = shapes[-1] if kind_of(shapes[-1]) == "null" else shapes[0]
        return self._of_shape(legal, place)

    def _of_shape(self, shape: Schema, place: Place) -> Any:
        if "const" in shape:
            return shape["const"]
        if "enum" in shape:
            return self._choice(shape["enum"], place)
        if place.depth > DEEPEST:
            return shape.get("default")
        makers = {
            "object": self._object, "array": self._array, "string": self._string, "integer": self._number,
            "number": self._number, "boolean": self._boolean,
        }  # fmt: skip
        make = makers.get(kind_of(shape))
        return make(shape, place) if make else None

    def _has_evidence(self, shape: Schema, place: Place) -> bool:
        kind = kind_of(shape)
        if kind in {"integer", "number"}:
            return self._found_number(shape, place) is not None
        if kind == "boolean":
            return self._said(place) is not None
        if kind == "string" and "enum" not in shape and "const" not in shape:
            return bool(self._sentences(place, 1)) or bool(_QUESTION.search(place.name))
        return kind not in {"null", "array"} or bool(self._sentences(place, 1))

    # --- objects and arrays -----------------------------------------------------------------------------------------

    def _object(self, shape: Schema, place: Place) -> dict[str, Any]:
        properties = shape.get("properties", {})
        required = set(shape.get("required", ()))
        names = [name.lower() for name in properties]
        sourced_apart = any(_DOCUMENT.search(name) or _CITATION.search(name) for name in names)
        filled: dict[str, Any] = {}
        for name, part in properties.items():
            inner = resolved(part, self._root)
            within_place = replace(
                place,
                name=name,
                description=str(inner.get("description", "")),
                sourced_apart=sourced_apart,
                depth=place.depth + 1,
            )
            if name in required or (place.depth < DEEPEST // 2 and self._worth_it(inner, within_place)):
                filled[name] = self.value(part, within_place)
        for name in required - properties.keys():
            filled[name] = NOT_STATED
        return filled

    def _worth_it(self, schema: Schema, place: Place) -> bool:
        return any(self._has_evidence(shape, place) for shape in alternatives(schema, self._root))

    def _array(self, shape: Schema, place: Place) -> list[Any]:
        item = resolved(shape.get("items", {}) if isinstance(shape.get("items", {}), dict) else {}, self._root)
        least, most = shape.get("minItems", 0), min(shape.get("maxItems", MOST_ITEMS), MOST_ITEMS)
        anchors = self._sentences(replace(place, anchor=None), max(most, least))
        if kind_of(item) in {"integer", "number"}:
            found: list[Any] = [number for anchor in anchors for number in _numbers(anchor.text, item)][
                : max(most, least)
            ]
        else:
            inner = replace(place, depth=place.depth + 1)
            found = [self.value(item, replace(inner, anchor=anchor)) for anchor in anchors]
        if shape.get("uniqueItems"):
            found = [value for number, value in enumerate(found) if value not in found[:number]]
        while len(found) < least and place.depth <= DEEPEST:
            missing = self._missing(item, replace(place, anchor=None, depth=place.depth + 1))
            numbered = missing == NOT_STATED and shape.get("uniqueItems") and missing in found
            found.append(f"{missing} ({len(found) + 1})" if numbered else missing)
        return found

    def _missing(self, item: Schema, place: Place) -> Any:
        is_plain = item.get("type") == "string" and not {"enum", "const"} & item.keys()
        return _of_length(NOT_STATED, item) if is_plain else self.value(item, place)

    # --- text -------------------------------------------------------------------------------------------------------

    def _string(self, shape: Schema, place: Place) -> str:
        return _of_length(self._text(place, shape), shape)

    def _text(self, place: Place, shape: Schema) -> str:
        name = place.name.lower()
        if _REASON.search(name):
            return BY_RULE
        if _QUESTION.search(name):
            return self._task.subject or NOT_STATED
        sentence = next(iter(self._sentences(place, 1)), None)
        return NOT_STATED if sentence is None else _part_for(name, sentence, place, shape)

    def _sentences(self, place: Place, most: int) -> list[Sentence]:
        """Sentences for a place: its object's own, those that its name asks for, or those of the whole task."""
        if place.anchor is not None:
            return [place.anchor]
        if asked_words(place.asks):
            found = self._quoting.ranking.fitting(query_from(place.asks, around=self._task.subject), most)
            if found or self._is_particular(place):
                return found
        return self._quoting.best(most)

    def _is_particular(self, place: Place) -> bool:
        """Whether a name asks for something of its own (`payback_years`), not for the answer as such (`key_findings`)."""
        general = {
            "answer",
            "result",
            "content",
            "item",
            "claim",
            "fact",
            "insight",
            "conclusion",
            "statement",
            "title",
        }
        return any(
            stem(word) not in {stem(one) for one in general} for word in asked_words(" ".join(_CAMEL.split(place.name)))
        )

    # --- what is true, how much, which ------------------------------------------------------------------------------

    def _number(self, shape: Schema, place: Place) -> float | int:
        found = self._found_number(shape, place)
        if found is not None:
            return found
        return shape["default"] if "default" in shape else neutral_number(shape, whole=kind_of(shape) == "integer")

    def _found_number(self, shape: Schema, place: Place) -> float | int | None:
        """A number that a sentence states of the place's own name: beside its unit, or beside the word itself."""
        if place.anchor is not None and _LOCATOR.search(place.name.lower()):
            return next(iter(_numbers(place.anchor.locator, shape)), None)
        named = set(stems(" ".join(_CAMEL.split(place.name))))
        found = (_stated_number(sentence, named, shape) for sentence in self._sentences(place, MOST_ITEMS))
        return next((number for number in found if number is not None), None)

    def _boolean(self, shape: Schema, place: Place) -> bool:
        said = self._said(place)
        return bool(shape.get("default", False)) if said is None else said

    def _said(self, place: Place) -> bool | None:
        """What a text says of a flag in so many words: `approved: yes`."""
        name = r"[_\s-]*".join(re.escape(part) for part in _CAMEL.split(place.name) if part)
        found = re.search(rf"\b{name}\s*[:=]\s*(true|false|yes|no)\b", self._all, re.IGNORECASE) if name else None
        return _SAYS[found.group(1).lower()] if found else None

    def _choice(self, options: Sequence[Any], place: Place) -> Any:
        """The option that is named most often in the object's sentence or in the whole text; of equals the first."""
        text = f" {' '.join(words(place.anchor.text if place.anchor else self._all))} "
        counts = [text.count(f" {' '.join(words(str(option)))} ") for option in options]
        return options[counts.index(max(counts))] if counts else None


def _of_length(text: str, shape: Schema) -> str:
    """A text within the schema's bounds; one that is too long is not cut, as half a quotation is none."""
    longest = shape.get("maxLength", len(text))
    return (text if len(text) <= longest else NOT_STATED[:longest]).ljust(shape.get("minLength", 0), ".")


def _part_for(name: str, sentence: Sentence, place: Place, shape: Schema) -> str:
    """Where from, for a field with such a name; else the words, with their citation unless another field has it."""
    if _CITATION.search(name):
        return sentence.citation
    if _DOCUMENT.search(name):
        return sentence.document
    if _LOCATOR.search(name):
        return sentence.locator
    whole = sentence.text if place.sourced_apart else sentence.quoted
    return whole if len(whole) <= shape.get("maxLength", len(whole)) else sentence.text


def _numbers(text: str, shape: Schema) -> list[float | int]:
    found: list[float | int] = []
    for match in _NUMBER.finditer(text):
        number = float(match.group().replace(",", ""))
        whole = number.is_integer()
        if within(number, shape) and (whole or kind_of(shape) == "number"):
            found.append(int(number) if whole else number)
    return found


def _stated_number(sentence: Sentence, named: set[str], shape: Schema) -> float | int | None:
    """A number beside the words that ask for it. With a unit in the name the number next to that unit, if the sentence is about the rest; else next to the word."""
    units = {word for word in named if is_unit(word)}
    subject = {near for word in named - units for near in (word, *related(word))} - units
    if units and subject and not subject & set(sentence.stems):
        return None
    for word in re.finditer(r"[^\W\d_]+|[%€$£]", sentence.text):
        if stem(word.group().lower()) in (units or named):
            for number in _NUMBER.finditer(sentence.text):
                between = sentence.text[min(word.end(), number.end()) : max(word.start(), number.start())]
                beside = _NUMBER_WORD if number.start() < word.start() else _WORD_NUMBER
                if beside.fullmatch(between) and (legal := _numbers(number.group(), shape)):
                    return legal[0]
    return None
