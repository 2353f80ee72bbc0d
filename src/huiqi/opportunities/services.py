"""What people do with policies under the law. Which articles a policy rests on stands in the policy, not here."""

from __future__ import annotations

from huiqi.registry.serving import Service
from huiqi.rules.words import Words

from .drafting import may_draft
from .review import checks

#: Where the measures ask for the review of normative documents while they are drafted.
_REVIEW_OF_DOCUMENTS = 53

SERVICES = (
    Service(
        articles=(4, 27),
        title=Words("查能享受哪些政策", "Find what you may have"),
        description=Words(
            "答几道题，看能享受哪些、为什么、怎么办。不用登录，不收钱；数据一样，结论就一样。",
            "Answer a few questions and see what you may have, why, and how to claim it. No account, no charge; the "
            "same figures give everybody the same answer.",
        ),
        address="home",
        pages=("question", "question_about", "answers", "forget", "results", "why", "share", "shared"),
        audience="public",
    ),
    Service(
        articles=(3,),
        title=Words("看是不是中小企业", "See whether you are an SME"),
        description=Words(
            "填行业、人数、收入，我们按国家划型标准算规模类型。结果在“逐条看为什么”里。",
            "Give trade, people and revenue, and we work out your size class by the national standard. It stands in "
            "“Why, point by point” of each result.",
        ),
        address="home",
        audience="public",
    ),
    Service(
        articles=(27,),
        title=Words("翻政策库", "Look through the policies"),
        description=Words(
            "按地方、行业、时间找，每项写明给什么、谁能享受、怎么办、依据哪份文件。",
            "Search by place, trade and time. Each says what you get, who may have it, how to claim it and which "
            "document it rests on.",
        ),
        address="policies",
        pages=("policy",),
        audience="public",
    ),
    Service(
        articles=(27,),
        title=Words("看自己的首页", "See your own page"),
        description=Words(
            "新政策、快截止的、一年能拿多少、资料还缺哪些，都在一页上。",
            "What is new, what ends soon, what it comes to in a year and what is still missing, on one page.",
        ),
        address="owner_home",
        pages=("save_answers",),
        audience="enterprise",
        open_to=lambda actor: actor.own_enterprise is not None or (actor.person is not None and actor.hat is None),
    ),
    Service(
        articles=(5,),
        title=Words("起草和发布惠企政策", "Draft and publish policies"),
        description=Words(
            "边写边看惠及多少企业、花多少钱。发布后，能享受的企业会收到提醒。",
            "See while you write how many firms it reaches and what it costs. Once it is published, firms that may have "
            "it are told.",
        ),
        address="drafts",
        pages=("draft_begin", "draft", "draft_live", "draft_compare"),
        audience="officer",
        open_to=may_draft,
    ),
    Service(
        articles=tuple(sorted({check.article for check in checks()} | {_REVIEW_OF_DOCUMENTS})),
        title=Words("公平竞争审查", "Fair-competition review"),
        description=Words(
            "起草时逐条查：法规不许的条件发不出去，要审查的先写明理由。",
            "Each condition is checked while you draft: what the law forbids cannot be published, and what needs review "
            "needs a reason first.",
        ),
        address="drafts",
        audience="officer",
        open_to=may_draft,
    ),
)
