"""What is kept of documents."""

from .notices import Notice

__all__ = ["Notice"]
