"""What is decided and told in writing under the law."""

from __future__ import annotations

from huiqi.registry.declaring import decides_for_organ
from huiqi.registry.serving import Service, has_account
from huiqi.rules.words import Words

SERVICES = (
    Service(
        articles=(27,),
        title=Words("收新政策和到期的提醒", "Hear of new policies and of deadlines"),
        description=Words(
            "有新政策你能享受，或者快到截止日，收件箱里会有一条。",
            "When a new policy fits you, or a last day comes near, a notice stands in your inbox.",
        ),
        address="inbox",
        pages=("read_notice", "read_all"),
        audience="enterprise",
        open_to=has_account,
    ),
    Service(
        articles=(3,),
        title=Words("核定企业报的资料", "Certify what firms declare"),
        description=Words(
            "看填的数和凭证，核定、更正或不核定。结果和理由写进企业的收件箱。",
            "See the value and its proof, then certify, correct or refuse. The firm reads the outcome and the reason in "
            "its inbox.",
        ),
        address="certify",
        pages=("declaration", "correct"),
        audience="officer",
        open_to=decides_for_organ,
    ),
)
