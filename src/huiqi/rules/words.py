"""Text in the two languages of the product, for a library that knows no web framework."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One statement in Chinese and in English."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """The text for a language code such as ``zh-hans`` or ``en``; Chinese for every language but English."""
        return self.en if language.startswith("en") else self.zh

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"
