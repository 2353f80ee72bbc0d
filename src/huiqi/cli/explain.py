"""``huiqi explain``: what a policy, or every policy, means for one enterprise, and why."""

from __future__ import annotations

import datetime as dt
import difflib
import sys
from pathlib import Path
from typing import Any, TextIO

import click
import yaml

from huiqi.opportunities.assess import Assessment, Leaf, assess
from huiqi.opportunities.library import Library, load_library, policy_folder

from .text import dump, language_option, load_json, on_option, plain, read_facts, read_text, write_to

_WORD = {
    "yes": ("可以享受", "You may have this"),
    "offer": ("可以申请", "You can apply"),
    "near": ("差一项", "One thing missing"),
    "no": ("暂不符合", "Not now"),
    "ask": ("还不能判断", "Cannot tell yet"),
    "closed": ("未开放或已到期", "Not open or expired"),
}
_MARK = {True: "✓", False: "✗", None: "?"}


def library_of(policies: str | None) -> Library:
    """The library of a folder given on the command line, else of the installation; a usage error when there is none."""
    try:
        return load_library(Path(policies) if policies else policy_folder())
    except FileNotFoundError as error:
        raise click.UsageError(f"没有政策文件 / {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError, yaml.YAMLError) as error:
        raise click.UsageError(
            f"政策文件有错，用 huiqi policies check 查看 / a policy file is wrong, see huiqi policies check: {error}"
        ) from None


@click.command(
    "explain",
    epilog='例 / example:  echo \'{"legal_form": "individual_business", "vat_type": "small_scale", "monthly_sales": "8.6"}\' | '
    "huiqi explain --policy vat-small-scale-exempt --facts - --on 2026-11-24 --json",
)
@click.option("--policy", "policy_id", help="政策编号 / id of the policy.")
@click.option("--all", "every", is_flag=True, help="所有政策，一行一项 / every policy, one a line.")
@click.option(
    "--facts",
    "facts_file",
    required=True,
    help="事实：JSON 对象的文件，- 为标准输入 / facts as a JSON object, - for standard input.",
)
@click.option("--policies", help="政策库文件夹 / folder of the policy library.")
@on_option
@language_option
@click.option("--json", "as_json", is_flag=True, help="JSON 输出 / output as JSON.")
@click.option("-o", "--output", help="写到这个文件 / write to this file.")
def explain_command(
    policy_id: str | None,
    every: bool,
    facts_file: str,
    policies: str | None,
    on: dt.date,
    lang: str,
    as_json: bool,
    output: str | None,
) -> None:
    """一家企业为什么够条件或不够，还要问什么，改什么就够。

    Why an enterprise is eligible or not, what is still worth asking, and what would change the answer. All facts
    count as certified.
    """
    if every == (policy_id is not None):
        raise click.UsageError("用 --policy ID 或 --all，二选一 / give either --policy ID or --all")
    chosen = library_of(policies)
    policy = chosen.get(policy_id) if policy_id is not None else None
    if policy_id is not None and policy is None:
        near = difflib.get_close_matches(policy_id, chosen.policies, n=1)
        hint = f"；是不是 {near[0]}？ / did you mean {near[0]}?" if near else ""
        raise click.UsageError(f"没有政策 {policy_id} / there is no policy {policy_id}{hint}")
    try:
        raw = load_json(read_text(facts_file))
    except ValueError as error:
        raise click.UsageError(f"{facts_file} 不是有效的 JSON / is not valid JSON: {error}") from None
    facts, problems = read_facts(raw)
    if problems:
        for problem in problems:
            click.echo(problem.of(lang), err=True)
        sys.exit(1)
    out = write_to(output)
    for one in [policy] if policy is not None else chosen:
        assessment = assess(one, facts, on)
        if as_json:
            out.write(dump(as_mapping(assessment)) + "\n")
        elif every:
            out.write(f"{_WORD[assessment.standing][lang == 'en']}\t{one.id}\t{one.title.of(lang)}\n")
        else:
            _tell(assessment, lang, out)
    out.flush()


def as_mapping(assessment: Assessment) -> dict[str, Any]:
    """The explanation as the documented JSON object, with the sources of the policy beside it."""
    policy = assessment.policy
    return {
        "policy": policy.id,
        "on": assessment.on,
        "verdict": assessment.verdict,
        "standing": assessment.standing,
        "leaves": [_leaf(leaf) for leaf in assessment.leaves],
        "ask": [fact.name for fact in assessment.ask],
        "changes": [
            [
                {"fact": c.fact.name, "from": c.before, "to": c.after, "text_zh": c.text.zh, "text_en": c.text.en}
                for c in change_set.changes
            ]
            for change_set in assessment.changes
        ],
        "amount": assessment.amount if assessment.verdict == "eligible" else None,
        "amount_per": assessment.amount_per if assessment.verdict == "eligible" else None,
        "document_number": policy.document_number,
        "document_number_status": policy.document_number_status,
        "articles": policy.articles,
        "source": policy.source.zh,
        "confidence": policy.confidence,
        "display": policy.display,
    }


def _leaf(leaf: Leaf) -> dict[str, Any]:
    return {
        "text_zh": leaf.text.zh,
        "text_en": leaf.text.en,
        "facts": {reading.fact.name: plain(reading.value) for reading in leaf.readings},
        "verdict": leaf.verdict,
        "decides": leaf.decides,
    }


def _tell(assessment: Assessment, lang: str, out: TextIO) -> None:
    english = lang == "en"
    policy = assessment.policy

    def line(text: str = "") -> None:
        out.write(text + "\n")

    line(policy.title.of(lang))
    line(f"{_WORD[assessment.standing][english]} ({assessment.on})")
    if assessment.amount is not None and assessment.verdict == "eligible":
        per = {
            "year": ("一年", "a year"),
            "month": ("一个月", "a month"),
            "once": ("一次", "once"),
            "contract": ("每份合同", "per contract"),
        }
        words = per.get(assessment.amount_per or "", ("", ""))[english]
        line(f"¥{assessment.amount:,.2f} {words}" if english else f"{words} {assessment.amount:,.2f} 元")
    line()
    for leaf in assessment.leaves:
        decides = (" ← decides" if english else " ← 决定结论") if leaf.decides else ""
        line(f" {_MARK[leaf.verdict]} {leaf.text.of(lang)}{decides}")
        for reading in leaf.readings:
            line(f"     {reading.fact.label.of(lang)}: {reading.shown.of(lang)}")
    if assessment.ask:
        line()
        line("Still worth asking:" if english else "还值得问：")
        for fact in assessment.ask:
            line(f"   {fact.question.of(lang) if fact.question else fact.label.of(lang)}  ({fact.name})")
    if assessment.changes:
        line()
        line("What would change the answer:" if english else "怎样就够：")
        for change_set in assessment.changes:
            line("   " + (" + ".join(change.text.of(lang) for change in change_set.changes)))
    line()
    sure = {"verified": ("条文已核对", "checked against the text"), "well_known": ("通行做法，未逐字核对", "well known, not checked word by word"),
            "unsure": ("未核实", "not verified")}  # fmt: skip
    numbers = ", ".join(map(str, policy.articles))
    basis = f"第 {numbers} 条" if not english else f"article {numbers}"
    line(f"{policy.document_number or '-'} · {basis} · {policy.source.of(lang)} · {sure[policy.confidence][english]}")
    if policy.needs_confirmation:
        line("Confirm with the department." if english else "请向部门确认。")
