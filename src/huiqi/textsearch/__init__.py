"""Search in a small collection of texts, in Chinese first. A pure library: it knows nothing of what it searches.

A collection of a few hundred texts is indexed in memory in a fraction of a second, so a search needs no database and
works on the command line too.
"""

from .excerpt import Piece, excerpt, marked
from .index import Entry, Hit, Index
from .words import plain, words_of

__all__ = ["Entry", "Hit", "Index", "Piece", "excerpt", "marked", "plain", "words_of"]
