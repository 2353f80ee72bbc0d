"""The help pages: texts in ``data/help.yaml``, found by the words that owners use."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from django.urls import reverse

from huiqi.rules.words import Words
from huiqi.textsearch import Entry, Index

DATA = Path(__file__).parent / "data" / "help.yaml"

#: How often the words of a field count, and the fields in which a search is looked for word for word.
WEIGHTS = {"title": 5, "words": 4, "lead": 2, "text": 1}
VERBATIM = ("title", "words", "lead")


def article_address(number: int) -> str:
    """Where an article is read."""
    return reverse("article", args=[number])


@dataclass(frozen=True)
class Link:
    """Where a section leads: ``kind`` is ``help``, ``article``, ``phone`` or ``page``, ``to`` names the place."""

    words: Words
    kind: str
    to: str

    @property
    def address(self) -> str:
        if self.kind == "phone":
            return f"tel:{self.to}"
        if self.kind == "article":
            return article_address(int(self.to))
        return reverse("help_page", args=[self.to]) if self.kind == "help" else reverse(self.to)


@dataclass(frozen=True)
class Section:
    """A part of a help page under its own heading."""

    heading: Words
    text: tuple[Words, ...]
    verdicts: tuple[tuple[str, Words], ...]
    steps: tuple[Words, ...]
    items: tuple[Words, ...]
    terms: tuple[tuple[Words, Words], ...]
    links: tuple[Link, ...]

    def texts(self) -> tuple[Words, ...]:
        """All sentences of the section."""
        meant = tuple(text for _, text in self.verdicts)
        explained = tuple(Words(f"{term.zh}：{text.zh}", f"{term.en}: {text.en}") for term, text in self.terms)
        return (*self.text, *meant, *self.steps, *self.items, *explained)


@dataclass(frozen=True)
class HelpPage:
    """One page; ``words`` are what an owner may type for it, and stand on no page."""

    slug: str
    group: str
    title: Words
    lead: Words
    words: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def address(self) -> str:
        return reverse("help_page", args=[self.slug])


class Found(NamedTuple):
    """A help page that was found; ``marks`` are the words of its text that answered, for highlighting."""

    page: HelpPage
    score: float
    marks: tuple[str, ...]


@functools.cache
def _data() -> Any:
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


@functools.cache
def help_groups() -> dict[str, Words]:
    """The groups of the list, in their order."""
    return {name: _both(raw) for name, raw in _data()["groups"].items()}


@functools.cache
def help_pages() -> dict[str, HelpPage]:
    """All help pages by their slug, in the order of the list."""
    return {
        raw["slug"]: HelpPage(
            slug=raw["slug"],
            group=raw["group"],
            title=_both(raw["title"]),
            lead=_both(raw["lead"]),
            words=tuple(map(str, raw["words"])),
            sections=tuple(map(_section, raw["sections"])),
        )
        for raw in _data()["pages"]
    }


def find_help(text: str) -> list[Found]:
    """Help pages for a text in Chinese, English or pinyin, the best first."""
    return [Found(help_pages()[hit.key], hit.score, hit.marks) for hit in _index().search(text)]


def _both(raw: dict[str, Any]) -> Words:
    return Words(str(raw["zh"]), str(raw["en"]))


def _section(raw: dict[str, Any]) -> Section:
    return Section(
        heading=_both(raw["heading"]),
        text=tuple(map(_both, raw.get("text", ()))),
        verdicts=tuple((standing, _both(words)) for standing, words in raw.get("verdicts", {}).items()),
        steps=tuple(map(_both, raw.get("steps", ()))),
        items=tuple(map(_both, raw.get("list", ()))),
        terms=tuple(
            (Words(str(each["zh"][0]), str(each["en"][0])), Words(each["zh"][1], each["en"][1]))
            for each in raw.get("terms", ())
        ),
        links=tuple(map(_link, raw.get("links", ()))),
    )


def _link(raw: dict[str, Any]) -> Link:
    (kind,) = raw.keys() - {"zh", "en"}
    return Link(_both(raw), kind, str(raw[kind]))


@functools.cache
def _index() -> Index:
    """The index of all help pages, made once."""
    return Index(
        Entry(
            key=page.slug,
            fields={
                "title": f"{page.title.zh} {page.title.en}",
                "words": " ".join(page.words),
                "lead": f"{page.lead.zh} {page.lead.en}",
                "text": " ".join(
                    f"{each.zh} {each.en}" for part in page.sections for each in (part.heading, *part.texts())
                ),
            },
            weights=WEIGHTS,
            verbatim=VERBATIM,
            names=(page.title.zh, *page.words),
        )
        for page in help_pages().values()
    )
