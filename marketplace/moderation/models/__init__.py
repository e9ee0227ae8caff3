"""Judging what is on the market: rules, what waits, what was decided and why, appeals, reports and the log of it all."""

from marketplace.moderation.models.appeal import Appeal
from marketplace.moderation.models.decision import Decision
from marketplace.moderation.models.log import ActivityLog
from marketplace.moderation.models.policy import CannedText, Policy
from marketplace.moderation.models.reasons import ReasonCode
from marketplace.moderation.models.report import Report
from marketplace.moderation.models.targets import Targeted
from marketplace.moderation.models.task import ReviewTask

__all__ = [
    "ActivityLog",
    "Appeal",
    "CannedText",
    "Decision",
    "Policy",
    "ReasonCode",
    "Report",
    "ReviewTask",
    "Targeted",
]
