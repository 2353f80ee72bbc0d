"""What is done with opportunities, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "draft.begun": Words("起草政策", "began the draft of a policy"),
    "draft.saved": Words("保存草案", "saved a draft"),
    "draft.withdrawn": Words("放弃草案", "gave a draft up"),
    "policy.published": Words("发布政策", "published a policy"),
    "profile.saved": Words("保存回答", "saved answers"),
    "profile.emptied": Words("删除保存的回答", "deleted saved answers"),
    "notices.sent": Words("发出到期和新政策通知", "sent notices of deadlines and new policies"),
    "match.renewed": Words("重新匹配并通知", "matched anew and told who is concerned"),
}
