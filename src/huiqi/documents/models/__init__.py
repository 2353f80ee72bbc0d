"""What is kept of documents."""

from .letters import Letter, LetterCode, LetterCounter, LetterFile, LetterVersion
from .notices import Notice

__all__ = ["Letter", "LetterCode", "LetterCounter", "LetterFile", "LetterVersion", "Notice"]
