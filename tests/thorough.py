"""What takes minutes and seldom finds more than the rest: CI tries it, and so does `CI=true make test`."""

from __future__ import annotations

import os

import pytest

IN_CI = os.environ.get("CI") == "true"
only_in_ci = pytest.mark.skipif(not IN_CI, reason="thorough and slow: CI tries it, and so does CI=true make test")
