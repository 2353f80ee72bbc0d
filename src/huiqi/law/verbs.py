"""What is done with the law's clock and duties, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "calendar.loaded": Words("载入放假日历", "loaded the calendars of rest days"),
    "calendar.arranged": Words("录入一年的放假安排", "entered the rest days of a year"),
    "duty.opened": Words("列出一项义务", "opened a duty"),
    "duty.warned": Words("提醒快到期的义务", "warned of a duty that is soon due"),
    "duty.climbed": Words("逾期义务上报一级", "let an overdue duty climb one level"),
    "duty.fulfilled": Words("办结一项义务", "fulfilled a duty"),
    "duty.waived": Words("免除一项义务", "waived a duty"),
    "duty.fell_away": Words("一项义务不再需要", "a duty fell away"),
    "duty.list_taken": Words("导出义务清单", "took a list of duties as a file"),
    "duty.redated": Words("重算一项义务的最后一天", "reckoned the last day of a duty anew"),
    # events that open or fulfil duties of the calendar, recorded by officers
    "fee_catalogue.changed": Words("涉企收费目录清单变动", "changed the catalogue of enterprise fees"),
    "fee_catalogue.published": Words("公布涉企收费目录清单", "published the catalogue of enterprise fees"),
    "emergency.declared": Words("宣布或认定突发事件", "declared an emergency"),
    "emergency.package_issued": Words("出台应急帮扶措施", "issued a package of emergency measures"),
}
