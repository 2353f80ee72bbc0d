"""A question to the clock as outside users write it, in a file, to the API or on the page, and the answer to it.

The question is a mapping: ``rule``, or ``unit`` and ``length``; ``start``; ``pauses`` (each ``from``, ``to``, ``reason``);
``extension`` (``total`` and ``cap``) or nothing; ``calendar``. The form is in ``docs/command-line.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from huiqi.rules.words import Words

from .calendar import Calendar, known_calendar
from .deadlines import UNITS, Deadline, deadline, pause_reasons
from .problems import MISSING, UNKNOWN, WRONG, ClockProblem
from .reckoning import MOST, Extension, Pause, Period, Reckoning, reckon, reckon_rule, unit_words
from .telling import DayLine, day_lines, notes, sentence

HERE = ZoneInfo("Asia/Shanghai")
FIELDS = ("id", "rule", "unit", "length", "start", "pauses", "extension", "calendar")
MOST_PAUSES = 100

#: The fields in words, for messages; the name that the file has stands behind in Chinese.
NAMES: dict[str, Words] = {
    "start": Words("起算日（start）", "start"),
    "calendar": Words("日历（calendar）", "calendar"),
    "length": Words("长度（length）", "length"),
    "unit": Words("单位（unit）", "unit"),
    "total": Words("延长后的总长度（total）", "total"),
    "cap": Words("延长的上限（cap）", "cap"),
    "from": Words("中止的第一天（from）", "from"),
    "to": Words("中止的最后一天（to）", "to"),
    "reason": Words("中止的理由（reason）", "reason"),
}
#: What is written there, where nothing is.
EXAMPLES = {
    "start": "2026-11-24",
    "calendar": "xinjiang",
    "length": "10",
    "unit": "working_day",
    "total": "90",
    "from": "2026-11-24",
    "reason": "supplement",
}


@dataclass(frozen=True)
class Answer:
    """The last day and how it comes about. ``last_day`` is None while the time stands still.

    ``warnings`` are what the asker should look at; ``notes`` belong to the rule. ``last_moment`` is there for hours.
    """

    last_day: dt.date | None
    days: tuple[DayLine, ...]
    sentence: Words
    rule: Deadline | None
    reckoning: Reckoning | None
    notes: tuple[Words, ...]
    warnings: tuple[Words, ...]
    last_moment: dt.datetime | None = None

    def as_mapping(self, language: str) -> dict[str, Any]:
        """The answer as the documented JSON object, its sentences in one language."""
        found: dict[str, Any] = {
            "last_day": self.last_day.isoformat() if self.last_day else None,
            "days": [each.line.of(language) for each in self.days],
            "sentence": self.sentence.of(language),
        }
        if self.rule is not None:
            found |= {
                "rule": self.rule.id,
                "kind": self.rule.kind,
                "label": self.rule.label.of(language),
                "source": self.rule.source.of(language),
                "confidence": self.rule.confidence,
            }
        if self.last_moment is not None:
            found["last_moment"] = self.last_moment.isoformat()
        for name in ("notes", "warnings"):
            if said := getattr(self, name):
                found[name] = [each.of(language) for each in said]
        return found


def ask(raw: Any, calendar_of: Callable[[str], Calendar]) -> Answer:
    """Answer one question. ``calendar_of`` gives a calendar by its code. Raises ClockProblem, which names the field."""
    if not isinstance(raw, Mapping):
        raise ClockProblem(
            WRONG,
            "",
            Words("这一行不是一个对象", "this is no object"),
            Words('写成 {"rule": ..., "start": ...}', 'Write {"rule": ..., "start": ...}'),
        )
    moment = _start(raw.get("start"))
    start = moment.astimezone(HERE).date() if isinstance(moment, dt.datetime) else moment
    rule = _rule(raw, start)
    if rule is not None and rule.unit == "hour":
        return _hours(rule, moment, raw)
    calendar = calendar_of(known_calendar(_needed(raw, "calendar")))
    pauses, extension = _pauses(raw.get("pauses")), _extension(raw.get("extension"))
    if rule is not None:
        found = reckon_rule(rule, start, calendar, [_coded(pause) for pause in pauses], extension)
    else:
        unit = _unit(raw)
        length = _whole(_needed(raw, "length"), "length")
        found = reckon(Period(unit, length, start, calendar, tuple(pauses), extension))  # type: ignore[arg-type]
    return Answer(
        found.last_day,
        tuple(day_lines(found)),
        sentence(found),
        rule,
        found,
        tuple(notes(found)),
        (*_unlisted(pauses if rule is None else ()), *_unread(raw)),
    )


def _hours(rule: Deadline, moment: dt.date | dt.datetime, raw: Mapping[str, Any]) -> Answer:
    """A time in hours runs from its moment on, through nights and rest days (Civil Code, article 201)."""
    if not isinstance(moment, dt.datetime):
        raise ClockProblem(
            WRONG,
            "start",
            Words(
                f"“{rule.title.zh}”按小时算，start 只有日期",
                f"the time for “{rule.title.en}” is in hours, and start is a day only",
            ),
            Words("写成 2026-11-24T10:30:00+08:00", "Write it as 2026-11-24T10:30:00+08:00"),
        )
    for name in ("pauses", "extension"):
        if raw.get(name):
            raise ClockProblem(
                WRONG,
                name,
                Words(
                    f"“{rule.title.zh}”的期限不能中止、不能延长",
                    f"the time for “{rule.title.en}” is never paused or extended",
                ),
                Words(f"去掉 {name}", f"Leave {name} out"),
            )
    begins, ends = moment.astimezone(HERE), moment.astimezone(HERE) + dt.timedelta(hours=rule.length)
    length = unit_words("hour", rule.length)
    days = (
        DayLine(begins.date(), "start", 0, Words(f"{begins:%H:%M} 起算（民法典第 201 条）", f"it begins at {begins:%H:%M} (Civil Code, article 201)")),
        DayLine(ends.date(), "last", rule.length, Words(f"{ends:%H:%M} 满 {length.zh}", f"{length.en} are full at {ends:%H:%M}")),
    )  # fmt: skip
    return Answer(
        ends.date(),
        days,
        Words(
            f"{length.zh}，{begins:%Y-%m-%d %H:%M} 起算，到 {ends:%Y-%m-%d %H:%M} 为止。",
            f"{length.en} from {begins:%Y-%m-%d %H:%M} to {ends:%Y-%m-%d %H:%M}.",
        ),
        rule,
        None,
        (),
        tuple(_unread(raw)),
        ends,
    )


def _needed(raw: Mapping[str, Any], name: str) -> Any:
    value = raw.get(name)
    if value is None or value == "":
        raise ClockProblem(
            MISSING,
            name,
            Words(f"没有写{NAMES[name].zh}", f"{NAMES[name].en} is missing"),
            Words(f"例如写 {EXAMPLES[name]}", f"Write for example {EXAMPLES[name]}"),
        )
    return value


def _start(raw: Any) -> dt.date | dt.datetime:
    if isinstance(raw, str) and len(raw) > 10:
        try:
            moment = dt.datetime.fromisoformat(raw)
        except ValueError:
            raise _no_day("start", raw) from None
        if moment.tzinfo is None:
            raise ClockProblem(
                WRONG,
                "start",
                Words(f"start 的时间“{raw[:40]}”没有时区", f"the time in start, {raw[:40]!r}, has no offset"),
                Words("写成 2026-11-24T10:30:00+08:00", "Write it as 2026-11-24T10:30:00+08:00"),
            )
        try:
            moment.astimezone(HERE)
        except OverflowError:
            raise _no_day("start", raw) from None
        return moment
    return read_day(_needed({"start": raw}, "start"), "start")


def read_day(raw: Any, name: str) -> dt.date:
    """A day as YYYY-MM-DD. Raises ClockProblem that names the field."""
    if isinstance(raw, dt.date):
        return raw
    try:
        if not isinstance(raw, str) or len(raw) != 10:
            raise ValueError
        return dt.date.fromisoformat(raw)
    except ValueError:
        raise _no_day(name, raw) from None


def _no_day(name: str, raw: Any) -> ClockProblem:
    shown = str(raw)[:40]
    return ClockProblem(
        WRONG,
        name,
        Words(f"{NAMES[name].zh}的“{shown}”不是日期", f"{NAMES[name].en}: {shown!r} is no day"),
        Words("写成 2026-11-24", "Write it as 2026-11-24"),
    )


def _rule(raw: Mapping[str, Any], start: dt.date) -> Deadline | None:
    name = raw.get("rule")
    if name is None or name == "":
        return None
    if raw.get("unit") is not None or raw.get("length") is not None:
        raise ClockProblem(
            WRONG,
            "rule",
            Words("rule 和 unit、length 只能写一样", "rule and unit with length are given both"),
            Words("按规则算就去掉 unit 和 length", "To go by the rule leave unit and length out"),
        )
    return deadline(name, start)


def _unit(raw: Mapping[str, Any]) -> str:
    unit = _needed(raw, "unit")
    if not isinstance(unit, str) or unit not in MOST:
        shown = str(unit)[:40]
        raise ClockProblem(
            UNKNOWN,
            "unit",
            Words(f"没有叫“{shown}”的单位", f"there is no unit {shown!r}"),
            Words(
                "可用的有：" + "、".join(f"{each}（{UNITS[each].zh}）" for each in MOST),
                f"Take one of: {', '.join(MOST)}",
            ),
        )
    return unit


def _whole(raw: Any, name: str) -> int:
    """A whole number, also one that is written as text or as 10.0."""
    value = raw
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) <= 9:
        value = int(value)
    if (
        isinstance(value, Decimal)
        and value.is_finite()
        and abs(value.adjusted()) < 9
        and value == value.to_integral_value()
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        shown = str(raw)[:40]
        raise ClockProblem(
            WRONG,
            name,
            Words(f"{NAMES[name].zh}的“{shown}”不是整数", f"{NAMES[name].en}: {shown!r} is no whole number"),
            Words("写成 10", "Write 10"),
        )
    return value


def _pauses(raw: Any) -> list[Pause]:
    if raw is None:
        return []
    if not isinstance(raw, (list, tuple)) or not all(isinstance(each, Mapping) for each in raw):
        raise ClockProblem(
            WRONG,
            "pauses",
            Words("pauses 不是中止的列表", "pauses is no list of pauses"),
            Words(
                '写成 [{"from": "2026-11-24", "to": "2026-11-27", "reason": "supplement"}]',
                'Write [{"from": "2026-11-24", "to": "2026-11-27", "reason": "supplement"}]',
            ),
        )
    if len(raw) > MOST_PAUSES:
        raise ClockProblem(
            WRONG,
            "pauses",
            Words(f"中止超过 {MOST_PAUSES} 次", f"there are more than {MOST_PAUSES} pauses"),
            Words("合并相连的中止", "Join those that touch"),
        )
    return [
        Pause(
            read_day(_needed(each, "from"), "from"),
            None if each.get("to") in (None, "") else read_day(each["to"], "to"),
            str(_needed(each, "reason")).strip()[:200],
        )
        for each in raw
    ]


def _coded(pause: Pause) -> Pause:
    """The pause with the code of its reason, also where the reason is written out in words."""
    for code, reason in pause_reasons().items():
        if pause.reason in (reason.words.zh, reason.words.en):
            return Pause(pause.first, pause.last, code)
    return pause


def _extension(raw: Any) -> Extension | None:
    if raw is None:
        return None
    if not isinstance(raw, Mapping):
        raise ClockProblem(
            WRONG,
            "extension",
            Words("extension 不是一个对象", "extension is no object"),
            Words(
                '写成 {"total": 90, "cap": 90}，没有延长就写 null', 'Write {"total": 90, "cap": 90}, or null for none'
            ),
        )
    cap = raw.get("cap")
    return Extension(_whole(_needed(raw, "total"), "total"), None if cap in (None, "") else _whole(cap, "cap"))


def _unlisted(pauses: tuple[Pause, ...] | list[Pause]) -> list[Words]:
    """A warning for each reason that no law in the list gives: without a rule it is counted all the same."""
    return [
        Words(
            f"中止的理由“{reason}”不在法定理由之列，请核对依据",
            f"the reason {reason!r} is not among the lawful ones: check what it rests on",
        )
        for reason in dict.fromkeys(_coded(pause).reason for pause in pauses)
        if reason not in pause_reasons()
    ]


def _unread(raw: Mapping[str, Any]) -> list[Words]:
    """A warning for each field that is not read, so that a slip of the pen does not pass for an answer."""
    return [
        Words(f"没有读取“{str(name)[:40]}”：没有这个字段", f"{str(name)[:40]!r} is not read: there is no such field")
        for name in raw
        if name not in FIELDS
    ]
