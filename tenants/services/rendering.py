"""Two thirds of the time of migrating an empty database: Django renders models anew where that changes nothing."""

# ruff: noqa: SLF001 - Django has no door for it; test_cloning.py compares with a schema that was migrated the usual way

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.migrations.state import ProjectState

_State: Any = ProjectState


@contextmanager
def without_needless_rendering() -> Iterator[None]:
    """A new index or constraint is written into its model as it stands; Django makes that model and all that refer to it anew."""
    usual = _State._append_option
    _State._append_option = _append_option
    try:
        yield
    finally:
        _State._append_option = usual


def _append_option(self: ProjectState, app_label: str, model_name: str, option: str, added: Any) -> None:
    """`option` is `indexes` or `constraints`."""
    options = self.models[app_label, model_name].options
    options[option] = [*options[option], added]
    if "apps" in self.__dict__:
        meta = self.apps.get_model(app_label, model_name)._meta
        setattr(meta, option, [*getattr(meta, option), added])
