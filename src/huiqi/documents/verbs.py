"""What is done with documents and notices, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "notice.sent": Words("发出通知", "sent a notice"),
    "notice.read": Words("看了通知", "read a notice"),
    "notice.all_read": Words("把通知都标为已读", "marked all notices as read"),
}
