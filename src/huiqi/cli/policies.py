"""``huiqi policies``: check, list and search the policy library."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import click

from huiqi.opportunities.checking import check_folder
from huiqi.opportunities.library import policy_folder
from huiqi.opportunities.search import BENEFIT_GROUPS, search

from .explain import library_of
from .text import Day, dump, language_option


@click.group("policies")
def policies_group() -> None:
    """政策库 / the policy library."""


@policies_group.command("check", epilog="例 / example:  huiqi policies check policies")
@click.argument("folder", required=False)
@language_option
@click.option("--json", "as_json", is_flag=True, help="JSON 输出 / output as JSON.")
def check_command(folder: str | None, lang: str, as_json: bool) -> None:
    """核对 FOLDER 里的政策文件：格式、表达式、日期、互相引用。

    Check the policy files in FOLDER: schema, expressions, dates, links. Exits 1 when something is wrong.
    """
    try:
        count, findings = check_folder(Path(folder) if folder else policy_folder())
    except FileNotFoundError as error:
        raise click.UsageError(f"没有政策文件 / {error}") from None
    if as_json:
        click.echo(
            dump(
                {
                    "policies": count,
                    "findings": [
                        {"file": f.file, "field": f.field, "zh": f.what.zh, "en": f.what.en} for f in findings
                    ],
                }
            )
        )
    else:
        for finding in findings:
            click.echo(f"{finding.file}: {finding.field}: {finding.what.of(lang)}")
        click.echo(
            f"{count} policies, {len(findings)} findings" if lang == "en" else f"{count} 项政策，{len(findings)} 处问题"
        )
    sys.exit(1 if findings else 0)


@policies_group.command("search", epilog="例 / example:  huiqi policies search 招大学生补贴 --open-on 2026-11-24")
@click.argument("text", required=False, default="")
@click.option("--benefit", type=click.Choice(list(BENEFIT_GROUPS)), help="好处的种类 / kind of benefit.")
@click.option("--body", help="发文机关 / issuing body.")
@click.option("--region", help="地区代码 / region code.")
@click.option("--industry", help="行业代码 / industry code.")
@click.option("--open-on", type=Day(), help="这一天有效的 / open on this day.")
@click.option("--deadline-before", type=Day(), help="在这一天或之前截止的 / ending on or before this day.")
@click.option("--policies", help="政策库文件夹 / folder of the policy library.")
@language_option
@click.option("--json", "as_json", is_flag=True, help="JSON 输出 / output as JSON.")
def search_command(
    text: str,
    benefit: str | None,
    body: str | None,
    region: str | None,
    industry: str | None,
    open_on: dt.date | None,
    deadline_before: dt.date | None,
    policies: str | None,
    lang: str,
    as_json: bool,
) -> None:
    """按词、同义词、拼音或文号找政策。没有 TEXT 时列出全部。

    Find policies by words, synonyms, pinyin or document number; without TEXT all are listed. Entries on hold are not
    shown.
    """
    hits = search(
        text,
        benefit=benefit,
        body=body,
        region=region,
        industry=industry,
        open_on=open_on,
        deadline_before=deadline_before,
        of=library_of(policies),
    )
    for hit in hits:
        if as_json:
            click.echo(
                dump(
                    {
                        "policy": hit.policy.id,
                        "title_zh": hit.policy.title.zh,
                        "title_en": hit.policy.title.en,
                        "score": round(hit.score, 3),
                    }
                )
            )
        else:
            click.echo(f"{hit.policy.id}\t{hit.policy.title.of(lang)}")
