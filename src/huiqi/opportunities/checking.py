"""``huiqi policies check``: what is wrong with a policy file, where, and how to mend it."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from sqlglot import exp

from huiqi.rules import RuleProblem, Words, language, parse_amount, parse_rule
from huiqi.rules.dialects import text_of
from huiqi.rules.formula import leaves

SCHEMA = Path(__file__).parent / "data" / "policy.schema.json"

#: Lower bounds: good for an amount, but a condition on one could be falsely *no*.
AMOUNT_ONLY = frozenset({"graduate_or_youth_hires"})


@dataclass(frozen=True)
class Finding:
    """One fault: the file, the field, what is wrong in both languages."""

    file: str
    field: str
    what: Words


Say = Callable[[str, Words], None]


@functools.cache
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def check_folder(folder: Path) -> tuple[int, list[Finding]]:
    """(number of policies read, findings). Raises FileNotFoundError when there are no policy files."""
    findings: list[Finding] = []
    raws: dict[str, dict[str, Any]] = {}
    count = 0
    for path in sorted(folder.glob("*.yaml")):
        try:
            one = list(read_files_of(path))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            findings.append(Finding(path.name, "", Words(f"不是有效的 YAML：{error}", f"not valid YAML: {error}")))
            continue
        for raw in one:
            count += 1

            def say(field: str, what: Words, file: str = path.name) -> None:
                findings.append(Finding(file, field, what))

            if _schema(raw, say):
                _dates(raw, say)
                _expressions(raw, say)
                if path.stem != raw["id"]:
                    say("id", Words(f"文件名应为 {raw['id']}.yaml", f"the file should be named {raw['id']}.yaml"))
                if raw["id"] in raws:
                    say("id", Words("编号重复", "the id occurs twice"))
                raws[raw["id"]] = raw | {"_file": path.name}
    if count == 0 and not findings:
        raise FileNotFoundError(f"no policy files (*.yaml) in {folder}")
    for raw in raws.values():
        _links(raw, raws, findings)
    return count, findings


def read_files_of(path: Path) -> list[dict[str, Any]]:
    """The policies of one file."""
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_Once)  # noqa: S506 - a safe loader
    listed = raw.get("policies") if isinstance(raw, dict) else None
    return listed if isinstance(listed, list) else [raw]


class _Once(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Refuses a key that stands twice: YAML would silently keep the last, and a rule could be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"“{key.value}”写了两次 / {key.value!r} stands twice", key.start_mark
                )
            seen.add(str(key.value))
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found


def _schema(raw: Any, say: Say) -> bool:
    errors = sorted(validator().iter_errors(raw), key=lambda e: list(map(str, e.absolute_path)))
    for error in errors:
        at = ".".join(map(str, error.absolute_path)) or "-"
        say(at, Words(f"不符合格式：{error.message}", f"does not fit the schema: {error.message}"))
    return not errors


def _dates(raw: dict[str, Any], say: Say) -> None:
    days = []
    for key in ("valid_from", "valid_to"):
        if raw[key] is not None:
            try:
                days.append(dt.date.fromisoformat(raw[key]))
            except ValueError:
                say(key, Words(f"没有 {raw[key]} 这一天", f"there is no day {raw[key]}"))
    if len(days) == 2 and days[0] > days[1]:
        say("valid_to", Words("早于开始日期", "is before valid_from"))
    if raw["articles"] != sorted(raw["articles"]):
        say("articles", Words("条号要从小到大", "articles are given in ascending order"))


def _expressions(raw: dict[str, Any], say: Say) -> None:
    try:
        rule = parse_rule(raw["eligible"])
    except RuleProblem as problem:
        say("eligible", Words(problem.describe("zh"), problem.describe("en")))
        return
    lower_bounds = AMOUNT_ONLY & set(rule.facts)
    if lower_bounds:
        names = ", ".join(sorted(lower_bounds))
        say("eligible", Words(f"{names} 只能用于金额", f"{names} is for amounts only"))
    parts = {text_of(node) for node in rule.tree.walk() if isinstance(node, exp.Condition)} | {
        leaf.key for leaf in leaves(rule.formula)
    }
    for i, condition in enumerate(raw["conditions"]):
        try:
            key = text_of(language().condition(condition["leaf"]))
        except RuleProblem as problem:
            say(f"conditions.{i}", Words(problem.describe("zh"), problem.describe("en")))
            continue
        if key not in parts:
            say(
                f"conditions.{i}",
                Words(f"“{condition['leaf']}”不在 eligible 里", f"{condition['leaf']} is no part of eligible"),
            )
    if raw["benefit_amount"] is not None:
        if raw["benefit_per"] is None:
            say("benefit_per", Words("有金额就要写明按年、按次、按月还是按合同", "an amount needs its benefit_per"))
        try:
            parse_amount(raw["benefit_amount"])
        except RuleProblem as problem:
            say("benefit_amount", Words(problem.describe("zh"), problem.describe("en")))
    if rule.evaluate({"reference_date": dt.date(2000, 1, 1)}) is not None and rule.inputs:
        say("eligible", Words("什么都不知道时也有结论", "has a verdict on an enterprise of which nothing is known"))


def _links(raw: dict[str, Any], raws: dict[str, dict[str, Any]], findings: list[Finding]) -> None:
    def say(field: str, what: Words) -> None:
        findings.append(Finding(raw["_file"], field, what))

    for other in raw["exclusive_with"] or []:
        if other not in raws:
            say("exclusive_with", Words(f"没有 {other} 这项政策", f"there is no policy {other}"))
        elif raw["id"] not in (raws[other]["exclusive_with"] or []):
            say("exclusive_with", Words(f"{other} 没有反过来排斥它", f"{other} does not exclude it in turn"))
    if raw["exclusive_with"] and not raw["exclusive_scope_zh"]:
        say(
            "exclusive_scope_zh", Words("没写同一样什么不能重复享受", "the thing that cannot be had twice is not named")
        )
    if raw["supersedes"] is not None and raw["supersedes"] not in raws:
        say("supersedes", Words(f"没有 {raw['supersedes']} 这项政策", f"there is no policy {raw['supersedes']}"))
