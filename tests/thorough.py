"""What takes minutes and seldom finds more than the rest: CI tries it, and so does `CI=true make test`."""

from __future__ import annotations

import os

import pytest

only_in_ci = pytest.mark.skipif(
    os.environ.get("CI") != "true", reason="thorough and slow: CI tries it, and so does CI=true make test"
)
