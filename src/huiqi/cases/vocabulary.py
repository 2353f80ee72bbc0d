"""The closed lists of cases: who somebody is in a case, how it came in, how it ended."""

from __future__ import annotations

from huiqi.rules.words import Words

COMPLAINANT, RESPONDENT, HANDLER, SUPERIOR, ASSOCIATION, THIRD_PARTY = (
    "complainant",
    "respondent",
    "handler",
    "superior",
    "association",
    "third_party",
)
#: Who somebody is in a case. One person may be several of these.
PARTS: dict[str, Words] = {
    COMPLAINANT: Words("投诉人", "complainant"),
    RESPONDENT: Words("被投诉方", "respondent"),
    HANDLER: Words("承办机关", "handling office"),
    SUPERIOR: Words("上级机关", "office above"),
    ASSOCIATION: Words("协助的协会商会", "association that helps"),
    THIRD_PARTY: Words("第三方", "third party"),
}
#: Parts that a handling office may give to somebody in a case.
INVITED = (ASSOCIATION, THIRD_PARTY)

ONLINE, PHONE, COUNTER, LETTER = "online", "phone", "counter", "letter"
CHANNELS: dict[str, Words] = {
    ONLINE: Words("网上", "online"),
    PHONE: Words("电话", "telephone"),
    COUNTER: Words("窗口", "counter"),
    LETTER: Words("来信", "letter"),
}

SOLVED, PARTLY, REFUSED, PROMISED, KEPT, BROKEN, NOT_OURS, NOT_ACCEPTED, WITHDRAWN, MERGED = (
    "solved",
    "partly",
    "refused",
    "promised",
    "kept",
    "broken",
    "not_ours",
    "not_accepted",
    "withdrawn",
    "merged",
)
#: How a case can end; an ending is never just "closed".
ENDINGS: dict[str, Words] = {
    SOLVED: Words("已解决", "solved"),
    PARTLY: Words("部分解决", "partly solved"),
    REFUSED: Words("不支持，已说明理由", "refused, with reasons"),
    PROMISED: Words("已承诺，待兑现", "promised, still to be kept"),
    KEPT: Words("承诺已兑现", "promised and kept"),
    BROKEN: Words("承诺没有兑现", "promised and not kept"),
    NOT_OURS: Words("不属于本渠道", "not for this channel"),
    NOT_ACCEPTED: Words("不予受理，已说明理由", "not accepted, with reasons"),
    WITHDRAWN: Words("已撤回", "withdrawn"),
    MERGED: Words("并入同一件", "joined to another of the same matter"),
}
#: How the decision in a written reply can be.
DECISIONS = (SOLVED, PARTLY, REFUSED, PROMISED)
#: How a complaint can fail to be accepted.
NOT_TAKEN = (NOT_ACCEPTED, NOT_OURS)

ANSWERS: dict[str, Words] = {
    "yes": Words("解决了", "it is solved"),
    "partly": Words("解决了一部分", "part of it is solved"),
    "no": Words("没有解决", "it is not solved"),
}
