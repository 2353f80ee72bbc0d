"""Publishing: from a draft to a version of a policy that everybody sees, and the note to those whom it newly reaches.

What is published joins the library (:func:`with_published`). Versions are never changed; an earlier one stays in the
history under ``<id>-v<n>`` and ends the day before the next one begins.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import DatabaseError, IntegrityError, connection
from django.utils import timezone
from pypinyin import lazy_pinyin

from huiqi.documents.inbox import tell_organisations
from huiqi.journal import Act, act
from huiqi.registry.codes import region_names
from huiqi.registry.snapshot import Snapshot, snapshot
from huiqi.rules import Rule, RuleProblem, Words, parse_amount, parse_rule
from huiqi.rules.table import Matcher

from .checking import AMOUNT_ONLY, validator
from .library import Library, Policy, library, load_library, policy_folder, read_policy
from .match import table_of
from .models import Draft, PublishedPolicy
from .reach import WHOLE_REGION, Population, Reach
from .review import Concern, review

if TYPE_CHECKING:
    from huiqi.registry.models import Organisation
    from huiqi.registry.permissions import Actor

LONGEST_ID = 60
#: So many populations are kept in a process; one of a hundred thousand enterprises takes some 100 MB.
POPULATIONS = 4
#: The facts by which a rule can keep to a place.
PLACES = ("registration_region", "operating_region")


@dataclass(frozen=True)
class Problem:
    """What keeps a draft from being published: the field of the draft, and the reason in both languages."""

    field: str
    what: Words


class NotPublished(ValueError):
    """The draft cannot be published; ``problems`` say why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(problem.what.en for problem in problems))


# --- what is missing --------------------------------------------------------------------------------------------------

_MISSING = {
    "title_zh": Words("写上名称", "give it a title"),
    "benefit_zh": Words("写上能得到什么", "say what one gets"),
    "eligible": Words("写上谁可以享受", "say who may have it"),
    "how_to_claim_zh": Words("写上怎么办，一行一步", "say how to get it, a step a line"),
    "articles": Words(
        "写上依据本办法的哪一条（1 到 57）", "name the article of the Measures that it rests on (1 to 57)"
    ),
    "benefit_type": Words("选好处的种类", "choose the kind of benefit"),
    "benefit_per": Words("选按什么给", "choose the period of the amount"),
    "id": Words("编号只用小写字母、数字和连字符", "the id is made of small letters, digits and hyphens"),
}
_FIELD_OF = {"id": "policy_id", "benefit_per": "amount_per", "benefit_amount": "amount"}


def problems(draft: Draft, on: dt.date) -> list[Problem]:
    """What has to be done before a draft can be published on a day; empty when nothing has."""
    content = draft.content() | {"id": draft.policy_id or "to-be-named"}
    found: dict[tuple[str, str], Problem] = {}

    def say(field: str, what: Words) -> None:
        problem = Problem(_FIELD_OF.get(field, field), what)
        found.setdefault((problem.field, what.en), problem)

    for error in validator().iter_errors(content):
        # an English text that is missing is taken from the Chinese one, so its fault is that of the Chinese
        field = str(next(iter(error.absolute_path), "")).replace("_en", "_zh")
        say(field, _MISSING.get(field) or Words(f"改正：{error.message}", f"mend it: {error.message}"))
    if draft.valid_from is None:
        say("valid_from", Words("写上从哪一天起", "give the first day"))
    if draft.valid_to is not None and draft.valid_to < max(on, draft.valid_from or on):
        say("valid_to", Words("到期日要在今天和开始日之后", "the last day lies before today or before the first day"))
    rule = _rule(draft.eligible)
    if draft.eligible.strip() and rule is None:
        say("eligible", Words("“谁可以享受”还读不懂", "the rule cannot be read yet"))
    if draft.amount.strip():
        try:
            parse_amount(draft.amount)
        except RuleProblem:
            say("amount", Words("“给多少”还读不懂", "the amount cannot be read yet"))
    if rule is not None:
        _of_rule(draft, rule, on, say)
    _of_id(draft, say)
    return list(found.values())


def _rule(text: str) -> Rule | None:
    try:
        return parse_rule(text)
    except RuleProblem:
        return None


def _of_rule(draft: Draft, rule: Rule, on: dt.date, say: Any) -> None:
    if AMOUNT_ONLY & set(rule.facts):
        names = ", ".join(sorted(AMOUNT_ONLY & set(rule.facts)))
        say("eligible", Words(f"{names} 只能用于金额", f"{names} is for amounts only"))
    if rule.evaluate({"reference_date": on}) is not None:
        say("eligible", Words("条件对所有企业的结论都一样", "the rule says the same of every enterprise"))
    elif not within(draft.organ, rule):
        place = draft.organ.region.name_zh if draft.organ.region else ""
        name = (draft.organ.region.name_en or place) if draft.organ.region else ""
        say(
            "eligible",
            Words(
                f"加上地点条件：你们只能为{place}承诺（如 operating_region like '{prefix_of(draft.organ)}%'）",
                f"add a condition on the place: you can promise for {name} only (operating_region like '{prefix_of(draft.organ)}%')",
            ),
        )
    for concern in review(rule, draft.benefit_type):
        if concern.blocks:
            say("eligible", Words(f"{concern.check.what.zh}", f"{concern.check.what.en}"))
        elif not str(draft.reasons.get(reason_key(concern), "")).strip():
            say("reasons", Words(f"写明理由：{concern.check.what.zh}", f"record a reason: {concern.check.what.en}"))


def prefix_of(organ: Organisation) -> str:
    """The beginning of the codes of all places that an organ serves."""
    return organ.region.prefix if organ.region else WHOLE_REGION


def within(organ: Organisation, rule: Rule) -> bool:
    """Whether a rule reaches no enterprise outside the places that the organ serves."""
    prefix = prefix_of(organ)
    if WHOLE_REGION.startswith(prefix):
        return True
    elsewhere = [code for code in region_names() if not code.startswith(prefix) and not code.endswith("00")]
    return all(rule.evaluate(dict.fromkeys(PLACES, code)) is False for code in elsewhere) or any(
        all(rule.evaluate({place: code}) is False for code in elsewhere) for place in PLACES
    )


def reason_key(concern: Concern) -> str:
    """The name under which the reason for a concern is kept in a draft."""
    return f"{concern.check.id}|{concern.key}"


def _of_id(draft: Draft, say: Any) -> None:
    if not draft.policy_id:
        return
    latest = PublishedPolicy.objects.filter(policy_id=draft.policy_id).order_by("-version").first()
    if latest is not None and latest.organ_id != draft.organ_id:
        say("policy_id", Words("这个编号是别的机关的政策", "the id belongs to a policy of another office"))
    elif latest is None and draft.policy_id in load_library(policy_folder()).policies:
        say("policy_id", Words("政策库里已有这个编号", "the library has a policy of this id"))


def slug(title: str) -> str:
    """An id from a title, in pinyin: 稳岗贷款贴息 becomes ``wen-gang-dai-kuan-tie-xi``."""
    words = re.findall(r"[a-z0-9]+", " ".join(lazy_pinyin(title)).lower())
    made = ""
    for word in words:
        if len(made) + len(word) + 1 > LONGEST_ID - 12:
            break
        made = f"{made}-{word}" if made else word
    return made or "policy"


def _free_id(draft: Draft) -> str:
    base = slug(draft.title_zh)
    taken = set(PublishedPolicy.objects.filter(policy_id__startswith=base).values_list("policy_id", flat=True))
    taken |= library().policies.keys()
    number, found = 1, base
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found


# --- publishing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Published:
    """The new version, and how many enterprises were told that it begins to apply to them."""

    policy: PublishedPolicy
    told: int


def publish(draft: Draft, actor: Actor, on: dt.date) -> Published:
    """Make the next version of the policy, public at once. Raises NotPublished with everything that is in the way.

    The version, the figures of its reach and the notes to the newly entitled are one transaction.
    """
    if actor.organisation is None or actor.organisation.pk != draft.organ_id or actor.person is None:
        raise NotPublished([Problem("", Words("只有起草机关能发布", "only the office that drafts it can publish it"))])
    try:
        with act(actor.who, "policy.published", articles=(5, 53), region=actor.organisation.region_id) as this:
            return _publish(Draft.objects.select_for_update(of=("self",)).get(pk=draft.pk), actor, on, this)
    except IntegrityError:
        raise NotPublished(
            [
                Problem(
                    "policy_id",
                    Words("同一个编号刚刚发布了别的版本", "another version of this id has just been published"),
                )
            ]
        ) from None


def _publish(draft: Draft, actor: Actor, on: dt.date, this: Act) -> Published:
    if draft.withdrawn_at is not None:
        raise NotPublished([Problem("", Words("草案已经放弃", "the draft was withdrawn"))])
    if draft.published.exists():
        raise NotPublished(
            [
                Problem(
                    "",
                    Words("草案已经发布，要改就起草新版本", "the draft is published; start a new version to change it"),
                )
            ]
        )
    found = problems(draft, on)
    if found:
        raise NotPublished(found)
    assert actor.person is not None
    draft.policy_id = draft.policy_id or _free_id(draft)
    latest = PublishedPolicy.objects.filter(policy_id=draft.policy_id).order_by("-version").first()
    draft.version = latest.version + 1 if latest is not None else 1
    content = draft.content()
    new = read_policy(content)
    facts = snapshot()
    reach = population(actor, facts, on).reach(new.rule, new.amount, ignore=draft.replaces or draft.policy_id)
    former = _former(draft, latest)
    version = PublishedPolicy.objects.create(
        policy_id=draft.policy_id,
        version=draft.version,
        content=content,
        draft=draft,
        organ=draft.organ,
        by=actor.person,
        reached=figures(reach, facts.stamp, on),
    )
    draft.save()
    this.about(version)
    this.details |= {"policy": version.policy_id, "version": version.version, "draft": draft.pk}
    return Published(version, _tell(version, new, former, facts, on))


def _former(draft: Draft, latest: PublishedPolicy | None) -> Policy | None:
    """The policy that the new version takes the place of."""
    if latest is not None:
        return read_policy(latest.content)
    return library().get(draft.replaces) if draft.replaces else None


def figures(reach: Reach, stamp: str, on: dt.date) -> dict[str, Any]:
    """The figures of a reach that are kept with a version. Amounts in yuan as text."""
    return {
        "on": on.isoformat(),
        "stamp": stamp,
        "enterprises": reach.enterprises,
        "eligible": reach.eligible,
        "not_eligible": reach.not_eligible,
        "unknown": reach.unknown,
        "by_place": {part.code: part.eligible for part in reach.by_place},
        "by_size": {part.code: part.eligible for part in reach.by_size},
        "by_trade": {part.code: part.eligible for part in reach.by_trade},
        "cost": str(reach.cost) if reach.cost is not None else None,
        "most": str(reach.most) if reach.most is not None else None,
    }


def _tell(version: PublishedPolicy, new: Policy, former: Policy | None, facts: Snapshot, on: dt.date) -> int:
    """Write the note to every enterprise that is entitled now and was not before. The number of notes."""
    if new.phase(on) == "expired":
        return 0
    matcher = Matcher(table_of(facts.table, on))
    entitled = matcher.unpack(matcher.match(new.rule).certain)
    if former is not None and former.phase(on) == "open":
        entitled &= ~matcher.unpack(matcher.match(former.rule).certain)
    ids = facts.table["organisation"].to_numpy()[np.flatnonzero(entitled)]
    data = {"version": version.version, "valid_from": version.content["valid_from"]}
    return tell_organisations("begins_to_apply", version.policy_id, f"v{version.version}", data, ids.tolist())


def withdraw(draft: Draft, actor: Actor) -> None:
    """Give a draft up. What is published stays published."""
    with act(actor.who, "draft.withdrawn", about=draft, articles=(5,)):
        draft.withdrawn_at = timezone.now()
        draft.save(update_fields=["withdrawn_at", "updated_at"])


# --- whom a draft of an organ is reckoned over --------------------------------------------------------------------------


def population(actor: Actor, facts: Snapshot, on: dt.date) -> Population:
    """The enterprises that an officer's organ serves, ready for the reach; kept in the process while nothing changes."""
    return _population(facts, actor.jurisdiction or WHOLE_REGION, actor.serves_corps_only, on, library())


_populations: OrderedDict[tuple[str, str, bool, dt.date], Population] = OrderedDict()
_lock = threading.Lock()


def _population(facts: Snapshot, prefix: str, corps: bool, on: dt.date, of: Library) -> Population:
    key = (facts.stamp, prefix, corps, on)
    with _lock:
        found = _populations.get(key)
        if found is None:
            table: pa.Table = facts.under(prefix)
            if corps:
                table = table.filter(pc.fill_null(table["is_bingtuan"].cast(pa.bool_()), False))
            found = _populations[key] = Population(table.drop_columns(["organisation", "uscc"]), on, of, prefix)
        elif found.library is not of:
            found = _populations[key] = found.beside(of)
        _populations.move_to_end(key)
        while len(_populations) > POPULATIONS:
            _populations.popitem(last=False)
        return found


# --- the library ------------------------------------------------------------------------------------------------------


def version_id(policy_id: str, version: int) -> str:
    """The id of an earlier version in the library."""
    return f"{policy_id}-v{version}"


def with_published(files: Library) -> Library:
    """The library of the files with what is published; the files alone while the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), coalesce(max(id), 0) FROM opportunities_publishedpolicy")
            count, last = cursor.fetchone()
        return _merged(files, count, last, str(connection.settings_dict["NAME"])) if count else files
    except DatabaseError:
        return files


@functools.lru_cache(maxsize=2)
def _merged(files: Library, count: int, last: int, database: str) -> Library:
    """``count``, ``last`` and ``database`` are the stamp of what is published: rows are only ever added."""
    policies = dict(files.policies)
    versions: dict[str, list[PublishedPolicy]] = {}
    for row in PublishedPolicy.objects.order_by("policy_id", "version"):
        versions.setdefault(row.policy_id, []).append(row)
    for policy_id, rows in versions.items():
        first = read_policy(rows[0].content)
        if first.supersedes in policies:
            policies[first.supersedes] = _ended(policies[first.supersedes], rows[0])
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            policy = read_policy(row.content)
            if row.version > 1:
                policy = dataclasses.replace(policy, supersedes=version_id(policy_id, row.version - 1))
            if following is not None:
                policy = _ended(dataclasses.replace(policy, id=version_id(policy_id, row.version)), following)
            policies[policy.id] = policy
    return Library(policies.values())


def _ended(policy: Policy, following: PublishedPolicy) -> Policy:
    """A policy as it stands once another has taken its place: it ends the day before that begins."""
    announced = timezone.localtime(following.published_at).date()
    begins = following.content["valid_from"]
    start = max(announced, dt.date.fromisoformat(begins)) if begins else announced
    end = start - dt.timedelta(days=1)
    if policy.valid_from is not None and policy.valid_from > end:
        # it never was in force: it ended before it began
        return dataclasses.replace(policy, valid_from=None, valid_to=announced - dt.timedelta(days=1))
    return dataclasses.replace(policy, valid_to=min(policy.valid_to or end, end))
