"""Words for states and reasons of obligations, in both languages."""

from __future__ import annotations

from huiqi.rules.words import Words

from ..models.obligations import NO_ORGAN, NO_OWNER, NOBODY_ABOVE, OVERDUE, STILL_OVERDUE

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
