"""The kinds of letters, as ``data/letters.yaml`` has them: fields, fixed sentences, form, and who has to approve."""

from __future__ import annotations

import datetime as dt
import functools
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from huiqi.rules.words import Words

DATA = Path(__file__).parents[1] / "data" / "letters.yaml"

LINE, TEXT, LIST, DAY = "line", "text", "list", "day"
#: 信函格式 for those outside, red header for organs (GB/T 9704-2012, sections 10 and 7).
LETTER, OFFICIAL = "letter", "official"
#: A day as a form and the database hold it has so many characters.
LONGEST_DAY = 10


@dataclass(frozen=True)
class Field:
    """One field of a kind. ``type`` is ``line``, ``text`` (paragraphs), ``list`` (an item a line) or ``day`` (ISO)."""

    name: str
    type: str
    label: Words
    help: Words
    required: bool
    most: int

    @property
    def lines(self) -> bool:
        """Whether it takes more than one line."""
        return self.type in (TEXT, LIST)


@dataclass(frozen=True)
class Part:
    """One part of the body: a fixed sentence (``say``), a heading (``head``) or a field (``put``).

    With ``given`` it is left out while that field is empty.
    """

    does: str
    what: str
    given: str = ""


@dataclass(frozen=True)
class Kind:
    """One kind of letter. ``fields`` are its own and those of every kind."""

    key: str
    name: Words
    purpose: Words
    title: str
    form: str
    two_persons: bool
    articles: tuple[int, ...]
    fields: tuple[Field, ...]
    body: tuple[Part, ...]

    def field(self, name: str) -> Field:
        """The field of this name. Raises KeyError."""
        for each in self.fields:
            if each.name == name:
                return each
        raise KeyError(name)

    def missing(self, content: Mapping[str, str]) -> list[Field]:
        """The mandatory fields that are empty; the letter is not issued before there are none."""
        return [field for field in self.fields if field.required and not content.get(field.name)]


class ContentProblem(ValueError):
    """Content that a kind of letter cannot have: ``faults`` by field (what is wrong, in both languages)."""

    def __init__(self, faults: Mapping[str, Words]) -> None:
        self.faults = dict(faults)
        super().__init__("; ".join(f"{name}: {what.en}" for name, what in self.faults.items()))


@functools.cache
def kinds() -> dict[str, Kind]:
    """All kinds by their keys."""
    read = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    common = [_field(each) for each in read["common"]]
    return {key: _kind(key, each, common) for key, each in read["kinds"].items()}


def _kind(key: str, each: Mapping[str, Any], common: Iterable[Field]) -> Kind:
    return Kind(
        key=key,
        name=Words(**each["name"]),
        purpose=Words(**each["purpose"]),
        title=each["title"],
        form=each["form"],
        two_persons=each.get("two_persons", False),
        articles=tuple(each["articles"]),
        fields=(*(_field(field) for field in each["fields"]), *common),
        body=tuple(_part(part) for part in each["body"]),
    )


def _field(each: Mapping[str, Any]) -> Field:
    return Field(
        name=each["name"],
        type=each["type"],
        label=Words(**each["label"]),
        help=Words(**each["help"]),
        required=each.get("required", False),
        most=each.get("most", LONGEST_DAY),
    )


def _part(each: Mapping[str, str]) -> Part:
    (does,) = each.keys() - {"if"}
    return Part(does, each[does], each.get("if", ""))


def read_content(kind: Kind, given: Mapping[str, object]) -> dict[str, str]:
    """The content of a letter as it is kept: every field of the kind as text, a day as ISO, empty where nothing is given.

    Raises ContentProblem for a field that the kind has not, a text that is too long, a day that is none.
    """
    faults: dict[str, Words] = {}
    known = {field.name for field in kind.fields}
    for name in given.keys() - known:
        faults[name] = Words("这种文书没有这一项", "this kind of letter has no such field")
    content: dict[str, str] = {}
    for field in kind.fields:
        raw = given.get(field.name)
        text = raw.isoformat() if isinstance(raw, dt.date) else str(raw if raw is not None else "")
        content[field.name] = text = _clean(text, field)
        if len(text) > field.most:
            faults[field.name] = Words(
                f"写了 {len(text)} 个字，最多 {field.most} 个",
                f"it has {len(text)} characters, {field.most} at most",
            )
        elif field.type == DAY and text:
            try:
                dt.date.fromisoformat(text)
            except ValueError:
                faults[field.name] = Words("这不是一个日期", "this is no day")
    if faults:
        raise ContentProblem(faults)
    return content


def _clean(text: str, field: Field) -> str:
    """The text without control characters and without space around it and its lines; a line stays one line."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(" " if each in "\t\u2028\u2029" else each for each in text)
    text = "".join(each for each in text if each == "\n" or unicodedata.category(each) not in ("Cc", "Cs", "Co", "Cn"))
    lines = [line.strip() for line in text.split("\n")]
    if not field.lines:
        return " ".join(line for line in lines if line)
    return "\n".join(line for line in lines if line)
