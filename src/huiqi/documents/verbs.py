"""What is done with documents and notices, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "notice.sent": Words("发出通知", "sent a notice"),
    "notice.read": Words("看了通知", "read a notice"),
    "letter.drafted": Words("起草文书", "drafted a letter"),
    "letter.revised": Words("修改文书", "revised a letter"),
    "letter.approved": Words("审批文书", "approved a letter"),
    "letter.sent_back": Words("退回文书", "sent a letter back"),
    "letter.issued": Words("签发文书", "issued a letter"),
    "letter.delivered": Words("送达文书", "delivered a letter"),
    "letter.mail_begun": Words("开始用邮件送文书", "began to send a letter by e-mail"),
    "letter.mail_failed": Words("邮件没有送到", "noted that a letter did not go out by e-mail"),
    "letter.opened": Words("打开文书", "opened a letter"),
    "letter.code_set": Words("设机关代字", "set the code of an organ"),
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
