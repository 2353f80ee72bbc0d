"""The size of an enterprise: large, medium, small or micro.

The legal standard is 工信部联企业〔2011〕300号 (the "national SME standard" of article 2 of the SME Promotion Law and of
article 3 of the Xinjiang measures); its indicators and the mapping to GB/T 4754-2017 are those of 国统字〔2017〕213号.
An enterprise belongs to the industry group of its main activity. Each group uses one or two of three indicators:
X persons engaged, Y operating revenue, Z total assets (both in 万元). A class needs *every* used indicator to reach its
lower limit, which belongs to the class; below it the enterprise drops one class, and again until it fits (213号 note 1).

What is not known is not guessed: the result then holds the best and the worst class that are still possible. Figures
are compared as they are, never rounded: 299.9999 万元 is below 300. All limits live in ``data/size_standards.yaml``.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import yaml

from huiqi.rules.words import Words

DATA = Path(__file__).parent / "data"

#: Codes of the columns of ``classify_columns``; NOT_KNOWN stands for NULL.
CLASSES = ("micro", "small", "medium", "large", "not_an_enterprise")
NOT_KNOWN = -1
_LARGE = 3
_NOT_AN_ENTERPRISE = 4

INDICATORS = ("X", "Y", "Z")

#: The fact that holds each indicator.
FACTS = {"X": "employees", "Y": "revenue", "Z": "total_assets"}

CLASS_WORDS = {
    "large": Words("大型", "large"),
    "medium": Words("中型", "medium"),
    "small": Words("小型", "small"),
    "micro": Words("微型", "micro"),
    "not_an_enterprise": Words("不是企业", "not an enterprise"),
}
INDICATOR_WORDS = {
    "X": Words("从业人员", "persons engaged"),
    "Y": Words("营业收入", "operating revenue"),
    "Z": Words("资产总额", "total assets"),
}
_FACT_WORDS = {"industry_code": Words("行业代码", "the industry"), **{FACTS[i]: INDICATOR_WORDS[i] for i in INDICATORS}}


class IndustryCodeProblem(ValueError):
    """An industry code that the classification does not have. ``what`` names the mistake, ``remedy`` how to mend it."""

    def __init__(self, code: str, what: Words, remedy: Words) -> None:
        self.code, self.what, self.remedy = code, what, remedy
        super().__init__(f"{code!r}: {what}. {remedy}")


@dataclass(frozen=True)
class Group:
    """One of the industry groups of a standard.

    ``limits`` maps each used indicator to its lower limits for small, medium and large, in that order.
    """

    id: str
    name: Words
    limits: tuple[tuple[str, tuple[int, int, int]], ...]


@dataclass(frozen=True)
class Outside:
    """Activities for which the standard sets no class; ``reference`` is the group to which one may look instead."""

    name_zh: str
    enterprise: bool
    reference: Group | None


@dataclass(frozen=True)
class Candidates:
    """What an industry code can mean: usually one group, several while the code is too short, all when there is none.

    ``open`` is true while the enterprise may also lie outside the standard, so that no class is certain.
    """

    groups: tuple[Group, ...]
    outside: tuple[Outside, ...]
    open: bool

    @property
    def alike(self) -> bool:
        """Whether every group has the same limits, so that the code no longer matters."""
        return not self.open and len({group.limits for group in self.groups}) == 1


@dataclass(frozen=True, eq=False)  # one object a standard, so that it is a cheap key of caches
class Standard:
    """A standard with its days of validity (both inclusive), its groups and the code prefixes that lead to them."""

    source: str
    document_number: str
    valid_from: dt.date
    valid_to: dt.date | None
    groups: tuple[Group, ...]
    prefixes: Mapping[str, Group | Outside]

    def applies(self, on: dt.date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class SizeColumns(NamedTuple):
    """One small integer an enterprise: an index into CLASSES, or NOT_KNOWN."""

    size_class: npt.NDArray[np.int8]
    best: npt.NDArray[np.int8]
    worst: npt.NDArray[np.int8]


@dataclass(frozen=True)
class SizeResult:
    """The size on a day, and why.

    ``status`` is determined, undetermined, not_covered or not_an_enterprise. ``best`` is the larger and ``worst`` the
    smaller class still possible. ``deciding`` names the indicators that keep the enterprise out of ``next_class`` (all
    used ones for a large enterprise). ``to_next`` gives what each of them lacks, X in persons, Y and Z in 万元.
    ``missing`` names the facts that could still change the class. ``reference`` is the class that a related group would
    give where the standard sets none; it is a hint, never a size.
    """

    status: str
    size_class: str | None = None
    best: str | None = None
    worst: str | None = None
    group: str | None = None
    standard: str | None = None
    deciding: tuple[str, ...] = ()
    next_class: str | None = None
    to_next: Mapping[str, Decimal] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    to_next_text: Words = field(default_factory=lambda: Words("", ""))
    reference: str | None = None


@functools.cache
def _raw() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw: dict[str, Any] = yaml.load((DATA / "size_standards.yaml").read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return raw


def _group(raw: dict[str, Any]) -> Group:
    limits = tuple(
        (i, (raw["limits"]["small"][i], raw["limits"]["medium"][i], raw["limits"]["large"][i])) for i in raw["uses"]
    )
    return Group(raw["id"], Words(raw["name_zh"], raw["name_en"]), limits)


@functools.cache
def standards() -> tuple[Standard, ...]:
    """All standards of the data file, the latest first."""
    raw = _raw()
    sources = {source["id"]: source for source in raw["sources"]}
    found = []
    for entry in raw["standards"]:
        source = sources[entry["source"]]
        groups = {item["id"]: _group(item) for item in raw[entry["groups"]]}
        prefixes: dict[str, Group | Outside] = {}
        for item in raw[entry["groups"]]:
            codes = item["codes"]
            for prefix in (*codes.get("divisions", ()), *codes.get("groups", ()), *codes.get("classes", ())):
                prefixes[prefix] = groups[item["id"]]
        for item in raw[entry["not_covered"]]:
            outside = Outside(item["name_zh"], item.get("enterprise", True), groups.get(item["reference_group"]))
            prefixes.update(dict.fromkeys(item["codes"], outside))
        found.append(
            Standard(
                source["id"],
                source["document_number"],
                dt.date.fromisoformat(source["valid_from"]),
                dt.date.fromisoformat(source["valid_to"]) if source["valid_to"] else None,
                tuple(groups.values()),
                prefixes,
            )
        )
    return tuple(sorted(found, key=lambda standard: standard.valid_from, reverse=True))


def standard_on(on: dt.date) -> Standard | None:
    """The standard that applies on a day, or None before the first one that is held."""
    return next((standard for standard in standards() if standard.applies(on)), None)


@functools.cache
def _sections() -> dict[str, tuple[str, ...]]:
    """Section letter -> its divisions."""
    return {
        letter: tuple(f"{division:02d}" for division in range(int(first), int(last) + 1))
        for letter, (first, last) in _raw()["sections"].items()
    }


@functools.cache
def _section_of_division() -> dict[str, str]:
    return {division: letter for letter, divisions in _sections().items() for division in divisions}


@functools.lru_cache(maxsize=8192)
def read_industry_code(code: str) -> str:
    """The code as the standard writes it: a section letter, or two to four digits.

    Accepts a section letter in front of the digits when both agree. A three- or four-digit code whose division exists
    is accepted even if no list has it, because amendments add classes (GB/T 4754-2017, 第1号修改单 of 2019). Raises
    IndustryCodeProblem.
    """
    text = unicodedata.normalize("NFKC", code).strip().upper()
    found = re.fullmatch(r"([A-Z]?)([0-9]*)", text, re.ASCII)
    remedy = Words(
        "填2至4位数字或一个门类字母；代码按文字填，保留开头的 0",
        "Enter 2 to 4 digits or one section letter; keep the code as text with its leading zero",
    )
    if not found or not text or len(found[2]) > 4 or len(found[2]) == 1:
        raise IndustryCodeProblem(code, Words("不是行业代码", "this is no industry code"), remedy)
    letter, digits = found.groups()
    if letter and letter not in _sections():
        raise IndustryCodeProblem(code, Words(f"没有门类 {letter}", f"there is no section {letter}"), remedy)
    if not digits:
        return str(letter)
    section = _section_of_division().get(digits[:2])
    if section is None:
        raise IndustryCodeProblem(
            code,
            Words(
                f"国民经济行业分类没有大类 {digits[:2]}",
                f"the classification of industries has no division {digits[:2]}",
            ),
            Words("大类是 01 至 97；对照 GB/T 4754-2017 修改", "Divisions run from 01 to 97; see GB/T 4754-2017"),
        )
    if letter and letter != section:
        raise IndustryCodeProblem(
            code,
            Words(
                f"大类 {digits[:2]} 属于门类 {section}，不属于 {letter}",
                f"division {digits[:2]} is in section {section}, not {letter}",
            ),
            Words("只填数字代码", "Enter the digits only"),
        )
    return str(digits)


@functools.lru_cache(maxsize=8192)
def _candidates(standard: Standard, code: str | None) -> Candidates:
    """The groups that a code (as ``read_industry_code`` returns it) can mean. The longest known prefix wins."""
    if code is None:
        return Candidates(standard.groups, (), open=True)
    if code.isdigit():
        for length in (4, 3, 2):
            if code[:length] in standard.prefixes:
                found = [standard.prefixes[code[:length]]]
                break
        else:
            deeper = [target for prefix, target in standard.prefixes.items() if prefix.startswith(code)]
            found = deeper or [target for prefix, target in standard.prefixes.items() if prefix.startswith(code[:2])]
    else:
        divisions = _sections()[code]
        found = [target for prefix, target in standard.prefixes.items() if prefix[:2] in divisions]
    groups = tuple(dict.fromkeys(target for target in found if isinstance(target, Group)))
    outside = tuple(dict.fromkeys(target for target in found if isinstance(target, Outside)))
    return Candidates(groups, outside, open=bool(groups and outside))


Known = Mapping[str, Decimal | int]


def _rank(limits: tuple[int, int, int], value: Decimal | int) -> int:
    """0 micro, 1 small, 2 medium, 3 large: the class that this one indicator reaches."""
    return sum(value >= limit for limit in limits)


def _range(group: Group, known: Known) -> tuple[int, int]:
    """(worst, best) rank. The class is the lowest that a used indicator reaches; an unknown one may reach any."""
    ranks = [_rank(limits, known[i]) if i in known else None for i, limits in group.limits]
    return min(rank or 0 for rank in ranks), min(_LARGE if rank is None else rank for rank in ranks)


def _join(parts: Sequence[str], separator: str, last: str) -> str:
    return last.join(filter(None, [separator.join(parts[:-1]), parts[-1]])) if parts else ""


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _lack(indicator: str, amount: Decimal) -> Words:
    name = INDICATOR_WORDS[indicator]
    if indicator == "X":
        return Words(
            f"{name.zh} {_plain(amount)} 人", f"{_plain(amount)} more {'person engaged' if amount == 1 else name.en}"
        )
    yuan = f"{(amount * 10000).normalize():,f}"
    return Words(f"{name.zh} {_plain(amount)} 万元", f"¥{yuan} more {name.en}")


def _text_to_next(next_class: str | None, to_next: Mapping[str, Decimal], unknown: Iterable[str]) -> Words:
    if next_class is None:
        return Words("已是大型企业，没有更高一级", "Already large; there is no higher class")
    name = CLASS_WORDS[next_class]
    lacks = [_lack(indicator, amount) for indicator, amount in to_next.items()]
    zh = f"成为{name.zh}企业还差：" + _join([lack.zh for lack in lacks], "、", "、")
    en = f"To be {name.en} it lacks " + _join([lack.en for lack in lacks], ", ", " and ")
    open_ = [INDICATOR_WORDS[indicator] for indicator in unknown]
    if open_:
        zh += "；还不知道" + _join([words.zh for words in open_], "、", "、")
        en += "; not known yet: " + _join([words.en for words in open_], ", ", " and ")
    return Words(zh, en)


def _determined(standard: Standard, groups: Sequence[Group], rank: int, known: Known) -> SizeResult:
    size_class = CLASSES[rank]
    next_class = CLASSES[rank + 1] if rank < _LARGE else None
    reached = [(i, limits, _rank(limits, known[i])) for group in groups for i, limits in group.limits if i in known]
    deciding = tuple(i for i in INDICATORS if any(j == i and (rank == _LARGE or r == rank) for j, _, r in reached))
    one = groups[0] if len({group.limits for group in groups}) == 1 else None
    to_next = (
        {
            i: Decimal(limits[rank]) - Decimal(known[i])
            for i, limits in one.limits
            if i in known and known[i] < limits[rank]
        }
        if one and next_class
        else {}
    )
    if one or next_class is None:
        text = _text_to_next(next_class, to_next, [i for i, _ in one.limits if i not in known] if one else [])
    else:
        text = Words(
            f"按可能的各行业都是{CLASS_WORDS[size_class].zh}企业",
            f"It is {size_class} in every industry that is possible",
        )
    return SizeResult(
        "determined",
        size_class,
        size_class,
        size_class,
        group=groups[0].id if len(groups) == 1 else None,
        standard=standard.document_number,
        deciding=deciding,
        next_class=next_class,
        to_next=to_next,
        to_next_text=text,
    )


def _undetermined(standard: Standard, candidates: Candidates, worst: int, best: int, known: Known) -> SizeResult:
    needed = {
        i
        for group in candidates.groups
        for i, _ in group.limits
        if i not in known and len(set(_range(group, known))) > 1
    }
    missing: tuple[str, ...] = () if candidates.alike else ("industry_code",)
    missing += tuple(FACTS[i] for i in INDICATORS if i in needed)
    names = [_FACT_WORDS[name] for name in missing]
    high, low = CLASS_WORDS[CLASSES[best]], CLASS_WORDS[CLASSES[worst]]
    zh = f"{high.zh}到{low.zh}" if best != worst else f"{high.zh}（如在标准所列行业之内）"
    en = f"{high.en} to {low.en}" if best != worst else f"{high.en}, if its industry is one that the standard lists"
    return SizeResult(
        "undetermined",
        None,
        CLASSES[best],
        CLASSES[worst],
        group=candidates.groups[0].id if len(candidates.groups) == 1 else None,
        standard=standard.document_number,
        missing=missing,
        to_next_text=Words(
            f"还不能确定，可能是{zh}；还要知道{_join([n.zh for n in names], '、', '和')}",
            f"Not determined yet: {en}; still to be known: {_join([n.en for n in names], ', ', ' and ')}",
        ),
    )


def _outside(standard: Standard, outside: Sequence[Outside], known: Known) -> SizeResult:
    name = "、".join(item.name_zh for item in outside)
    if not any(item.enterprise for item in outside):
        return SizeResult(
            "not_an_enterprise",
            "not_an_enterprise",
            "not_an_enterprise",
            "not_an_enterprise",
            standard=standard.document_number,
            to_next_text=Words(
                "机关、社会组织等不是企业，不划型", "Public bodies and associations are no enterprises and have no size"
            ),
        )
    references = {_range(item.reference, known) if item.reference else None for item in outside}
    reference = None
    if len(references) == 1:
        found = references.pop()
        if found and found[0] == found[1]:
            reference = CLASSES[found[0]]
    zh, en = f"划型标准不含{name}", "The size standard does not cover this industry"
    if any(item.reference is None for item in outside):
        zh += "，金融机构按银发〔2015〕309号划型"
        en += "; financial institutions follow 银发〔2015〕309号"
    if reference:
        zh += f"；参照相近行业为{CLASS_WORDS[reference].zh}，仅供参考"
        en += f"; by reference to a related industry it would be {CLASS_WORDS[reference].en}, as a hint only"
    return SizeResult("not_covered", standard=standard.document_number, to_next_text=Words(zh, en), reference=reference)


def classify(
    industry_code: str | None,
    employees: int | None,
    revenue: Decimal | None,
    total_assets: Decimal | None,
    on: dt.date,
) -> SizeResult:
    """The size on day ``on``. None means not known; revenue and assets are in 万元.

    Raises IndustryCodeProblem for a code that the classification does not have. For a day before the first standard
    that is held (18 June 2011) the status is not_covered and ``standard`` is None.
    """
    code = None if industry_code is None else read_industry_code(industry_code)
    standard = standard_on(on)
    if standard is None:
        first = standards()[-1].valid_from
        return SizeResult(
            "not_covered",
            to_next_text=Words(f"{first} 之前的划型标准没有收录", f"No size standard is held for days before {first}"),
        )
    known = {
        indicator: value
        for indicator, value in zip(INDICATORS, (employees, revenue, total_assets), strict=True)
        if value is not None
    }
    candidates = _candidates(standard, code)
    if not candidates.groups:
        return _outside(standard, candidates.outside, known)
    ranges = [_range(group, known) for group in candidates.groups]
    worst, best = min(low for low, _ in ranges), max(high for _, high in ranges)
    if worst == best and not candidates.open:
        return _determined(standard, candidates.groups, worst, known)
    return _undetermined(standard, candidates, worst, best, known)


def classify_columns(
    industry_code: Sequence[str | None] | pa.Array | pa.ChunkedArray,
    employees: npt.NDArray[np.float64],
    revenue: npt.NDArray[np.float64],
    total_assets: npt.NDArray[np.float64],
    on: dt.date,
) -> SizeColumns:
    """``classify`` for whole columns; nan and null mean not known, revenue and assets are in 万元.

    A code that the classification does not have counts as not known. Equal to ``classify`` for figures with at most
    four decimals, because a limit is an integer and no such figure below it is rounded up to it in float64.
    """
    count = len(employees)
    size_class, best, worst = (np.full(count, NOT_KNOWN, np.int8) for _ in range(3))
    standard = standard_on(on)
    if standard is None or count == 0:
        return SizeColumns(size_class, best, worst)

    codes = (
        industry_code
        if isinstance(industry_code, (pa.Array, pa.ChunkedArray))
        else pa.array(industry_code, pa.string())
    )
    if isinstance(codes, pa.ChunkedArray):
        codes = codes.combine_chunks()
    encoded = codes if isinstance(codes, pa.DictionaryArray) else codes.dictionary_encode()
    profiles: dict[Candidates, int] = {}
    # The last place of the table stands for null, which numpy reaches by the index -1.
    table = [
        profiles.setdefault(_lenient(standard, code), len(profiles)) for code in (*encoded.dictionary.to_pylist(), None)
    ]
    indices = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    profile_of_row = np.asarray(table, np.int32)[indices]

    values = dict(zip(INDICATORS, (employees, revenue, total_assets), strict=True))
    for candidates, number in profiles.items():
        rows = np.flatnonzero(profile_of_row == number)
        if not candidates.groups:
            if not any(item.enterprise for item in candidates.outside):
                size_class[rows] = best[rows] = worst[rows] = _NOT_AN_ENTERPRISE
            continue
        low = np.full(len(rows), _LARGE, np.int8)
        high = np.zeros(len(rows), np.int8)
        for group in candidates.groups:
            group_low, group_high = np.full(len(rows), _LARGE, np.int8), np.full(len(rows), _LARGE, np.int8)
            for indicator, limits in group.limits:
                figures = values[indicator][rows]
                rank = np.zeros(len(rows), np.int8)
                for limit in limits:
                    rank += figures >= limit
                np.minimum(group_low, rank, out=group_low)
                np.minimum(group_high, np.where(np.isnan(figures), _LARGE, rank), out=group_high)
            np.minimum(low, group_low, out=low)
            np.maximum(high, group_high, out=high)
        best[rows], worst[rows] = high, low
        if not candidates.open:
            size_class[rows] = np.where(high == low, high, NOT_KNOWN)
    return SizeColumns(size_class, best, worst)


def _lenient(standard: Standard, code: str | None) -> Candidates:
    """Candidates of a code as it was stored; one that does not exist counts as not known."""
    try:
        return _candidates(standard, None if code is None else read_industry_code(code))
    except IndustryCodeProblem:
        return _candidates(standard, None)


def _of_facts(facts: Mapping[str, Any], on: dt.date) -> SizeResult:
    employees, revenue, total_assets = (facts.get(FACTS[indicator]) for indicator in INDICATORS)
    try:
        return classify(facts.get("industry_code"), employees, revenue, total_assets, on)
    except IndustryCodeProblem:
        return classify(None, employees, revenue, total_assets, on)


def complete(facts: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """A copy of the facts with ``reference_date`` and the size filled in; what is not known stays absent.

    A ``size_class`` that is given (a written decision of the authority of article 29 of 国令第802号, or an earlier
    snapshot) wins over the figures and fills the best and the worst class. An industry code that does not exist counts
    as not known.
    """
    completed = {name: value for name, value in facts.items() if value is not None}
    day = completed.setdefault("reference_date", on)
    given = completed.get("size_class")
    if given is not None:
        completed.setdefault("size_class_best", given)
        completed.setdefault("size_class_worst", given)
        return completed
    if "size_class_best" in completed and "size_class_worst" in completed:
        if completed["size_class_best"] == completed["size_class_worst"]:
            completed["size_class"] = completed["size_class_best"]
        return completed
    result = _of_facts(completed, day)
    for name, value in (
        ("size_class", result.size_class),
        ("size_class_best", result.best),
        ("size_class_worst", result.worst),
    ):
        if value is not None:
            completed.setdefault(name, value)
    return completed


def needed_for_size(facts: Mapping[str, Any], on: dt.date) -> tuple[str, ...]:
    """The facts that could still change the size class, empty once it is certain or given."""
    best, worst = facts.get("size_class_best"), facts.get("size_class_worst")
    if facts.get("size_class") is not None or (best is not None and best == worst):
        return ()
    return _of_facts(facts, facts.get("reference_date") or on).missing


def classify_financial(kind: str, assets_yi: Decimal | int | float) -> str:
    """The class of a financial institution by 银发〔2015〕309号 from its total assets in 亿元 (trust assets for trusts).

    ``kind`` is an id of the data file such as microloan_pawn; financing guarantee companies follow other_financial
    (item 9). Raises ValueError for another kind.
    """
    types = {item["id"]: item for item in _raw()["financial_enterprises"]["types"]}
    if kind not in types:
        raise ValueError(f"{kind!r} is no kind of financial institution; one of: {', '.join(types)}")
    limits = types[kind]
    return CLASSES[_rank((limits["small"], limits["medium"], limits["large"]), Decimal(str(assets_yi)))]
