"""What is done with documents and notices, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "notice.sent": Words("发出通知", "sent a notice"),
    "notice.read": Words("看了通知", "read a notice"),
    "notice.all_read": Words("把通知都标为已读", "marked all notices as read"),
    "notice.dispatched": Words("安排发出通知", "planned the sending of notices"),
    "dispatch.begun": Words("开始发通知", "began to send notices"),
    "dispatch.ended": Words("记下通知发没发成", "noted what became of notices that were sent"),
    "dispatch.interrupted": Words("记下发送中断了", "noted that sending was interrupted"),
    "dispatch.confirmed": Words("记下短信送达", "noted that a short message was delivered"),
    "dispatch.retried": Words("让没发成的再发一次", "had notices that failed sent again"),
    "contact.asked": Words("给邮箱或手机发验证码", "had a code sent to an address or a number"),
    "contact.confirmed": Words("确认了邮箱或手机", "confirmed an address or a number"),
    "contact.removed": Words("删了邮箱或手机", "removed an address or a number"),
    "sending.chosen": Words("选了怎么收通知", "chose how notices come"),
    "calendar.made": Words("建了日历订阅", "made a calendar feed"),
    "calendar.revoked": Words("收回了日历订阅", "revoked a calendar feed"),
}
