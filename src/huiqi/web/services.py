"""What the pages themselves do under the law: they show it."""

from __future__ import annotations

from huiqi.registry.serving import Service
from huiqi.rules.words import Words

SERVICES = (
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
)
