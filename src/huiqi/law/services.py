"""What the law itself lets people do: see how a date comes about."""

from __future__ import annotations

from huiqi.registry.serving import Service
from huiqi.rules.words import Words

from .duties.closing import recordable
from .permissions import keeps_calendar, sees_board, sees_plan

SERVICES = (
    Service(
        articles=(52,),
        title=Words("算期限", "Reckon a deadline"),
        description=Words(
            "从哪天起、几个工作日、到哪天为止，一天一天写明白，可以打印。",
            "From which day, how many working days, until when: told day by day, ready to be printed.",
        ),
        address="clock",
        pages=("clock_rules", "clock_api", "calendar"),
        audience="public",
    ),
    Service(
        articles=(52,),
        title=Words("维护放假日历", "Keep the calendar of rest days"),
        description=Words(
            "录入全国和自治区每年的放假、调休安排。所有期限都按它算。",
            "Enter each year's arrangement of rest days and make-up days. Every deadline is reckoned by it.",
        ),
        address="calendars",
        pages=("calendar_year",),
        audience="officer",
        open_to=keeps_calendar,
    ),
    Service(
        articles=(6, 54),
        title=Words("义务看板", "The board of duties"),
        description=Words(
            "本单位和下级欠着哪些法定义务，哪天到期，逾期上报到哪里，每一步写明理由。",
            "What your office and those below it owe under the law, until when, and to whom it has climbed, each step with its reason.",
        ),
        address="duties",
        pages=("duties_file", "duty", "duty_evidence"),
        audience="officer",
        open_to=sees_board,
    ),
    Service(
        articles=(9, 50),
        title=Words("记下引发义务的事", "Record what opens a duty"),
        description=Words(
            "宣布了突发事件、收费目录有变动，在这里记一笔，期限从那天起算。",
            "An emergency was declared, a catalogue of fees has changed: record it, and the time runs from that day.",
        ),
        address="duty_occasion",
        audience="officer",
        open_to=lambda actor: bool(recordable(actor)),
    ),
    Service(
        articles=(54,),
        title=Words("看下一次会上报什么", "See what would climb next"),
        description=Words(
            "不动数据，先看会列出、提醒、上报哪些，理由是什么。",
            "What would be opened, warned of and reported next, and why; nothing is changed.",
        ),
        address="duty_plan",
        audience="officer",
        open_to=sees_plan,
    ),
)
