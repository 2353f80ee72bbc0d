"""What the registry lets people do under the law."""

from __future__ import annotations

from huiqi.rules.words import Words

from .hats import decides
from .roster.area import may_import
from .serving import Service, has_account

SERVICES = (
    Service(
        articles=(3,),
        title=Words("代表一家企业", "Act for a firm"),
        description=Words(
            "注册后填信用代码申请。企业负责人或主管部门同意了，你就能看企业的资料，替它填报。",
            "Register and ask with its credit code. Once its owner or the SME authority agrees, you see its file and "
            "declare for it.",
        ),
        address="register_firm",
        pages=("register", "join"),
        audience="enterprise",
        open_to=has_account,
    ),
    Service(
        articles=(3,),
        title=Words("报企业的资料", "Declare facts of your firm"),
        description=Words(
            "填人数、收入、行业这些数，附一份凭证。规模类型和每个结论都按这些数算。",
            "Enter people, revenue, trade and more, with a document that proves them. Your size class and every verdict "
            "rest on them.",
        ),
        address="facts",
        pages=("fact", "withdraw", "evidence"),
        audience="enterprise",
    ),
    Service(
        articles=(3,),
        title=Words("管好谁替企业办事", "See and say who acts for your firm"),
        description=Words(
            "人员、邀请码、委托代理：定范围、定期限，随时改、随时停，从前的也能查。",
            "People, codes, authorised agents: set what and until when, change or end it at any moment, and look up what was.",
        ),
        address="people",
        pages=("invite", "delegate_agency", "end_hat", "withdraw_invitation", "delegation"),
        audience="enterprise",
        open_to=lambda actor: actor.runs_firm is not None,
    ),
    Service(
        articles=(3,),
        title=Words("同意谁能代表你的企业", "Say who may act for your firm"),
        description=Words(
            "有人申请代表你的企业，你来同意或不同意。",
            "When somebody asks to act for your firm, you agree or refuse.",
        ),
        address="requests",
        pages=("request",),
        audience="enterprise",
        open_to=lambda actor: actor.own_enterprise is not None and decides(actor),
    ),
    Service(
        articles=(6,),
        title=Words("审批谁能代表企业", "Decide who may act for a firm"),
        description=Words(
            "中小企业主管部门核对申请人和企业，同意或写明理由不同意。",
            "The SME authority checks who asks and for which firm, and agrees, or refuses with a reason.",
        ),
        address="requests",
        pages=("request", "owner_code"),
        audience="officer",
        open_to=lambda actor: actor.jurisdiction is not None and decides(actor),
    ),
    Service(
        articles=(3, 6),
        title=Words("导入企业名册", "Import a roster of enterprises"),
        description=Words(
            "把本地的企业名册传上来，先试一遍，看清哪一行有问题，再导入。",
            "Upload a roster of your area, try it first, see which rows have problems, and then import it.",
        ),
        address="rosters",
        pages=(
            "roster_columns",
            "roster_template",
            "roster_template_csv",
            "roster_trial",
            "roster_problems",
        ),
        audience="officer",
        open_to=may_import,
    ),
)
