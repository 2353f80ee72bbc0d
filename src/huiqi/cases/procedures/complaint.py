"""The complaint or report of a firm (articles 52 and 56 of the measures)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from statemachine import State

from huiqi.rules.words import Words

from ..vocabulary import ASSOCIATION, COMPLAINANT, HANDLER, RESPONDENT, SUPERIOR
from .base import Procedure, Step

if TYPE_CHECKING:
    from ..models import Case

_BOTH = (COMPLAINANT, HANDLER, SUPERIOR, ASSOCIATION)
_OFFICE = (HANDLER, SUPERIOR)
_HEARD = (COMPLAINANT, HANDLER, SUPERIOR, RESPONDENT, ASSOCIATION)


class Complaint(Procedure):
    """Registered first and judged later; ended only by a written reply that has been delivered.

    A case cannot be answered before its reply is delivered; it goes to another office only while it is not accepted and not
    settled by the office above; it may be taken up again after every ending.
    """

    key = "complaint"
    title = Words("投诉和举报", "complaint or report")

    received = State("已登记", initial=True)
    supplementing = State("待补正")
    handling = State("调查处理中")
    paused = State("中止")
    decided = State("已作决定，待送达")
    answered = State("已书面答复")
    refused = State("不予受理")
    withdrawn = State("已撤回")
    merged = State("已并案")

    ask_correction = received.to(supplementing)
    supplement = supplementing.to(received)
    accept = received.to(handling)
    refuse = received.to(refused) | supplementing.to(refused)
    transfer = received.to(received, cond="may_go_on")
    settle = received.to(received, cond="went_on")
    ask_statement = handling.to(handling, cond="has_respondent")
    state_position = handling.to(handling, cond="respondent_was_asked")
    pause = handling.to(paused)
    resume = paused.to(handling)
    extend = handling.to(handling, cond="not_extended")
    decide = handling.to(decided)
    take_back = decided.to(handling, cond="reply_is_not_issued")
    answer = decided.to(answered, cond="reply_is_delivered")
    withdraw = (
        received.to(withdrawn) | supplementing.to(withdrawn) | handling.to(withdrawn) | paused.to(withdrawn)
        | decided.to(withdrawn, cond="reply_is_not_issued")
    )  # fmt: skip
    merge = received.to(merged) | handling.to(merged)
    unmerge = merged.to(received, cond="was_received") | merged.to(handling, cond="was_handling")
    reopen = answered.to(handling) | refused.to(handling) | withdrawn.to(handling)
    follow_up = answered.to(answered)
    rate = answered.to(answered)

    state_words: ClassVar = {
        "received": Words("已登记", "registered"),
        "supplementing": Words("待补正", "waiting for what is missing"),
        "handling": Words("调查处理中", "being investigated"),
        "paused": Words("中止", "standing still"),
        "decided": Words("已作决定，待送达", "decided, the letter is on its way"),
        "answered": Words("已书面答复", "answered in writing"),
        "refused": Words("不予受理", "not accepted"),
        "withdrawn": Words("已撤回", "withdrawn"),
        "merged": Words("已并案", "joined to another case"),
    }

    steps: ClassVar = {
        "accept": Step(
            words=Words("受理", "Accept"),
            done=Words("受理了", "accepted"),
            by=(HANDLER,),
            shown_to=_BOTH,
            starts=("finish",),
            stops=("accept",),
            letter="acceptance",
        ),
        "ask_correction": Step(
            words=Words("要求补正", "Ask for what is missing"),
            done=Words("要求补正", "asked for what is missing"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("text",),
            letter="correction",
        ),
        "refuse": Step(
            words=Words("不予受理", "Do not accept"),
            done=Words("不予受理", "did not accept"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("kind_of_refusal", "reason"),
            stops=("accept",),
            letter="non_acceptance",
        ),
        "transfer": Step(
            words=Words("转给别的机关", "Pass on to another office"),
            done=Words("转给了别的机关", "passed on"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("organ", "reason"),
            letter="transfer",
        ),
        "settle": Step(
            words=Words("指定责任机关", "Name the responsible office"),
            done=Words("指定了责任机关", "named the responsible office"),
            by=(SUPERIOR,),
            shown_to=_BOTH,
            needs=("organ", "reason"),
            heads=True,
        ),
        "supplement": Step(
            words=Words("补正", "Add what was missing"),
            done=Words("补正了", "added what was missing"),
            by=(COMPLAINANT, HANDLER),
            shown_to=_BOTH,
            needs=("text",),
        ),
        "ask_statement": Step(
            words=Words("请被投诉方说明", "Ask the other side for its statement"),
            done=Words("请被投诉方说明", "asked the other side for its statement"),
            by=(HANDLER,),
            shown_to=(HANDLER, SUPERIOR, RESPONDENT),
            needs=("text",),
        ),
        "state_position": Step(
            words=Words("作出说明", "Give the statement"),
            done=Words("作了说明", "gave a statement"),
            by=(RESPONDENT, HANDLER),
            shown_to=(HANDLER, SUPERIOR, RESPONDENT),
            needs=("text",),
        ),
        "pause": Step(
            words=Words("中止", "Let the time stand still"),
            done=Words("中止了", "let the time stand still"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("pause", "reason"),
        ),
        "resume": Step(
            words=Words("恢复办理", "Go on"),
            done=Words("恢复办理", "went on"),
            by=(HANDLER,),
            shown_to=_BOTH,
        ),
        "extend": Step(
            words=Words("延期", "Extend the time"),
            done=Words("延期了", "extended the time"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("reason",),
            heads=True,
            letter="extension",
        ),
        "decide": Step(
            words=Words("作出决定", "Decide"),
            done=Words("作了决定", "decided"),
            by=(HANDLER,),
            shown_to=_OFFICE,
            needs=("decision", "text", "basis"),
            letter="reply",
        ),
        "take_back": Step(
            words=Words("收回决定，继续调查", "Take the decision back"),
            done=Words("收回了决定", "took the decision back"),
            by=(HANDLER,),
            shown_to=_OFFICE,
            needs=("reason",),
        ),
        "answer": Step(
            words=Words("办结", "Close"),
            done=Words("书面答复已送达，办结", "closed: the written reply was delivered"),
            by=(HANDLER,),
            shown_to=_HEARD,
            starts=("follow_up_first", "follow_up_second"),
            stops=("finish",),
        ),
        "merge": Step(
            words=Words("并案", "Join to another case"),
            done=Words("并案了", "joined to another case"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("case", "reason"),
        ),
        "unmerge": Step(
            words=Words("取消并案", "Separate again"),
            done=Words("取消了并案", "separated again"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("reason",),
        ),
        "follow_up": Step(
            words=Words("记录回访", "Record a follow-up"),
            done=Words("回访了", "followed up"),
            by=(HANDLER,),
            shown_to=_BOTH,
            needs=("answer", "kept", "text"),
            articles=(52, 56),
        ),
        "rate": Step(
            words=Words("说说解决了没有", "Say whether it was solved"),
            done=Words("作了评价", "said whether it was solved"),
            by=(COMPLAINANT,),
            shown_to=_BOTH,
            needs=("answer", "courtesy", "comment"),
        ),
        "reopen": Step(
            words=Words("没有解决，重新办理", "Take it up again"),
            done=Words("重新办理", "taken up again"),
            by=(COMPLAINANT, SUPERIOR),
            shown_to=_BOTH,
            needs=("reason",),
            starts=("finish",),
            stops=("follow_up_first", "follow_up_second"),
        ),
        "withdraw": Step(
            words=Words("撤回", "Withdraw"),
            done=Words("撤回了", "withdrew"),
            by=(COMPLAINANT, HANDLER),
            shown_to=_BOTH,
            needs=("asked_by", "reason"),
            stops=("accept", "finish"),
        ),
    }

    # --- guards -------------------------------------------------------------------------------------------------------

    @property
    def case(self) -> Case:
        found: Case = self.model
        return found

    def may_go_on(self) -> bool:
        """The office above has not yet named the responsible office."""
        return not self.case.settled

    def went_on(self) -> bool:
        """It has been passed on at least once, and nobody above has named the responsible office."""
        return not self.case.settled and self.case.stays.count() > 1

    def has_respondent(self) -> bool:
        return self.case.respondent_id is not None or bool(self.case.respondent_name)

    def respondent_was_asked(self) -> bool:
        return bool(self.case.told_to_respondent)

    def not_extended(self) -> bool:
        return not self.case.extended

    def reply_is_delivered(self) -> bool:
        """The written reply to the present decision has been issued and delivered."""
        from ..replies import delivered_reply

        return delivered_reply(self.case)

    def reply_is_not_issued(self) -> bool:
        from ..replies import issued_reply

        return not issued_reply(self.case)

    def was_received(self) -> bool:
        return (self.case.before_merge or {}).get("state") == "received"

    def was_handling(self) -> bool:
        return (self.case.before_merge or {}).get("state") == "handling"


Complaint.check()
