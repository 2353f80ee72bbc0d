"""What is kept of opportunities: drafts, published versions, saved profiles."""

from .drafts import Draft
from .profiles import Profile
from .published import PublishedPolicy

__all__ = ["Draft", "Profile", "PublishedPolicy"]
