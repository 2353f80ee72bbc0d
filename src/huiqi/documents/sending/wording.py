"""The words of a message outside. What may stand there, and why no more, says :mod:`huiqi.documents.sending`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from huiqi.rules.words import Words

from ..addresses import address_of
from ..kinds import kind_of
from ..models import Notice
from ..models.sending import EMAIL
from .channels import Message

#: A letter lists so many notices, and counts the rest.
MOST_LINES = 20
#: A number is cut off after so many letters.
MOST_NUMBER = 40
_NOT_IN_A_LINE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def one_line(text: str, most: int) -> str:
    """The text in one line of at most so many letters: no line break, no control character."""
    return _NOT_IN_A_LINE.sub(" ", text).strip()[:most].strip()


def number_of(notice: Notice) -> str:
    """The number under which a notice is known outside, in one line."""
    return one_line(kind_of(notice.kind).number(notice), MOST_NUMBER)


def line_of(notice: Notice) -> Words:
    """All that is said of a notice outside: what kind of news, and its number."""
    news, number = kind_of(notice.kind).news, number_of(notice)
    return Words(f"{news.zh}，编号 {number}", f"{news.en}, No. {number}")


def message_of(channel: str, key: str, language: str, notices: Sequence[Notice]) -> Message:
    """One message of one or several notices, in the language of whoever gets it."""
    count = len(notices)
    lines = [line_of(each).of(language) for each in notices[:MOST_LINES]]
    inbox, choose = address_of("inbox"), address_of("notifications")
    english = language.startswith("en")
    if count == 1:
        subject = Words("惠企：有一条新消息", "Huiqi: a new message").of(language)
    else:
        subject = Words(f"惠企：有 {count} 条新消息", f"Huiqi: {count} new messages").of(language)
    if channel != EMAIL:
        what = lines[0] if count == 1 else Words(f"{count} 条新消息", f"{count} new messages").of(language)
        text = f"Huiqi: {what}. Sign in to read: {inbox}" if english else f"【惠企】{what}。登录后看：{inbox}"
        return Message(key, subject, text)
    if count > MOST_LINES:
        more = count - MOST_LINES
        lines.append(Words(f"另有 {more} 条", f"and {more} more").of(language))
    listed = "\n".join(f"- {line}" for line in lines)
    if english:
        text = (
            f"Your inbox at Huiqi has something new:\n\n{listed}\n\nSign in to read it:\n{inbox}\n\n"
            f"A letter like this never says what the matter is and names nobody.\nChoose what comes by e-mail:\n{choose}\n"
        )
    else:
        text = (
            f"惠企的收件箱里有新消息：\n\n{listed}\n\n登录后看内容：\n{inbox}\n\n"
            f"这样的信不写是什么事，也不写任何人的名字。\n哪些消息发邮件，在这里选：\n{choose}\n"
        )
    return Message(key, subject, text)


def code_message(key: str, language: str, code: str) -> Message:
    """The message by which somebody shows that an address or a number is hers."""
    if language.startswith("en"):
        text = f"Huiqi: your code is {code}, good for 15 minutes. Not you? Then do nothing. We never ask for it by telephone."
        return Message(key, "Huiqi: your code", text)
    text = f"【惠企】验证码 {code}，15 分钟内有效。不是你要的就不用管。我们不会打电话问你要它。"
    return Message(key, "惠企：验证码", text)
