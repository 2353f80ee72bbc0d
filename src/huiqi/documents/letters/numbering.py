"""Numbers of letters: the organ's code, the year, and a sequence without gaps, as in 喀什工信〔2026〕12号."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Q

from huiqi.journal import act
from huiqi.registry.models import Organisation, Region
from huiqi.registry.permissions import administers_system
from huiqi.registry.reasons import given_reason
from huiqi.registry.vocabulary import ORGAN
from huiqi.rules.words import Words

from ..models import Letter, LetterCode, LetterCounter
from .problems import LetterProblem

if TYPE_CHECKING:
    from huiqi.registry.permissions import Actor

LONGEST_CODE = 20
#: How the functions of organs are called in codes. An organ of another function is called by its name.
_SHORT = {
    "government": "政",
    "industry_and_it": "工信",
    "development_reform": "发改",
    "finance": "财",
    "tax": "税",
    "market_regulation": "市监",
    "human_resources": "人社",
    "science": "科",
    "commerce": "商",
    "statistics": "统",
    "justice": "司",
    "financial_regulation": "金管",
    "intellectual_property": "知",
    "education": "教",
    "civil_affairs": "民",
    "public_security": "公",
    "natural_resources": "自然资",
    "ecology": "环",
    "housing_construction": "建",
    "transport": "交",
    "agriculture": "农",
    "culture_tourism": "文旅",
    "emergency_management": "应急",
    "veterans_affairs": "退役军人",
    "disabled_persons": "残联",
    "customs": "关",
    "audit": "审",
    "letters_and_visits": "信",
    "court": "法",
    "procuratorate": "检",
}
_TAIL = re.compile("(维吾尔自治区|自治区|自治州|自治县|地区|市|县|区)$")
#: What a code may be made of: Chinese characters, letters, digits.
_CODE = re.compile(r"[\u3400-\u9fffA-Za-z0-9]+")
#: One statement counts and reads; its lock on the row lasts until the transaction ends, so that a letter that fails
#: gives its number back and the next one waits for it.
_NEXT = """
INSERT INTO {table} AS c (organ_id, year, last) VALUES (%s, %s, 1)
ON CONFLICT (organ_id, year) DO UPDATE SET last = c.last + 1 RETURNING last
"""


def derived_code(organ: Organisation) -> str:
    """The code that an organ has while nobody has set one: its place and what it is for, such as 喀什工信."""
    place = _place(organ.region) if organ.region is not None else ""
    function = _SHORT.get(organ.organ_function or "")
    if function is None:
        return re.sub(r"[（(].*?[）)]", "", organ.name_zh)[:LONGEST_CODE]
    return f"{'兵' if organ.is_bingtuan else ''}{place}{function}"[:LONGEST_CODE]


def _place(region: Region) -> str:
    """The short name of a place. A county that is called like its prefecture keeps what it is: 喀什 and 喀什市."""
    if region.level == "autonomous_region":
        return region.name.zh[:1]
    stem = _TAIL.sub("", region.name.zh)
    namesake = Region.objects.filter(level="prefecture", name_zh__startswith=stem).exclude(pk=region.pk)
    return region.name.zh if region.level == "county" and namesake.exists() else stem


def code_of(organ: Organisation) -> str:
    """The code of an organ as it stands, set or derived."""
    kept = LetterCode.objects.filter(organ=organ).first()
    return kept.code if kept is not None else derived_code(organ)


def set_code(actor: Actor, organ: Organisation, code: str, reason: str) -> LetterCode:
    """The system administrator sets the code of an organ; letters that are out keep theirs.

    Raises PermissionDenied, LetterProblem for a code that is none or another organ's, ValueError without a reason.
    """
    given = given_reason(reason)
    if not administers_system(actor) or organ.kind != ORGAN:
        raise PermissionDenied("codes of organs are the system administrator's")
    wanted = code.strip()
    if not _CODE.fullmatch(wanted) or len(wanted) > LONGEST_CODE:
        raise LetterProblem(
            Words(
                f"代字只用汉字、字母和数字，最多 {LONGEST_CODE} 个",
                f"A code is made of characters, letters and digits, {LONGEST_CODE} at most",
            )
        )
    with act(actor.who, "letter.code_set", about=organ, subject=organ.pk, reason=given):
        return _keep(organ, wanted)


def take_number(organ: Organisation, year: int) -> tuple[str, int]:
    """The next number of an organ in a year, as text and as its sequence. Only within the transaction of an issue."""
    code = _keep(organ, code_of(organ)).code
    with connection.cursor() as cursor:
        cursor.execute(_NEXT.format(table=LetterCounter._meta.db_table), [organ.pk, year])
        (sequence,) = cursor.fetchone()
    return f"{code}〔{year}〕{sequence}号", sequence


def _keep(organ: Organisation, code: str) -> LetterCode:
    """Keep the code, unless another organ has it or has used it."""
    others = LetterCode.objects.filter(code=code).exclude(organ=organ)
    used = Letter.objects.filter(Q(number__startswith=f"{code}〔")).exclude(organ=organ)
    if others.exists() or used.exists():
        raise LetterProblem(
            Words(
                f"机关代字“{code}”已经有别的机关在用。请系统管理员给本机关设一个",
                f"The code “{code}” is another organ's. Ask the system administrator to set one for yours",
            )
        )
    kept, made = LetterCode.objects.get_or_create(organ=organ, defaults={"code": code})
    if not made and kept.code != code:
        kept.code = code
        kept.save(update_fields=["code"])
    return kept
