"""Who hears an answer while it is being given, and what becomes of it when it is given anew."""

from __future__ import annotations

from collections.abc import Callable

from agents.llm.types import OnText

OnRestart = Callable[[], None]


class Listener:
    """One caller's ear. Text that was heard cannot be taken back, only declared void by `on_restart`."""

    def __init__(self, on_text: OnText | None = None, on_restart: OnRestart | None = None) -> None:
        self._on_text = on_text
        self._on_restart = on_restart
        self.has_heard = False

    def may_be_told_anew(self) -> bool:
        return not self.has_heard or self._on_restart is not None

    def begin(self) -> None:
        """An answer begins; whatever was heard before is void."""
        if self.has_heard and self._on_restart is not None:
            self.has_heard = False
            self._on_restart()

    def hear(self, text: str) -> None:
        if self._on_text is not None:
            self.has_heard = True
            self._on_text(text)
