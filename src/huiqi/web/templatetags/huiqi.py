"""The components of the pages. Each is drawn in one place, and looks the same wherever it stands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, gettext, gettext_lazy, ngettext

from huiqi.documents.models import Notice
from huiqi.journal.verbs import words_of
from huiqi.law.duties import wording
from huiqi.law.permissions import keeps_calendar
from huiqi.opportunities.basis import CERTIFIED, basis_of_assessment
from huiqi.opportunities.drafting import may_draft
from huiqi.registry.declaring import decides_for_organ
from huiqi.registry.hats import decides, waiting_for
from huiqi.registry.permissions import PUBLIC, Actor, administers_accounts, administers_system, audits, hat_of
from huiqi.registry.vocabulary import ADMINISTRATORS
from huiqi.rules.dictionary import dictionary
from huiqi.rules.words import Words
from huiqi.textsearch import Piece
from huiqi.web import formats, icons, sentences, vocabulary

if TYPE_CHECKING:
    from django.http import HttpRequest

    from huiqi.law.clock import DayLine
    from huiqi.law.duties.definitions import Duty
    from huiqi.opportunities.assess import Assessment, ChangeSet, Gate, Leaf
    from huiqi.opportunities.finder import Results
    from huiqi.opportunities.library import Policy
    from huiqi.rules.dictionary import Fact

register = template.Library()

#: A question whose last part is a remark in brackets.
REMARK = re.compile(r"(.+?[？?])\s*[（(](.+)[）)]")

#: The verdicts: the word, the icon and the colour always come together.
VERDICTS = {
    "yes": gettext_lazy("You may have this"),
    "offer": gettext_lazy("You can apply"),
    "near": gettext_lazy("One thing missing"),
    "no": gettext_lazy("Not now"),
    "ask": gettext_lazy("Cannot tell yet"),
    "closed": gettext_lazy("Not open or expired"),
}
COLOURS = {"yes": "v-yes", "offer": "v-offer", "near": "v-near", "no": "", "ask": "v-ask", "closed": ""}

#: How one condition stands: what is shown is the part that it plays in the verdict.
STATES = {
    "yes": gettext_lazy("met"),
    "near": gettext_lazy("just missing"),
    "no": gettext_lazy("not met"),
    "ask": gettext_lazy("not known"),
}

#: Kinds of benefit in the words of an owner; they also stand where an amount is not known.
BENEFITS = {
    "tax_exemption": gettext_lazy("no tax"),
    "tax_reduction": gettext_lazy("lower tax"),
    "tax_deduction": gettext_lazy("tax deduction"),
    "tax_holiday": gettext_lazy("tax holiday"),
    "tax_deferral": gettext_lazy("later tax"),
    "tax_refund": gettext_lazy("tax refund"),
    "tax_credit": gettext_lazy("tax credit"),
    "grant": gettext_lazy("grant"),
    "grant_to_worker": gettext_lazy("grant to staff"),
    "subsidy": gettext_lazy("subsidy"),
    "subsidy_to_worker": gettext_lazy("subsidy to staff"),
    "award": gettext_lazy("award"),
    "voucher": gettext_lazy("voucher"),
    "refund": gettext_lazy("money back"),
    "fee_relief": gettext_lazy("lower fees"),
    "rent_relief": gettext_lazy("lower rent"),
    "interest_subsidy": gettext_lazy("interest subsidy"),
    "insurance_subsidy": gettext_lazy("insurance subsidy"),
    "loan": gettext_lazy("loan"),
    "loan_facility": gettext_lazy("loan service"),
    "guarantee": gettext_lazy("guarantee"),
    "risk_sharing": gettext_lazy("risk sharing"),
    "equity": gettext_lazy("equity"),
    "service": gettext_lazy("service"),
    "programme": gettext_lazy("programme"),
    "title": gettext_lazy("title"),
    "right": gettext_lazy("right"),
    "market": gettext_lazy("orders and markets"),
}
#: Groups of kinds, as the library's tabs.
KINDS = {
    "tax": gettext_lazy("Taxes"),
    "money": gettext_lazy("Grants and subsidies"),
    "loan": gettext_lazy("Loans and capital"),
    "fees": gettext_lazy("Fees and rent"),
    "market": gettext_lazy("Orders and markets"),
    "title": gettext_lazy("Titles"),
    "service": gettext_lazy("Services and rights"),
}
LANES = {
    "automatic": gettext_lazy("You need not apply"),
    "self_declared": gettext_lazy("You enter it in your return"),
    "simplified": gettext_lazy("Short application"),
    "application": gettext_lazy("You apply"),
}
LEVELS = {
    "national": gettext_lazy("State policy"),
    "autonomous_region": gettext_lazy("Xinjiang policy"),
    "prefecture": gettext_lazy("Prefecture policy"),
    "county": gettext_lazy("County policy"),
}
PER = {
    "year": gettext_lazy("a year"),
    "month": gettext_lazy("a month"),
    "contract": gettext_lazy("a contract"),
    "once": gettext_lazy("once"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    return icons.icon(name)


@register.filter
def say(words: Words | str | None) -> SafeString:
    """Words in the language of the page; what is in the other language is marked as such."""
    return sentences.marked(sentences.say(words))


@register.filter
def said(words: Words | str | None) -> str:
    """Words in the language of the page as bare text, for a title or a label."""
    return sentences.say(words)


@register.filter
def found(pieces: tuple[Piece, ...]) -> SafeString:
    """A text in pieces, with the words that answered a search marked."""
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>" if p.found else "{}", sentences.marked(p.text)),) for p in pieces)
    )


@register.filter
def fact_name(fact: Fact) -> str:
    """The name of a fact in an owner's words."""
    return sentences.opening(vocabulary.label(fact))


@register.filter
def question_text(fact: Fact) -> str:
    """The question without the remark in brackets at its end, which is set below it as a hint."""
    return _question(fact)[0]


@register.filter
def question_hint(fact: Fact) -> str:
    """The remark in brackets at the end of a question, or nothing."""
    return sentences.opening(_question(fact)[1])


def _question(fact: Fact) -> tuple[str, str]:
    text = sentences.say(fact.question)
    found = REMARK.fullmatch(text)
    return (found[1], found[2]) if found else (text, "")


@register.filter
def language_mark(text: str) -> SafeString | str:
    """The ``lang`` attribute of an element that can hold text only, such as an option, where it is needed."""
    return format_html(' lang="{}"', "zh-CN") if formats.in_english() and sentences.HAN.search(text) else ""


@register.filter
def open_say(words: Words | str | None) -> SafeString:
    """Words as the beginning of a sentence or a line."""
    return sentences.marked(sentences.opening(sentences.say(words)))


@register.filter
def opening(text: str) -> str:
    return sentences.opening(str(text))


@register.filter(expects_localtime=True)
def day(date: dt.date | None) -> SafeString | str:
    """A date that never breaks over two lines; of a moment, the day that it has in Xinjiang's official time."""
    if date is None:
        return ""
    if isinstance(date, dt.datetime):
        date = date.date()
    return format_html('<time class="num" datetime="{}">{}</time>', date.isoformat(), formats.day(date))


@register.filter(expects_localtime=True)
def moment(time: dt.datetime) -> SafeString:
    """A moment, in Xinjiang's official time."""
    return format_html('<time class="num" datetime="{}">{}</time>', time.isoformat(), formats.moment(time))


@register.filter
def last_weekday(days: Sequence[DayLine]) -> Words:
    """The day of the week of the last of these days."""
    return days[-1].weekday


@register.filter
def month_name(first: dt.date) -> str:
    """2026年11月, November 2026."""
    return formats.month(first)


@register.filter
def occasion(key: str) -> str:
    """The occasion of a duty as it is read: 2026年, the fourth quarter of 2026, the number of what it is about."""
    year, _, quarter = key.partition("-Q")
    if year.isdigit() and len(year) == 4:
        if quarter:
            return gettext("quarter %(quarter)s of %(year)s") % {"quarter": quarter, "year": year}
        return gettext("year %(year)s") % {"year": year}
    return gettext("matter %(number)s") % {"number": key.rpartition(":")[2]}


@register.filter
def owner_words(duty: Duty) -> SafeString:
    """Who owes a duty, in general."""
    return open_say(wording.owner_words(duty))


@register.filter
def time_words(duty: Duty) -> SafeString:
    """By when a duty is owed, in general."""
    return open_say(wording.time_words(duty, timezone.localdate()))


@register.filter
def verb_words(verb: str) -> Words:
    """What an event of the journal says was done."""
    return words_of(verb)


@register.filter
def month_day(date: dt.date) -> SafeString:
    """11月24日, 24 November, for lists that have the year in their heading."""
    return format_html('<time class="num" datetime="{}">{}</time>', date.isoformat(), formats.month_day(date))


@register.simple_tag
def big_money(yuan: Decimal | int, per: str = "") -> SafeString:
    """The one large amount of a page, the unit small behind it."""
    amount = formats.money(yuan)
    return format_html("{}{}<small>{}</small>", amount.sign, amount.figure, _after(amount.unit, per))


def _after(unit: str, per: str | None) -> str:
    """What stands after a figure: 元/年 in Chinese, ``a year`` in English."""
    word = str(PER.get(per or "", ""))
    if not word or per == "once":
        return unit
    return f"{unit}/{word}" if unit else word


@register.simple_tag
def amount(yuan: Decimal, per: str | None) -> SafeString:
    """A benefit and its period in running text: 10,218 元/年, ¥10,218 a year."""
    figure = formats.money(yuan)
    after = _after(figure.unit, per)
    return format_html(
        '<span class="num">{}{}{}</span>', figure.sign, figure.figure, f"{formats.NBSP}{after}" if after else ""
    )


@register.filter
def grouped(number: int) -> str:
    """A count with thousands commas."""
    return f"{number:,}"


@register.filter
def verdict_word(standing: str) -> str:
    return str(VERDICTS[standing])


@register.filter
def verdict_colour(standing: str) -> str:
    return COLOURS[standing]


@register.simple_tag
def verdict_tag(standing: str) -> SafeString:
    return format_html(
        '<span class="tag v {}">{}{}</span>', COLOURS[standing], icons.icon(standing), VERDICTS[standing]
    )


@register.filter
def benefit_word(policy: Policy) -> str:
    return str(BENEFITS.get(policy.benefit_type, policy.benefit_type))


@register.filter
def lane_word(policy: Policy) -> str:
    return str(LANES.get(policy.lane, policy.lane))


@register.filter
def level_word(policy: Policy) -> str:
    return str(LEVELS.get(policy.level, policy.level))


@register.inclusion_tag("web/parts/due.html")
def due(policy: Policy, today: dt.date) -> dict[str, Any]:
    return {"due": formats.due(policy.valid_from, policy.valid_to, today)}


@register.filter
def document_number(policy: Policy) -> str:
    """The number of the document, or the words for a document whose number nobody has confirmed."""
    if not policy.document_number or policy.document_number == "unverified":
        return gettext("document number not confirmed")
    return policy.document_number


@register.inclusion_tag("web/parts/evidence.html")
def evidence(policy: Policy) -> dict[str, Any]:
    return {"policy": policy, "confirm": policy.needs_confirmation}


@register.filter
def because(assessment: Assessment) -> SafeString:
    return sentences.because(assessment)


@register.inclusion_tag("web/parts/result.html")
def result_card(assessment: Assessment, today: dt.date, sources: Mapping[str, str] | None = None) -> dict[str, Any]:
    policy = assessment.policy
    amount = formats.money(assessment.amount) if assessment.amount is not None else None
    return {
        "assessment": assessment,
        "policy": policy,
        "standing": assessment.standing,
        "eligible": assessment.verdict == "eligible",
        "certified": assessment.verdict == "eligible" and basis_of_assessment(assessment, sources or {}) == CERTIFIED,
        "today": today,
        "amount": amount,
        "after": _after(amount.unit, assessment.amount_per) if amount else "",
        "question": assessment.ask[0] if assessment.standing == "ask" and assessment.ask else None,
        "change": assessment.changes[0] if assessment.standing in ("near", "no") and assessment.changes else None,
    }


@register.simple_tag
def change_text(changes: ChangeSet) -> SafeString:
    """One set of changes as a sentence."""
    parts = [sentences.say(change.text) for change in changes.changes]
    text = sentences.opening(gettext("; ").join(parts)).rstrip(".。")
    return sentences.marked(gettext("%(changes)s.") % {"changes": text})


def state_of(leaf: Leaf, standing: str) -> str:
    """The verdict's name for one condition."""
    if leaf.verdict is None:
        return "ask"
    if leaf.verdict:
        return "yes"
    return "near" if leaf.decides and standing == "near" else "no"


@register.inclusion_tag("web/parts/condition.html")
def condition_row(leaf: Leaf, assessment: Assessment, answered: Mapping[str, str], back: str) -> dict[str, Any]:
    """One condition: how it stands, the visitor's value, what is asked, where the value comes from."""
    state = state_of(leaf, assessment.standing)
    return {
        "leaf": leaf,
        "state": state,
        "word": STATES[state],
        "colour": COLOURS[state],
        "tinted": leaf.decides and assessment.standing in ("near", "no", "ask") and state != "yes",
        "yours": sentences.yours(leaf) if leaf.readings else "",
        "policy": assessment.policy,
        "sources": [(fact, answered.get(fact.name, "")) for fact in _sources(leaf)],
        "back": back,
    }


def _sources(leaf: Leaf) -> list[Fact]:
    """The facts whose origin is told beside a condition: those that can be asked for, and the size class once."""
    facts = [reading.fact for reading in leaf.readings if reading.fact.askable]
    if any(reading.fact.computed_by == "size_standards" for reading in leaf.readings):
        facts.append(dictionary()["size_class"])
    return facts


@register.inclusion_tag("web/parts/ruler.html")
def ruler(gate: Gate) -> dict[str, Any]:
    """The ruler: ten ticks, what is allowed, the gate, the visitor. Places are percentages of the axis."""
    span = gate.high - gate.low
    if span <= 0:
        return {"gate": None}

    def place(value: float) -> str:
        return f"{min(100.0, max(0.0, 100 * (value - gate.low) / span)):.1f}%"

    at = place(gate.gate)
    below = gate.allowed == "below"
    return {
        "gate": gate,
        "ticks": [(f"{10 * step}%", 9 if step in (0, 5, 10) else 12) for step in range(11)],
        "start": "0%" if below else at,
        "width": at if below else f"{100 - float(at[:-1]):.1f}%",
        "at": at,
        "you": None if gate.value is None else place(gate.value),
        "spoken": _spoken(gate, below),
    }


def _spoken(gate: Gate, below: bool) -> str:
    """The ruler as a sentence; the exact figure of the visitor stands in the text below it."""
    limit = sentences.say(gate.shown_gate)
    if gate.value is None:
        return gettext("The limit is %(limit)s; your figure is not known") % {"limit": limit}
    if (gate.value <= gate.gate) if below else (gate.value >= gate.gate):
        return gettext("Your figure is within the limit of %(limit)s") % {"limit": limit}
    return gettext("Your figure is outside the limit of %(limit)s") % {"limit": limit}


@register.inclusion_tag("web/parts/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """All errors at the head of the page, each a link to its field; forms without data have none."""
    errors = []
    for form in forms:
        for name, messages in (form.errors if form is not None and form.is_bound else {}).items():
            target = next(iter(form.fields)) if name == "__all__" else name
            errors += [(f"{form.prefix + '-' if form.prefix else ''}{target}", message) for message in messages]
    return {"errors": errors}


@register.inclusion_tag("web/parts/pages.html")
def pages(page: Page[Any], query: str, part: str = "") -> dict[str, Any]:
    """Links to the pages of a list; ``query`` is the rest of the address, ``part`` the id of the list on its page."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "numbers": list(numbers),
        "query": f"{query}&" if query else "",
        "part": f"#{part}" if part else "",
        "gap": page.paginator.ELLIPSIS,
    }


@register.filter
def sum_in_words(found: Results) -> str:
    """How the total comes about: how many policies, which amounts, how many without one."""
    yes, counted = len(found.groups["yes"]), len(found.counted)
    amounts = " + ".join(str(formats.money(each.amount)) for each in found.counted if each.amount is not None)
    parts = [
        ngettext("%(n)d policy is open to you.", "%(n)d policies are open to you.", yes) % {"n": yes},
        ngettext("%(n)d has a yearly amount: %(sum)s.", "%(n)d have a yearly amount: %(sum)s.", counted)
        % {"n": counted, "sum": amounts},
    ]
    if offers := len(found.groups["offer"]):
        parts.append(ngettext("%(n)d more you can apply for.", "%(n)d more you can apply for.", offers) % {"n": offers})
    if rest := len(found.uncounted):
        parts.append(
            ngettext("%(n)d depends on what you pay or do.", "%(n)d depend on what you pay or do.", rest) % {"n": rest}
        )
    return (" " if formats.in_english() else "").join(parts)


def _turned(request: HttpRequest | None) -> bool:
    """Whether a demonstration shows this page from right to left, as it will stand in Uyghur: ``?dir=rtl``."""
    return settings.HUIQI_DEMO and request is not None and request.GET.get("dir") == "rtl"


@register.simple_tag(takes_context=True)
def frame(context: template.Context) -> dict[str, Any]:
    """What the frame of every page needs: language and direction, the notice of a demonstration, the hat."""
    language = get_language() or settings.LANGUAGE_CODE
    english = language.startswith("en")
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    hat = hat_of(request) if request is not None and person is not None else None
    actor = Actor.wearing(person, hat) if person is not None else PUBLIC
    return {
        "lang": "zh-CN" if language == "zh-hans" else language,
        "dir": "rtl" if get_language_info(language)["bidi"] or _turned(request) else "ltr",
        "other": ("zh-hans", "zh-CN", "中文") if english else ("en", "en", "English"),
        "demo": settings.HUIQI_DEMO,
        "address": request.get_full_path() if request is not None and request.method == "GET" else reverse("home"),
        "hat": hat,
        "acts_for_firm": actor.own_enterprise is not None,
        "runs_firm": actor.runs_firm is not None,
        "as_agent": actor.delegation is not None,
        "certifies": decides_for_organ(actor),
        "unread": Notice.objects.visible_to(actor).unread().count() if person is not None else 0,
        "desk": actor.works_in_organ and actor.role not in ADMINISTRATORS,
        "admin": actor.role in ADMINISTRATORS,
        "audits": audits(actor),
        "administers_system": administers_system(actor),
        "admin_people": administers_accounts(actor) or audits(actor),
        "drafts": may_draft(actor),
        "keeps_calendar": keeps_calendar(actor),
        "owes": actor.jurisdiction is not None,
        "asking": waiting_for(actor).count() if decides(actor) else None,
        "person": person,
        "initial": person.display_name[:1] if person is not None else "",
        "law_name": Words(
            "新疆维吾尔自治区实施〈中华人民共和国中小企业促进法〉办法", "Xinjiang Measures for the SME Promotion Law"
        ),
    }
