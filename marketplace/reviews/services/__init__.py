"""What people do with reviews."""

from marketplace.reviews.services.answering import reply, take_back_reply, unvote, vote
from marketplace.reviews.services.writing import Words, edit_review, remove_review, write_review

__all__ = ["Words", "edit_review", "remove_review", "reply", "take_back_reply", "unvote", "vote", "write_review"]
