"""What other rooms do when a version reaches a state. They say so when they start; nobody here knows them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from marketplace.models import ListingVersion
from marketplace.moderation.actors import Actor

Follower = Callable[[ListingVersion, Actor], None]

_followers: defaultdict[str, list[Follower]] = defaultdict(list)


def follow(state: ListingVersion.ReviewState, do: Follower) -> None:
    """Call `do` inside the transaction of every move to `state`; what leaves the database it does after the commit."""
    if do not in _followers[state]:
        _followers[state].append(do)


def tell(version: ListingVersion, by: Actor) -> None:
    for do in _followers[version.review_state]:
        do(version, by)
