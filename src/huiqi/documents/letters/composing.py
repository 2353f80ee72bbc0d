"""From a kind and its content to what stands on the sheet: title, paragraphs, headings, signature. No layout, no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .kinds import DAY, LIST, Kind

_NUMERALS = "零一二三四五六七八九十"


@dataclass(frozen=True)
class Check:
    """How a letter is verified: its ``code``, and the ``address`` of the page where it is looked up."""

    code: str
    address: str


@dataclass(frozen=True)
class Sheet:
    """What a letter says, to whom and from whom. ``number``, ``day`` and ``check`` are there once it is issued."""

    kind: Kind
    content: Mapping[str, str]
    organ: str
    addressee: str
    to_organisation: bool = True
    number: str = ""
    day: dt.date | None = None
    check: Check | None = None

    @property
    def title(self) -> str:
        return self._filled(self.kind.title)

    def parts(self) -> list[dict[str, Any]]:
        """The body, in order: ``{"is": "text" | "heading", "text"}`` or ``{"is": "items", "items"}``."""
        found: list[dict[str, Any]] = []
        headings = 0
        for part in self.kind.body:
            if part.given and not self.content.get(part.given):
                continue
            if part.does == "head":
                headings += 1
                found.append({"is": "heading", "text": f"{chinese_number(headings)}、{part.what}"})
            elif part.does == "say":
                found.append({"is": "text", "text": self._filled(part.what)})
            else:
                found += self._put(part.what)
        return found

    def _put(self, name: str) -> list[dict[str, Any]]:
        lines = lines_of(self.content.get(name, "")) or ["（未填）"]
        if self.kind.field(name).type == LIST:
            return [{"is": "items", "items": lines}]
        return [{"is": "text", "text": line} for line in lines]

    def _filled(self, sentence: str) -> str:
        """A sentence with its fields. What is put in is never read as a sentence with fields again."""
        words = {field.name: self._words(field.name, field.type) for field in self.kind.fields}
        return sentence.format_map(words | {"you": "你单位" if self.to_organisation else "您"})

    def _words(self, name: str, type_: str) -> str:
        value = self.content.get(name, "")
        if not value:
            return "____"
        return chinese_day(dt.date.fromisoformat(value)) if type_ == DAY else value


def lines_of(text: str) -> list[str]:
    """The lines that hold something."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def chinese_day(day: dt.date) -> str:
    """A day in Arabic numerals without leading zeros, as GB/T 9704 has it: 2026年11月24日."""
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_number(number: int) -> str:
    """A small number in Chinese numerals, for headings: 一, 十, 十二. From 1 to 99."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_NUMERALS[tens]}十"
    return head + (_NUMERALS[ones] if ones else "")
