"""What browsing keeps for itself: the index of the search, its vocabulary, collections, favourites."""

from marketplace.browsing.models.collection import Collection, CollectionItem
from marketplace.browsing.models.entry import Entry
from marketplace.browsing.models.favourite import Favourite
from marketplace.browsing.models.word import Word

__all__ = ["Collection", "CollectionItem", "Entry", "Favourite", "Word"]
