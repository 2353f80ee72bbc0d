"""Words for states and reasons of obligations, in both languages."""

from __future__ import annotations

import datetime as dt

from huiqi.registry.vocabulary import KINDS, ORGAN, ORGAN_FUNCTIONS
from huiqi.rules.words import Words

from ..clock import deadline, length_words
from ..models.obligations import NO_ORGAN, NO_OWNER, NOBODY_ABOVE, OVERDUE, STILL_OVERDUE
from .definitions import Duty

#: More functions than these are told as the departments concerned.
_MOST_NAMED = 4

_REASONS = {
    OVERDUE: Words("过了最后一天，还没有办", "the last day is over and it is not done"),
    STILL_OVERDUE: Words("上报后仍没有办", "it is still not done after it climbed"),
    NO_OWNER: Words(
        "这个地方没有机关承担这项义务（办法第 56 条第 2 项）", "no organ of this place owns this duty (article 56(2))"
    ),
    NO_ORGAN: Words("这一级没有对应的机关，跳过", "this level has no such organ and is passed over"),
    NOBODY_ABOVE: Words("上面没有机关了", "there is no organ above"),
}


def reason_words(reason: str) -> Words:
    """Why an obligation climbs, or why a step leads to nobody."""
    return _REASONS[reason]


def owner_words(duty: Duty) -> Words:
    """Who owes a duty, in general: its functions, or the kind of organisation."""
    owner = duty.owner
    if owner.by == "certifier":
        return Words("核定这项事实的部门", "the office that certifies the fact")
    if owner.kind != ORGAN:
        kind = KINDS[owner.kind]
        return Words("大型企业", "large enterprises") if owner.size == "large" else Words(kind.zh, f"every {kind.en}")
    if not owner.functions:
        return (
            Words("每个机关", "every office") if owner.by == "each" else Words("经办的机关", "the office that does it")
        )
    if len(owner.functions) > _MOST_NAMED:
        return Words("有关部门", "the departments concerned")
    named = [ORGAN_FUNCTIONS[function] for function in owner.functions]
    either = owner.choose == "first"
    return Words(
        ("，没有的由" if either else "、").join(each.zh for each in named),
        (", or where there is none " if either else ", ").join(each.en for each in named),
    )


def time_words(duty: Duty, on: dt.date) -> Words:
    """By when a duty is owed, in general."""
    if duty.rule is None:
        assert duty.before is not None
        return duty.before
    return length_words(deadline(duty.rule, on))
