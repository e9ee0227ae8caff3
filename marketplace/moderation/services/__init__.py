"""What reviewers, authors and readers may do in moderation."""

from marketplace.moderation.services.accusing import open_for_accused
from marketplace.moderation.services.appealing import appeal, claim_appeal, decide_appeal, readable_by
from marketplace.moderation.services.deciding import decide, decide_automatically
from marketplace.moderation.services.executing import confirm, decline, execute_due, undo
from marketplace.moderation.services.reporting import decide_report, report
from marketplace.moderation.services.standing import (
    feature,
    set_standing,
    suspend,
    verify,
)
from marketplace.moderation.services.tasks import claim, close_of_version, open_task, release

__all__ = [
    "appeal", "claim", "claim_appeal", "close_of_version", "confirm", "decide", "decide_appeal", "decide_automatically", "decide_report",
    "decline", "execute_due", "feature", "open_for_accused", "open_task", "readable_by", "release", "report", "set_standing", "suspend", "undo", "verify",
]  # fmt: skip
