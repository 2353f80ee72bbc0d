"""What the editor of a draft shows: the rule in both views, the review, and whom it reaches."""

from __future__ import annotations

import functools
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from huiqi.law.articles import articles
from huiqi.opportunities import publishing
from huiqi.opportunities.drafting import (
    key_of,
    mended,
)
from huiqi.opportunities.finder import MONTHS_A_YEAR
from huiqi.opportunities.models import Draft
from huiqi.opportunities.publishing import Problem, reason_key
from huiqi.opportunities.reach import WHOLE_REGION, Reach, Slice, Threshold
from huiqi.opportunities.review import Concern
from huiqi.registry.codes import names, region_names
from huiqi.registry.permissions import Actor
from huiqi.registry.snapshot import snapshot
from huiqi.registry.vocabulary import REGION_DIGITS
from huiqi.rules import Amount, Words, dictionary
from huiqi.rules.sentence import Speaker

from . import formats, tiles
from .draft_form import divisions, fact_groups, row_view
from .draft_work import Work, parsed
from .sentences import say
from .templatetags.huiqi import PER


def state_of(draft: Draft) -> str:
    if draft.published.all():
        return "published"
    return "withdrawn" if draft.withdrawn_at is not None else "open"


def amount_reading(amount: Amount) -> str:
    """An amount in words, in the language of the page."""
    return say(Speaker(dictionary(), names).value(amount.tree))


def page_of(work: Work, actor: Actor, live: bool = False) -> dict[str, Any]:
    """The context of the editor's page and of its live parts."""
    draft, rows = work.draft, work.rows
    shown = [row_view(i, row, work.concerns, work.trouble) for i, row in enumerate(rows)] if rows is not None else None
    concerned = [_concern(i, each, draft) for i, each in enumerate(work.concerns)]
    at_rows = {key_of(row) for row in rows or ()}
    for view in shown or ():
        view["concerns"] = [each for each in concerned if each["concern"] in view["concerns"]]
    found = _reach(work, actor) if work.rule is not None and work.trouble is None else None
    waiting = _in_the_way(work)
    return {
        "section": "desk",
        "draft": draft,
        "state": state_of(draft) if draft.pk else "open",
        "form": work.form,
        "work": work,
        "rows": shown,
        "count": len(rows) if rows is not None else None,
        "facts": fact_groups(),
        "trades": [(code, say(words)) for code, words in divisions()],
        "marked": _marked(work),
        "what": say(work.problem.what) if work.problem else "",
        "at": work.problem.position + 1 if work.problem and work.problem.position is not None else None,
        "better": mended(work.text, work.problem) if work.problem else None,
        "hint": work.problem.suggestion if work.problem else None,
        "reading": say(work.rule.sentence(names)) if work.rule else "",
        "amount_reading": amount_reading(work.amount) if work.amount else "",
        "amount_problem": work.amount_problem.describe(get_language() or "zh-hans") if work.amount_problem else "",
        "loose": [each for each in concerned if each["concern"].key not in at_rows],
        "problems": waiting,
        "told": _told(found) if found else _why_none(work),
        "reach": found,
        "stays": live and found is None and bool(work.text.strip()),
        "organ": actor.organisation,
        "compared": bool(draft.pk and (draft.replaces or draft.version > 1)),
    }


def _concern(index: int, concern: Concern, draft: Draft) -> dict[str, Any]:
    key = reason_key(concern)
    return {
        "n": index,
        "concern": concern,
        "check": concern.check,
        "key": key,
        "reason": draft.reasons.get(key, ""),
        "text": _law(concern.check.article),
        "condition": _condition_words(concern.key),
    }


def _condition_words(key: str) -> str:
    rule = parsed(key)
    return say(rule.sentence(names)) if rule else key


@functools.cache
def _laws() -> dict[int, tuple[str, str]]:
    return {each.number: ("\n".join(each.paragraphs_zh), "\n".join(each.paragraphs_en)) for each in articles()}


def _law(number: int) -> str:
    found = _laws().get(number)
    return (found[1] if formats.in_english() else found[0]) if found else ""


def _marked(work: Work) -> tuple[str, str, str] | None:
    """The text before, at and after the place of a problem; None when no place is known."""
    if work.problem is None or work.problem.position is None:
        return None
    at = min(work.problem.position, max(0, len(work.text) - 1))
    end = at + 1
    while end < len(work.text) and (work.text[end].isalnum() or work.text[end] == "_") and work.text[at].isalnum():
        end += 1
    return work.text[:at], work.text[at:end], work.text[end:]


def _in_the_way(work: Work) -> list[Problem]:
    if work.clash or work.trouble is not None:
        return [Problem("eligible", Words("条件还没有写完整", "the conditions are not complete yet"))]
    return publishing.problems(work.draft, timezone.localdate())


def _why_none(work: Work) -> str:
    if work.trouble is not None or work.problem is not None:
        return gettext("The figures are those of the last rule that could be read.")
    return gettext("Write who may have it, and you see here whom it reaches.")


def _told(found: dict[str, Any]) -> str:
    """The reach in one sentence, for those who hear the page."""
    reach: Reach = found["reach"]
    text = gettext("%(yes)s qualify, %(no)s do not, of %(unknown)s too little is known.") % {
        "yes": f"{reach.eligible:,}",
        "no": f"{reach.not_eligible:,}",
        "unknown": f"{reach.unknown:,}",
    }
    if found["cost"] is not None:
        text += " " * formats.in_english() + gettext("Cost: %(cost)s.") % {"cost": found["cost_words"]}
    return text


def _reach(work: Work, actor: Actor) -> dict[str, Any]:
    """The panels of the reach: figures, places, sizes, trades, cost, thresholds, what keeps out, overlaps."""
    assert work.rule is not None
    people = publishing.population(actor, snapshot(), timezone.localdate())
    found = people.reach(work.rule, work.amount, ignore=work.draft.replaces or work.draft.policy_id or None)
    yearly = work.draft.amount_per in ("year", "month")
    times = MONTHS_A_YEAR if work.draft.amount_per == "month" else 1
    per = "year" if yearly else work.draft.amount_per
    cost = found.cost * times if found.cost is not None else None
    most = found.most * times if found.most is not None else None
    served = actor.jurisdiction or WHOLE_REGION
    places = [part for part in found.by_place if part.total]
    return {
        "reach": found,
        "seconds": f"{found.seconds:.2f}",
        "tiles": _tiles(found.by_place, served),
        "in_order": len(served) == REGION_DIGITS["prefecture"],
        "one_place": region_names().get(served),
        "places": bars(places, found.eligible),
        "sizes": bars(found.by_size, found.eligible),
        "trades": bars(found.by_trade, found.eligible),
        "cost": cost,
        "most": most,
        "per": per,
        "cost_words": _cost_words(cost, per) if cost is not None else "",
        "thresholds": [_threshold(each, times, per) for each in found.thresholds],
        "keeps": found.keeps,
        "overlaps": [(each, round(100 * each.share)) for each in found.overlaps],
    }


def _tiles(places: tuple[Slice, ...], served: str) -> list[dict[str, Any]]:
    """The map of whoever serves these places: prefectures for the region, counties for a prefecture, none for a county."""
    if len(served) <= REGION_DIGITS["autonomous_region"]:
        return tiles.of_prefectures(places)
    return tiles.of_counties(places, served) if len(served) == REGION_DIGITS["prefecture"] else []


def _cost_words(cost: Decimal, per: str) -> str:
    """78.6 万元/年, ¥786,000 a year."""
    words = str(PER.get(per, "")) if per != "once" else ""
    return (" " if formats.in_english() else "/").join(filter(None, (str(formats.money(cost)), words)))


def bars(parts: tuple[Slice, ...] | list[Slice], eligible: int) -> list[dict[str, Any]]:
    top = max((part.eligible for part in parts), default=0)
    return [
        {
            "part": part,
            "share": f"{100 * part.eligible / eligible:.1f}%" if eligible else "–",
            "width": f"{100 * part.eligible / top:.1f}%" if top else "0%",
        }
        for part in parts
    ]


def _threshold(each: Threshold, times: int, per: str) -> dict[str, Any]:
    """A histogram in percent of its box; the bars just short of the threshold stand out. ``added`` is money in words."""
    top = max((yes + no for _, _, yes, no in each.bins), default=0) or 1
    low, high = each.bins[0][0], each.bins[-1][1]
    above = each.allowed == "above"
    width = 100 / len(each.bins)
    bars = []
    for i, (start, end, yes, no) in enumerate(each.bins):
        middle = (start + end) / 2
        met = middle >= each.gate if above else middle <= each.gate
        close = not met and (middle >= each.moved if above else middle <= each.moved)
        height = 100 * (yes + no) / top
        bars.append(
            {
                "x": f"{i * width + 0.4:.2f}%",
                "width": f"{width - 0.8:.2f}%",
                "y": f"{100 - height:.1f}%",
                "height": f"{height:.1f}%",
                "kind": "" if met else "just" if close else "below",
            }
        )
    return {
        "threshold": each,
        "added": _cost_words(each.added * times, per) if each.added is not None else "",
        "bars": bars,
        "at": f"{100 * (each.gate - low) / (high - low):.1f}%",
        "low": formats.plain(Decimal(str(round(low, 4)))),
        "high": formats.plain(Decimal(str(round(high, 4)))),
    }
