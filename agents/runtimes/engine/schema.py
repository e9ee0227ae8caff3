"""A JSON Schema as the kind of class that CrewAI wants, without generating fields from it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import lru_cache
from typing import Any, ClassVar

import orjson
from jsonschema import Draft202012Validator
from pydantic import RootModel, ValidationError, model_validator


class CheckedModel(RootModel[dict[str, Any]]):
    """A JSON object that fits `schema`."""

    schema_: ClassVar[Mapping[str, Any]] = {}
    validator: ClassVar[Draft202012Validator] = Draft202012Validator({})

    @model_validator(mode="after")
    def _fits(self) -> CheckedModel:
        try:
            error = next(iter(self.validator.iter_errors(self.root)), None)
        except RecursionError:
            raise ValueError("the schema refers to itself without end.") from None
        if error is not None:
            raise ValueError(f"at “{error.json_path}”: {error.message[:300]}.")
        return self

    @classmethod
    def model_json_schema(cls, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
        """A copy through and through: CrewAI closes every object of it to further names, in place."""
        return deepcopy(dict(cls.schema_))


def model_of(schema: Mapping[str, Any], *, name: str) -> type[CheckedModel]:
    return _made(orjson.dumps(schema), name)


@lru_cache(maxsize=512)
def _made(schema: bytes, name: str) -> type[CheckedModel]:
    """Making a class takes a millisecond, and many runs have the same tools."""
    wanted = orjson.loads(schema)
    own = {"schema_": wanted, "validator": Draft202012Validator(wanted), "__module__": __name__, "__annotations__": {}}
    return type(name, (CheckedModel,), own)


def reason_of(misfit: ValidationError) -> str:
    """What is wrong with an answer, in one sentence."""
    return misfit.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
