"""What one search finds in policies, in the law and in the help pages: groups, best first, with marked words."""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext

from huiqi.law.articles import articles
from huiqi.law.searching import Found as FoundArticle
from huiqi.law.searching import find_articles
from huiqi.opportunities.library import Policy, library
from huiqi.opportunities.search import Hit, search
from huiqi.textsearch import Piece, excerpt, marked

from .formats import in_english
from .help_pages import Found as FoundHelp
from .help_pages import article_address, find_help, help_groups, help_pages
from .sentences import opening, say
from .templatetags.huiqi import benefit_word

#: The most characters that are searched for, as many as the library takes.
LONGEST = 200
#: So many hits of each group stand on the page; the rest is a link away.
SHOWN = 5
#: A group whose best hit is so much weaker than that of the best group is noise.
FAINTEST = 0.05
#: About so many characters make a line of context in Chinese, and in English.
WIDTH, WIDTH_EN = 64, 150


@dataclass(frozen=True)
class Line:
    """One hit: where it leads, its title and a line of context with the words that answered, a word on its kind."""

    address: str
    title: tuple[Piece, ...]
    context: tuple[Piece, ...]
    aside: str


@dataclass(frozen=True)
class Group:
    """The hits of one kind. ``everything`` leads to all of them, and is empty when all are shown."""

    name: str
    words: str
    count: int
    lines: tuple[Line, ...]
    everything: str
    strength: float


@dataclass(frozen=True)
class Answer:
    """All groups that have a hit, the best first; how many policies answer that are not open, and where they are."""

    groups: tuple[Group, ...]
    closed: int
    closed_address: str

    @property
    def count(self) -> int:
        return sum(group.count for group in self.groups)


def asked(raw: str) -> str:
    """What was typed as it is searched for: control characters as spaces, no longer than is looked for."""
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in raw[: 10 * LONGEST])
    return " ".join(text.split())[:LONGEST].strip()


def find(text: str, on: dt.date) -> Answer:
    """What a text finds on a day."""
    policies = search(text)
    open_now = [hit for hit in policies if hit.policy.phase(on) == "open"]
    groups = [
        _policies(text, open_now),
        _articles(text, find_articles(text)),
        _help(find_help(text)),
    ]
    best = max(group.strength for group in groups)
    kept = [group for group in groups if group.count and group.strength >= FAINTEST * best]
    return Answer(
        groups=tuple(sorted(kept, key=lambda group: -group.strength)),
        closed=len(policies) - len(open_now),
        closed_address=f"{reverse('policies')}?{urlencode({'q': text, 'when': 'all'})}",
    )


def _strength(score: float, of: int) -> float:
    """A best score that can be compared with that of a larger or smaller collection: rarity counts by its size."""
    return score / math.log(1 + of)


def _context(texts: Iterable[str], marks: Iterable[str]) -> tuple[Piece, ...]:
    return excerpt(texts, marks, WIDTH_EN if in_english() else WIDTH)


def _policies(text: str, hits: list[Hit]) -> Group:
    return Group(
        name="policies",
        words=gettext("Policies"),
        count=len(hits),
        lines=tuple(_policy(hit.policy, hit.marks) for hit in hits[:SHOWN]),
        everything=f"{reverse('policies')}?{urlencode({'q': text})}" if len(hits) > SHOWN else "",
        strength=_strength(hits[0].score, len(library().shown())) if hits else 0.0,
    )


def _policy(policy: Policy, marks: tuple[str, ...]) -> Line:
    texts = (policy.benefit, *(each.text for each in policy.conditions), *policy.how_to_claim, policy.note)
    return Line(
        address=reverse("policy", args=[policy.id]),
        title=marked(say(policy.title), marks),
        context=_context(map(say, texts), marks),
        aside=opening(benefit_word(policy)),
    )


def _articles(text: str, hits: list[FoundArticle]) -> Group:
    return Group(
        name="law",
        words=gettext("Articles"),
        count=len(hits),
        lines=tuple(_article(hit) for hit in hits[:SHOWN]),
        everything=f"{reverse('law')}?{urlencode({'q': text})}" if len(hits) > SHOWN else "",
        strength=_strength(hits[0].score, len(articles())) if hits else 0.0,
    )


def _article(hit: FoundArticle) -> Line:
    article = hit.article
    title = gettext("Article %(n)s: %(title)s") % {"n": article.number, "title": say(article.title)}
    return Line(
        address=article_address(article.number),
        title=marked(title, hit.marks),
        context=_context(article.paragraphs_en if in_english() else article.paragraphs_zh, hit.marks),
        aside=say(article.chapter_title),
    )


def _help(hits: list[FoundHelp]) -> Group:
    return Group(
        name="help",
        words=gettext("Help"),
        count=len(hits),
        lines=tuple(_help_page(hit) for hit in hits[:SHOWN]),
        everything=reverse("help") if len(hits) > SHOWN else "",
        strength=_strength(hits[0].score, len(help_pages())) if hits else 0.0,
    )


def _help_page(hit: FoundHelp) -> Line:
    texts = (hit.page.lead, *(text for section in hit.page.sections for text in section.texts()))
    return Line(
        address=hit.page.address,
        title=marked(say(hit.page.title), hit.marks),
        context=_context(map(say, texts), hit.marks),
        aside=say(help_groups()[hit.page.group]),
    )
