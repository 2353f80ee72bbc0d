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
    "letter.opened": Words("打开文书", "opened a letter"),
    "letter.code_set": Words("设机关代字", "set the code of an organ"),
    "notice.all_read": Words("把通知都标为已读", "marked all notices as read"),
}
