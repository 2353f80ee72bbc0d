"""What can be done about a wrong under the law."""

from __future__ import annotations

from huiqi.registry.serving import Service
from huiqi.rules.words import Words

#: Articles that protect a firm, under which it complains: property, promises, inspections, payment, fees, forced acts.
PROTECTED = (46, 47, 48, 49, 50, 51, 52, 56)

SERVICES = (
    Service(
        articles=PROTECTED,
        title=Words("投诉举报", "Complain or report"),
        description=Words(
            "五分钟，手机就能办，不用注册。马上给编号和期限；被投诉的单位和它的下级不办这一件；机关要书面答复你。",
            "Five minutes on a phone, no account. Number and dates at once; neither the office complained of nor one under it handles it; "
            "you are answered in writing.",
        ),
        address="complain",
        pages=("complain_step", "complain_receipt", "complain_later", "complain_resume", "complain_forget"),
        audience="public",
    ),
    Service(
        articles=PROTECTED,
        title=Words("查我的诉求", "Follow my complaint"),
        description=Words(
            "凭编号和密钥，或者登录，看到了哪一步、接下来做什么、到哪天、书面答复。没解决，可以要求重新办。",
            "By number and secret, or signed in: where it stands, what comes next and by when, the written reply. Not solved? Have it taken up again.",
        ),
        address="case_find",
        pages=("cases", "case", "case_step", "case_afterwards", "case_file", "case_letter"),
        audience="public",
    ),
)
