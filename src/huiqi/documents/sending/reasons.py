"""Why something was not sent, or failed: words without addresses, and never what a server answered."""

from __future__ import annotations

from huiqi.rules.words import Words

READ, OFF, NO_CONTACT, NO_READER, CLOSED, TOO_OLD, NO_CHANNEL, DONE = (
    "read",
    "off",
    "no_contact",
    "no_reader",
    "closed",
    "too_old",
    "no_channel",
    "done",
)
NO_CONNECTION, NO_ENTRY, REFUSED, BUSY, INTERRUPTED, NO_ANSWER, WRONG_ANSWER = (
    "no_connection",
    "no_entry",
    "refused",
    "busy",
    "interrupted",
    "no_answer",
    "wrong_answer",
)

REASONS: dict[str, Words] = {
    # judged again when it was to be sent
    READ: Words("已经看过了", "it was read before"),
    OFF: Words("这类消息没选这种方式", "this kind of news is not wanted by this way"),
    NO_CONTACT: Words("没有确认过的地址或号码", "there is no confirmed address or number"),
    NO_READER: Words("已经没有看这条通知的身份", "the role that reads this notice has ended"),
    CLOSED: Words("账号停用了", "the account is closed"),
    TOO_OLD: Words("太旧，已不算消息", "it was too old to be news"),
    NO_CHANNEL: Words("这里没有开通这种方式", "this way is not set up here"),
    DONE: Words("已经办了，不用再提醒", "it was done meanwhile, and needs no warning"),
    # tried
    NO_CONNECTION: Words("连不上发送的服务器", "the server that sends could not be reached"),
    NO_ENTRY: Words("发送的服务器不认我们的口令", "the server that sends did not accept our password"),
    REFUSED: Words("对方不收这个地址或号码", "the address or number was refused"),
    BUSY: Words("发送的服务器忙", "the server that sends was busy"),
    INTERRUPTED: Words("发到一半断了，不知道发没发成", "it was interrupted; whether it was sent is not known"),
    NO_ANSWER: Words(
        "发送的服务器没有回话，不知道发没发成", "the server gave no answer; whether it was sent is not known"
    ),
    WRONG_ANSWER: Words("发送的服务器答得不对", "the server that sends answered something wrong"),
}
