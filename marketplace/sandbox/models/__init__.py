"""What was tried in the sandbox, and what came of it. The copies that were run there are cleared away afterwards."""

from marketplace.sandbox.models.evaluations import EvaluationCase, EvaluationRun
from marketplace.sandbox.models.trials import Trial

__all__ = ["EvaluationCase", "EvaluationRun", "Trial"]
