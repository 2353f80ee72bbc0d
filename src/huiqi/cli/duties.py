"""``huiqi duties``: what the day brings for the duties of the measures, or what it would bring."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click

from huiqi.rules.words import Words

from .text import Day, dump, language_option, today


@click.command("duties", epilog="例 / example:  huiqi duties --dry-run")
@click.option("--dry-run", is_flag=True, help="只说会做什么，不做 / say what would be done, do nothing.")
@click.option(
    "--on",
    type=Day(),
    default=today,
    show_default="today / 今天",
    help="按哪一天；以后的日子只能试算 / the day; a day to come with --dry-run only.",
)
@click.option("--json", "as_json", is_flag=True, help="用 JSON 输出 / answer as JSON.")
@language_option
def duties_command(dry_run: bool, on: dt.date, as_json: bool, lang: str) -> None:
    """列出当期的义务，提醒快到期的，把逾期的上报一级。

    Open the duties of the period, warn of what is soon due, let what is overdue climb to the organ above. The service
    does it by itself every hour; nobody who has acted is warned or reported.
    """
    if on != today() and not dry_run:
        raise click.UsageError("别的日子只能试算：加上 --dry-run / another day is for --dry-run only")
    from .project import database, prepare

    with database():
        prepare()
        from huiqi.journal import sealing
        from huiqi.law.duties.reading import read_all, waiting
        from huiqi.law.duties.running import plan, run

        if dry_run:
            found = _planned(plan(on), waiting(), lang)
        else:
            sealing.seal()
            heard, done = read_all(), run(on)
            found = {
                "on": on,
                "events": heard.events,
                "opened": heard.opened + done.opened,
                "closed": heard.closed + done.closed,
                "warned": done.warned,
                "climbed": done.climbed,
                "redated": heard.redated + done.redated,
            }
        _say(found, as_json, lang)


def _planned(planned: Any, waiting: int, lang: str) -> dict[str, Any]:
    """What a run would do, as it is printed: one entry an obligation that would be warned of or climb."""
    from huiqi.law.duties.wording import reason_words

    def about(obligation: Any) -> dict[str, Any]:
        organ = obligation.organ
        return {
            "obligation": obligation.pk,
            "duty": obligation.duty,
            "title": obligation.definition.title.of(lang),
            "occasion": obligation.occasion,
            "organ": organ.name.of(lang) if organ is not None else None,
            "due": obligation.due,
        }

    return {
        "on": planned.today,
        "events_to_read": waiting,
        "open": [
            {
                "duty": opening.duty.id,
                "title": opening.duty.title.of(lang),
                "occasion": opening.period.key,
                "due": opening.due,
                "owners": sum(each.organ is not None for each in opening.owing),
                "without_owner": sum(each.organ is None for each in opening.owing),
                "too_late": opening.too_late,
            }
            for opening in planned.openings
        ],
        "warn": [about(obligation) for obligation in planned.warnings],
        "climb": [
            about(climb.obligation)
            | {
                "to": climb.reaches.name.of(lang) if climb.reaches is not None else None,
                "reasons": [reason_words(above.reason or climb.reason).of(lang) for above in climb.way],
            }
            for climb in planned.climbs
        ],
        "acted": [about(obligation) | {"event": event.pk} for obligation, event in planned.closed],
    }


_LABELS = {
    "events": Words("读了日志", "events read"),
    "events_to_read": Words("还没读的日志", "events still to read"),
    "opened": Words("列出义务", "duties opened"),
    "closed": Words("办结", "closed"),
    "warned": Words("提醒", "warned of"),
    "climbed": Words("上报一级", "climbed"),
    "redated": Words("重算最后一天", "given another day"),
}
_LISTS = {
    "open": Words("会列出", "would open"),
    "warn": Words("会提醒", "would warn of"),
    "climb": Words("会上报", "would climb"),
    "acted": Words("已经办了，不提醒也不上报", "has acted: neither warned nor reported"),
}


def _say(found: dict[str, Any], as_json: bool, lang: str) -> None:
    if as_json:
        click.echo(dump(found))
        return
    click.echo(str(found["on"]))
    for name, value in found.items():
        if name in _LABELS:
            click.echo(f"{_LABELS[name].of(lang)}\t{value:,}")
        for line in value if name in _LISTS else ():
            cells = (
                line.get("organ"),
                line.get("owners"),
                line.get("due"),
                line.get("to"),
                "；".join(line.get("reasons", ())),
            )
            shown = "\t".join(str(cell) for cell in cells if cell not in (None, ""))
            late = (
                Words("（日期已过，不列出）", " (its day has passed: not opened)").of(lang)
                if line.get("too_late")
                else ""
            )
            click.echo(f"{_LISTS[name].of(lang)}\t{line['title']} {line['occasion']}{late}\t{shown}")
