"""What the pages themselves do under the law: they show it."""

from __future__ import annotations

from huiqi.registry.serving import Service, has_account
from huiqi.rules.words import Words

SERVICES = (
    Service(
        articles=(54,),
        title=Words("看发生了什么", "See what happened"),
        description=Words(
            "日志记下每个人做的每件事：谁、什么身份、哪一条、什么时候、之前和之后。只增不改。",
            "The journal keeps every act of everybody: who, in which role, under which article, when, before and after. "
            "It is added to and never changed.",
        ),
        address="journal",
        pages=("event", "event_proof"),
        audience="enterprise",
        open_to=has_account,
    ),
    Service(
        articles=(54,),
        title=Words("查验日志没被改过", "Check that the journal was not changed"),
        description=Words(
            "每个区块的散列都公布在这里，谁都可以抄下来；有一份证明，不靠我们也能查验。",
            "The hash of every block is published here for anybody to note down; a proof can be checked without us.",
        ),
        address="blocks",
        pages=("checker",),
        audience="public",
    ),
    Service(
        articles=(27,),
        title=Words("在一处搜", "Search in one place"),
        description=Words(
            "输一个词，政策、法规、帮助一起找。", "Type a word, and policies, the law and help are searched at once."
        ),
        address="search",
        audience="public",
    ),
    Service(
        articles=(27,),
        title=Words("看帮助", "Read the help pages"),
        description=Words(
            "结果怎么看、金额怎么来、数据谁能看、打哪个电话，用大白话写。",
            "How to read a result, where an amount comes from, who sees your data, whom to call, in plain words.",
        ),
        address="help",
        pages=("help_page",),
        audience="public",
    ),
    Service(
        articles=(27,),
        title=Words("看法规，搜法规", "Read and search the law"),
        description=Words(
            "每条的原文和英文译文，写明现在能办什么、有哪些政策。",
            "Every article in Chinese and English, with what can be done under it and the policies that rest on it.",
        ),
        address="law",
        pages=("article",),
        audience="public",
    ),
    Service(
        articles=(6,),
        title=Words("工作台", "The desk"),
        description=Words(
            "等你办的事、本单位的草案和已发布的政策，都在一页上。",
            "What waits for you, the drafts of your office and what it has published, on one page.",
        ),
        address="desk",
        audience="officer",
        open_to=lambda actor: actor.works_in_organ,
    ),
)
