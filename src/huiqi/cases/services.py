"""What can be done about a wrong under the law."""

from __future__ import annotations

from huiqi.registry.serving import Service
from huiqi.rules.words import Words

from .permissions import handles_cases, leads_cases

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
    # the desk of an office
    Service(
        articles=(52, 54, 56),
        title=Words("办理诉求", "Handle complaints"),
        description=Words(
            "按期限排好的待办：受理、补正、转办、调查、延期、决定、书面答复、回访，每一步都有记录。",
            "The queue by deadline: accept, complete, pass on, investigate, extend, decide, reply in writing, follow up, each on record.",
        ),
        address="desk_cases",
        pages=(
            "desk_cases_file",
            "desk_case",
            "desk_case_archive",
            "desk_case_clock",
            "desk_case_file",
            "procedure",
        ),
        audience="officer",
        open_to=handles_cases,
    ),
    Service(
        articles=(52,),
        title=Words("代登记电话和窗口诉求", "Take down complaints by telephone and at the counter"),
        description=Words(
            "企业打电话、来窗口、寄信的，代它登记，打印回执。",
            "Whoever calls, comes or writes gets a number, a secret and a printed receipt too.",
        ),
        address="desk_case_new",
        audience="officer",
        open_to=handles_cases,
    ),
    Service(
        articles=(52, 54),
        title=Words("办理负荷和交接", "Load of the office and handing over"),
        description=Words(
            "谁手上有多少、哪些逾期、哪些转来转去，请假时一次交接。",
            "How much stands with whom, what is overdue, what was passed on; and handing over for leave.",
        ),
        address="case_load",
        audience="officer",
        open_to=leads_cases,
    ),
    Service(
        articles=(56,),
        title=Words("核查保护提醒", "Look into sealed alerts"),
        description=Words(
            "企业投诉后被检查、被处罚、丢了订单的，提醒只给上级监督人员。",
            "What befell whoever complained, by the office complained of: read by supervisors of the organ above alone.",
        ),
        address="case_alerts",
        audience="officer",
        open_to=leads_cases,
    ),
)
