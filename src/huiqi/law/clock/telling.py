"""A reckoning in words: what each day is, and the whole in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from huiqi.rules.sentence import day_words
from huiqi.rules.words import Words

from .calendar import weekday
from .deadlines import Deadline
from .reckoning import (
    COUNTED,
    FALLS_ON_REST,
    LAST,
    MOVING,
    NOT_WORKING,
    PAUSED,
    START,
    Reckoning,
    Walked,
    unit_words,
)

BEGINS = Words("民法典第 201 条", "Civil Code, article 201")
CORRESPONDS = Words("民法典第 202 条", "Civil Code, article 202")
MOVES_ON = Words("民法典第 203 条", "Civil Code, article 203")


@dataclass(frozen=True)
class DayLine:
    """One day: what it is (a word of ``reckoning``), how many days are counted by then, and why."""

    day: dt.date
    what: str
    number: int
    text: Words

    @property
    def weekday(self) -> Words:
        return weekday(self.day)

    @property
    def line(self) -> Words:
        """The day and the reason in one line."""
        return Words(
            f"{self.day}（{self.weekday.zh}）：{self.text.zh}", f"{self.day} ({self.weekday.en}): {self.text.en}"
        )


def day_lines(found: Reckoning) -> list[DayLine]:
    """One line for every day from the event to the last day, in order."""
    return [DayLine(each.day, each.what, each.number, _text(found, each)) for each in found.way]


def _text(found: Reckoning, each: Walked) -> Words:
    text = _plain_text(found, each)
    if each.day == found.unextended and each.what != START and each.day != found.last_day:
        whole = unit_words(found.period.unit, found.period.whole)
        return Words(
            f"{text.zh}；原来的期限到这一天，已延长到一共 {whole.zh}",
            f"{text.en}; without the extension to {whole.en} in all it would end here",
        )
    return text


def _plain_text(found: Reckoning, each: Walked) -> Words:
    period = found.period
    why = period.calendar.why(each.day)
    if each.what == START:
        return Words(f"起算日，当天不算（{BEGINS.zh}）", f"the day of the event, not counted ({BEGINS.en})")
    if each.what == PAUSED:
        pause = next(one for one in period.pauses if one.covers(each.day))
        still = Words("，还没有恢复", ", and still is") if pause.last is None else Words("", "")
        return Words(f"中止（{pause.words.zh}）{still.zh}，不算", f"paused ({pause.words.en}){still.en}, not counted")
    if each.what == NOT_WORKING:
        return Words(f"{why.zh}，不是工作日，不算", f"{why.en}, no working day, not counted")
    if each.what == MOVING:
        return Words(f"{why.zh}，也不是工作日，继续顺延", f"{why.en}, no working day either, it moves on")
    number = _numbered(found, each)
    if each.what == FALLS_ON_REST:
        return Words(
            f"{number.zh}，期间本来到这一天为止，但这天是{why.zh}，顺延到下一个工作日（{MOVES_ON.zh}）",
            f"{number.en}, the period would end, but it is {_a(why.en)}: it moves to the next working day ({MOVES_ON.en})",
        )
    if each.what == COUNTED:
        return number
    return _last_text(found, each, number)


def _last_text(found: Reckoning, each: Walked, number: Words) -> Words:
    assert each.what == LAST
    if found.bound is not None:
        rule = found.bound.rule
        assert rule is not None
        return Words(
            f"{number.zh}；不得超过“{rule.title.zh}”的最长期限，到这一天为止",
            f"{number.en}; it may not pass the longest time for “{rule.title.en}”, so it ends here",
        )
    moved = found.counts[MOVING] > 0
    if moved:
        return Words("工作日，顺延到这一天，期间到此为止", "a working day, to which it moves: the period ends here")
    return Words(f"{number.zh}，期间到这一天为止", f"{number.en}, the period ends here")


def _numbered(found: Reckoning, each: Walked) -> Words:
    """Which day of the period it is; a make-up day says that it is one, the last of a month why it is the last."""
    period = found.period
    special = period.calendar.days.get(each.day)
    if period.unit == "working_day":
        number = Words(f"第 {each.number} 个工作日", f"working day {each.number}")
        if special is not None:
            why = period.calendar.why(each.day)
            return Words(f"{why.zh}，{number.zh}", f"{why.en}, {number.en}")
        return number
    number = Words(f"第 {each.number} 日", f"day {each.number}")
    ends = each.what in (FALLS_ON_REST, LAST) and found.bound is None
    if ends and period.unit in ("month", "year"):
        length = unit_words(period.unit, period.whole)
        return Words(
            f"{number.zh}，满 {length.zh}（{CORRESPONDS.zh}）", f"{number.en}, {length.en} are full ({CORRESPONDS.en})"
        )
    return number


def _a(text: str) -> str:
    return f"a {text}" if text.endswith("day") or text.startswith(("day", "make-up")) else text


def notes(found: Reckoning) -> list[Words]:
    """What else has to be known of the date: the cap, the bound, what the rule itself remarks, what is not confirmed."""
    said: list[Words] = []
    extension = found.period.extension
    if extension is not None and found.period.capped and extension.cap is not None:
        cap = unit_words(found.period.unit, extension.cap)
        said.append(
            Words(
                f"延长不得超过一共 {cap.zh}，按上限算",
                f"No extension goes beyond {cap.en} in all, so the most is taken",
            )
        )
    if found.last_day is None:
        said.append(
            Words(
                "还在中止，恢复之前没有最后一天",
                "The time stands still: until it goes on there is no last day",
            )
        )
    if found.rule is not None and found.rule.note is not None:
        said.append(found.rule.note)
    return said


def sentence(found: Reckoning) -> Words:
    """The whole reckoning in one sentence."""
    period, last = found.period, found.last_day
    length = _length(found)
    start = day_words(found.start)
    if last is None:
        return Words(
            f"{length.zh}，{start.zh}起算，当天不算；现在中止，还没有最后一天。",
            f"{length.en} from {start.en}, that day not counted; it is paused and has no last day yet.",
        )
    end, name = day_words(last), weekday(last)
    parts_zh, parts_en = [], []
    counts = found.counts
    if counts[NOT_WORKING]:
        parts_zh.append(f"{counts[NOT_WORKING]} 天不是工作日，不算")
        parts_en.append(f"{_days(counts[NOT_WORKING])} that are no working days do not count")
    if counts[PAUSED]:
        parts_zh.append(f"{counts[PAUSED]} 天中止，不算")
        parts_en.append(f"{_days(counts[PAUSED])} paused do not count")
    if counts[MOVING]:
        parts_zh.append(f"因休息日顺延 {counts[MOVING]} 天")
        parts_en.append(f"it moves on by {_days(counts[MOVING])} of rest")
    between_zh = "，".join(["", *parts_zh])
    between_en = "; ".join(["", *parts_en])
    extended = Words("（已延长）", " (extended)") if period.extension is not None else Words("", "")
    return Words(
        f"{length.zh}{extended.zh}，{start.zh}起算，当天不算{between_zh}。最后一天是{end.zh}（{name.zh}）。",
        f"{length.en}{extended.en} from {start.en}, that day not counted{between_en}. The last day is {name.en}, {end.en}.",
    )


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _length(found: Reckoning) -> Words:
    period = found.period
    return dates_words(period.dates) if period.dates else unit_words(period.unit, period.whole)


def length_words(rule: Deadline) -> Words:
    """How long a rule gives: 10 个工作日, or the days of every year."""
    return dates_words(rule.dates) if rule.dates else unit_words(rule.unit, rule.length)


def dates_words(dates: Sequence[tuple[int, int]]) -> Words:
    """Days of every year: 每年 3 月 31 日, by 31 March each year."""
    listed = [f"{month} 月 {day} 日" for month, day in dates]
    english = [day_words(dt.date(2000, month, day)).en.removesuffix(" 2000") for month, day in dates]
    return Words(f"每年 {'、'.join(listed)}", f"by {', '.join(english)} each year")
