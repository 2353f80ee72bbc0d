"""The part of a text that answers a search, cut so that its marked words can be set apart."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Signs after which a line of context may begin or end.
_ENDS = "。；;！!？?\n"
#: Signs that are no place to begin or to end a shortened line.
_LATIN = re.compile(r"[A-Za-z0-9'’-]")


@dataclass(frozen=True)
class Piece:
    """A stretch of text; ``found`` when it is one of the words that answered."""

    text: str
    found: bool


def marked(text: str, marks: Iterable[str]) -> tuple[Piece, ...]:
    """A text in pieces, the marked words apart. Joined they are the text; a Latin word is marked as a whole word, or in the plural."""
    pattern = _pattern(marks)
    if pattern is None:
        return (Piece(text, False),) if text else ()
    pieces = []
    end = 0
    for match in pattern.finditer(text):
        if match.start() > end:
            pieces.append(Piece(text[end : match.start()], False))
        pieces.append(Piece(match[0], True))
        end = match.end()
    if end < len(text):
        pieces.append(Piece(text[end:], False))
    return tuple(pieces)


def excerpt(texts: Iterable[str], marks: Iterable[str], width: int) -> tuple[Piece, ...]:
    """About ``width`` characters of the text in which most marked words stand; of the first text if none has any.

    The line begins at the sentence of the first marked word where that fits. What is left out is shown as an ellipsis.
    """
    pattern = _pattern(marks)
    candidates = [text for text in texts if text]
    if not candidates:
        return ()
    if pattern is None:
        return marked(_cut(candidates[0], 0, width), ())
    best, start = max(((text, start, _held(pattern, text, start, width)) for text in candidates for start in _starts(pattern, text, width)),
                      key=lambda option: option[2])[:2]  # fmt: skip
    return marked(_cut(best, start, width), marks)


def _pattern(marks: Iterable[str]) -> re.Pattern[str] | None:
    """The marked words, the longest first."""
    words = sorted({mark for mark in marks if mark}, key=lambda word: (-len(word), word))
    each = (rf"(?<![A-Za-z0-9]){re.escape(w)}(?:e?s)?(?![A-Za-z0-9])" if w.isascii() else re.escape(w) for w in words)
    return re.compile("|".join(each), re.IGNORECASE) if words else None


def _held(pattern: re.Pattern[str], text: str, start: int, width: int) -> int:
    """How many different marked words stand in a stretch."""
    return len({match[0].lower() for match in pattern.finditer(text, start, start + width)})


def _starts(pattern: re.Pattern[str], text: str, width: int) -> list[int]:
    """Where a line could begin: at the text, and at the sentence of each marked word, or shortly before the word."""
    starts = [0]
    for match in pattern.finditer(text):
        sentence = max(text.rfind(sign, 0, match.start()) for sign in _ENDS) + 1
        start = sentence if match.end() - sentence <= width else match.start() - width // 4
        while 0 < start < match.start() and _LATIN.match(text[start - 1]):
            start += 1
        starts.append(max(0, start))
    return starts


def _cut(text: str, start: int, width: int) -> str:
    end = start + width
    while start < end < len(text) and _LATIN.match(text[end]) and _LATIN.match(text[end - 1]):
        end -= 1
    line = text[start:end].strip()
    return f"{'…' if text[:start].strip() else ''}{line}{'…' if text[end:].strip() else ''}"
