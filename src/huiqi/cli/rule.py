"""``huiqi rule``: check a rule, evaluate rules on facts."""

from __future__ import annotations

import sys
from typing import Any

import click

from huiqi.registry.codes import names
from huiqi.rules import RuleProblem, parse_amount, parse_rule
from huiqi.rules.dialects import DIALECTS

from .text import dump, json_lines, object_of, read_facts, read_text, write_to


@click.group("rule")
def rule_group() -> None:
    """检查、计算规则 / check and evaluate rules."""


@rule_group.command(
    "check",
    epilog="例 / example:  huiqi rule check \"规模 in ('小型','微型') and 研发费用占比 >= 3\" --dialect postgres",
)
@click.argument("expression")
@click.option("--dialect", type=click.Choice(DIALECTS), help="只打印这一种 SQL / print the SQL of this engine only.")
@click.option("--amount", is_flag=True, help="表达式是金额（元）/ the expression is an amount in yuan.")
@click.option("--json", "as_json", is_flag=True, help="JSON 输出 / output as JSON.")
def check_command(expression: str, dialect: str | None, amount: bool, as_json: bool) -> None:
    """解析 EXPRESSION，对照指标字典核对类型；打印中英文句子、用到的事实和 SQL。

    Parse EXPRESSION, check it against the fact dictionary; print its sentence, the facts that it reads and its SQL.
    EXPRESSION may be - for standard input.
    """
    text = read_text("-").strip() if expression == "-" else expression
    try:
        parsed = parse_amount(text) if amount else parse_rule(text)
    except RuleProblem as problem:
        if as_json:
            found = {
                "zh": problem.describe("zh"),
                "en": problem.describe("en"),
                "position": problem.position,
                "suggestion": problem.suggestion,
            }
            click.echo(dump({"error": found}))
        else:
            pointer = problem.pointer()
            click.echo("\n".join(filter(None, [problem.describe("zh"), problem.describe("en"), pointer])), err=True)
        sys.exit(1)
    words = parsed.sentence(names)
    dialects = [dialect] if dialect else list(DIALECTS)
    answer: dict[str, Any] = {
        "zh": words.zh,
        "en": words.en,
        "facts": list(parsed.facts),
        "inputs": list(parsed.inputs),
        "sql": {name: parsed.sql(name) for name in dialects},
    }
    if as_json:
        click.echo(dump(answer))
        return
    click.echo(f"zh: {words.zh}")
    click.echo(f"en: {words.en}")
    click.echo(f"facts: {', '.join(parsed.facts)}")
    if set(parsed.inputs) != set(parsed.facts):
        click.echo(f"inputs: {', '.join(parsed.inputs)}")
    for name in dialects:
        click.echo(f"{name}: {answer['sql'][name]}")


@rule_group.command(
    "eval",
    epilog='例 / example:  echo \'{"id": 1, "expression": "rd_ratio >= 3", "facts": {"rd_expense": 3, "revenue": 100}}\' | huiqi rule eval -',
)
@click.argument("file")
@click.option("-o", "--output", help="写到这个文件 / write to this file.")
def eval_command(file: str, output: str | None) -> None:
    """逐行计算 FILE（JSON Lines，- 为标准输入）：{"id", "expression", "facts"}，得到 true、false 或 null。

    Evaluate FILE line by line (JSON Lines, - for standard input). A fact that is absent or null is NULL; [] is a set
    known to be empty. A line in error gets {"id", "error"} and the others are answered all the same.
    """
    lines = list(json_lines(file))
    out = write_to(output)
    failed = False
    for number, line in lines:
        answer = _evaluate(number, line)
        failed = failed or "error" in answer
        out.write(dump(answer) + "\n")
    out.flush()
    sys.exit(1 if failed else 0)


def _evaluate(number: int, line: str | None) -> dict[str, Any]:
    raw, answer = object_of(number, line)
    if "error" in answer:
        return answer
    expression = raw.get("expression")
    if not isinstance(expression, str):
        return answer | {"error": "缺少 expression（文字）/ expression (text) is missing"}
    try:
        rule = parse_rule(expression)
    except RuleProblem as problem:
        return answer | {"error": f"{problem.describe('zh')} / {problem.describe('en')}"}
    given = raw.get("facts")
    facts, problems = read_facts({} if given is None else given)
    if problems:
        return answer | {"error": "; ".join(map(str, problems))}
    return answer | {"verdict": rule.evaluate(facts)}
