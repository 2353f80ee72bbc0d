"""What is decided and told in writing under the law."""

from __future__ import annotations

from huiqi.registry.declaring import decides_for_organ
from huiqi.registry.serving import Service, has_account
from huiqi.rules.words import Words

from .letters.reading import writes_letters

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
        articles=(52,),
        title=Words("收书面答复和文书", "Receive written replies and letters"),
        description=Words(
            "机关给你的文书都在这里：受理、补正、延期、答复。打开能看，也能下载。",
            "Letters of offices to you stand here: acceptance, completion, extension, reply. Read them or download them.",
        ),
        address="letters",
        pages=("letter", "letter_file"),
        audience="enterprise",
        open_to=has_account,
    ),
    Service(
        articles=(27,),
        title=Words("选怎么收通知", "Choose how notices come"),
        description=Words(
            "收件箱以外，还可以收邮件或短信；邮件可以每天一封。每条通知怎么发的、什么时候打开的，都看得到。",
            "Beside the inbox they come by e-mail or SMS, at once or once a day. For each you see how it went and when you opened it.",
        ),
        address="notifications",
        pages=("sent_notices",),
        audience="enterprise",
        open_to=has_account,
    ),
    Service(
        articles=(52,),
        title=Words("写文书、审批、签发、送达", "Write, approve, issue and deliver letters"),
        description=Words(
            "按公文格式写，自动编号，签发后不能改。谁写的、谁批的、怎么送的，都有记录。",
            "In the form of official documents, numbered by itself, unchangeable once issued; who wrote, approved and "
            "delivered it is on record.",
        ),
        address="letters",
        pages=("letter_edit", "letter_versions", "letter_picture", "letter_draft"),
        audience="officer",
        open_to=writes_letters,
    ),
    Service(
        articles=(52,),
        title=Words("核验一份文书的真伪", "Check that a letter is genuine"),
        description=Words(
            "输文号和核验码，或者扫二维码，看是不是真的、有没有被改过。不用登录。",
            "Enter its number and code, or scan the square code, and see whether it is genuine and unchanged. No account.",
        ),
        address="verify",
        pages=("verify_code",),
        audience="public",
    ),
    Service(
        articles=(27,),
        title=Words("在自己的日历里看期限", "See deadlines in your own calendar"),
        description=Words(
            "用一个秘密网址，手机或电脑的日历就有你的期限。条目只写种类和编号。",
            "By a secret address the calendar of your phone or computer holds your deadlines. Entries name their kind and number alone.",
        ),
        address="calendar_feeds",
        pages=("calendar_feed",),
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
