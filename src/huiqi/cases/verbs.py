"""What is done with cases, as the journal tells it."""

from huiqi.rules.words import Words

from .procedures import PROCEDURES

VERBS = {
    "case.filed": Words("登记了诉求", "registered a complaint"),
    "case.taken_up": Words("确定了承办人", "gave a case to an officer"),
    "case.message": Words("在案件里留言", "wrote a message in a case"),
    "case.note": Words("写了内部记录", "wrote an internal note"),
    "case.file_added": Words("添加了附件", "added a file"),
    "case.file_checked": Words("检查了附件", "checked a file"),
    "case.file_taken": Words("下载了附件", "took a file"),
    "case.task": Words("记了一件事", "wrote down a task"),
    "case.task_done": Words("办完一件事", "did a task"),
    "case.conflict": Words("申报了利益冲突", "declared a conflict of interest"),
    "case.party": Words("请人参加", "invited somebody to take part"),
    "case.party_released": Words("请参加的人退出", "released somebody who took part"),
    "case.watched": Words("发出了保护提醒", "raised a sealed alert"),
    "case.alert_seen": Words("核查了保护提醒", "looked into a sealed alert"),
    "case.archived": Words("导出了案卷", "took the file of a case"),
    "case.warned": Words("提醒快到最后一天", "warned that the last day of a case comes near"),
    "case.climbed": Words("把逾期的诉求上报", "let an overdue case climb"),
    "case.redated": Words("重新算了最后一天", "reckoned the last day of a case anew"),
    "case.list_taken": Words("下载了案件清单", "took a list of cases"),
    **{f"case.{event}": step.done for procedure in PROCEDURES.values() for event, step in procedure.steps.items()},
}
