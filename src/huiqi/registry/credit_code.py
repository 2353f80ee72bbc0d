"""The unified social credit code (统一社会信用代码), GB 32100-2015.

Eighteen characters: registering department (1), kind of entity (2), region of the registering authority (3-8, GB/T
2260), organisation code with its own check character (9-17, GB 11714-1997) and a check character (18). The alphabet
leaves out I, O, S, V and Z, so that no letter can be read as a digit. Both check characters are verified, and so is
the region, because a code that was copied with two slips can still end in a valid check character.

Codes of the demonstration roster begin 91, 92 or 93 and 6599: GB/T 2260 has no unit 6599xx, so no real enterprise can
hold such a code. They are refused unless a demonstration asks for them.
"""

from __future__ import annotations

import csv
import functools
import re
import unicodedata
from pathlib import Path

from stdnum.cn.uscc import calc_check_digit

from huiqi.rules.words import Words

DATA = Path(__file__).parent / "data"

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

#: What a forbidden letter was most likely meant to be.
_LOOKS_LIKE = {"I": "1", "O": "0", "S": "5", "V": "U/Y", "Z": "2"}

#: Registering departments and kinds of entity that GB 32100-2015 and its amendments assign.
_DEPARTMENTS = "123456789ANY"
_KINDS = "123459"

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)

#: The second pair of digits of a code that has no prefecture: the province itself, units of a municipality
#: (01 districts, 02 counties) and counties run directly by a province or region (90).
_WITHOUT_PREFECTURE = ("00", "01", "02", "90")

_FICTITIOUS = re.compile(r"^9[123]6599")

#: The region that the national registration authority uses.
_NATIONAL_AUTHORITY = "100000"


class CreditCodeProblem(ValueError):
    """A code that cannot be right. ``what`` names the mistake, ``remedy`` how to mend it."""

    def __init__(self, code: str, what: Words, remedy: Words) -> None:
        self.code, self.what, self.remedy = code, what, remedy
        super().__init__(f"{code!r}: {what}. {remedy}")


@functools.cache
def _regions() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """(all known codes, two-digit provinces, four-digit prefectures) from the region tables of the product."""
    known: set[str] = set()
    for name in ("regions.csv", "national_regions.csv", "former_prefectures.csv"):
        with (DATA / name).open(encoding="utf-8", newline="") as file:
            known.update(row["code"] for row in csv.DictReader(file))
    prefectures = frozenset(code[:4] for code in known if code.endswith("00") and code[2:4] != "00")
    return frozenset(known), frozenset(code[:2] for code in known), prefectures


def is_known_region(code: str) -> bool:
    """Whether six digits can be the region of a registering authority.

    A county that is missing from the tables (a new district, a development zone with a code of its own, a county that
    has been merged since) passes when its prefecture is known: the code keeps the region of the day of registration.
    Inside Xinjiang units without a prefecture must be in the table, because that table is complete.
    """
    known, provinces, prefectures = _regions()
    if code in known or code == _NATIONAL_AUTHORITY or code[:4] in prefectures:
        return True
    if code[:2] not in provinces or code.startswith("65"):
        return False
    return code[2:4] in _WITHOUT_PREFECTURE


def organisation_check_character(body: str) -> str:
    """The check character of an eight-character organisation code (GB 11714-1997)."""
    total = sum(int(character, 36) * weight for character, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def check_character(first_seventeen: str) -> str:
    """The last character that belongs to the first seventeen (GB 32100-2015)."""
    return calc_check_digit(first_seventeen)


def _length_problem(code: str) -> CreditCodeProblem:
    count = len(code)
    if count == 0:
        what = Words("没有填写代码", "the code is blank")
        remedy = Words("填写营业执照上的18位代码", "Enter the 18 characters of the business licence")
    elif count == 15 and code.isdigit():
        what = Words("这是15位的旧注册号", "this is an old registration number of 15 digits")
        remedy = Words("填写换照后营业执照上的18位代码", "Enter the 18 characters of the current licence")
    elif count == 9:
        what = Words("这是9位的组织机构代码", "this is an organisation code of 9 characters")
        remedy = Words(
            "填写18位统一社会信用代码，组织机构代码是其中第9至17位",
            "Enter the 18 characters of the credit code; the organisation code is characters 9 to 17 of it",
        )
    else:
        what = Words(f"共有{count}位，应为18位", f"it has {count} characters instead of 18")
        if count < 18:
            remedy = Words(
                f"对照营业执照，补上漏掉的{18 - count}位", f"Compare with the licence and add the {18 - count} missing"
            )
        else:
            remedy = Words(
                f"对照营业执照，去掉多出的{count - 18}位", f"Compare with the licence and drop the {count - 18} extra"
            )
    return CreditCodeProblem(code, what, remedy)


def _refuse_characters(code: str) -> None:
    for position, character in enumerate(code, 1):
        if character in ALPHABET:
            continue
        meant = _LOOKS_LIKE.get(character)
        if meant:
            zh, en = {
                "O": ("字母 O，应是数字 0", "the letter O instead of the digit zero"),
                "I": ("字母 I，应是数字 1", "the letter I instead of the digit one"),
            }.get(
                character, (f"字母 {character}，代码里没有这个字母", f"the letter {character}, which no code contains")
            )
            what = Words(f"第{position}位是{zh}", f"character {position} is {en}")
            remedy = Words(f"对照营业执照，看是不是 {meant}", f"Compare with the licence; it is probably {meant}")
        else:
            shown = character if character.isprintable() else f"U+{ord(character):04X}"
            what = Words(
                f"第{position}位是“{shown}”，代码里没有这个字符",
                f"character {position} is {shown!r}, which no code contains",
            )
            remedy = Words("只用数字和大写字母", "Use digits and capital letters only")
        raise CreditCodeProblem(code, what, remedy)


def check(code: str, *, allow_fictitious: bool = False) -> str:
    """The normalised code: upper case, half-width, without spaces.

    Raises CreditCodeProblem when the length, a character, the region (3-8), the check character of the organisation
    code (17) or the last check character (18) is wrong, and for a code of the demonstration roster unless
    ``allow_fictitious``.
    """
    code = "".join(unicodedata.normalize("NFKC", code).upper().split())
    if len(code) != 18:
        raise _length_problem(code)
    _refuse_characters(code)
    if code[0] not in _DEPARTMENTS or code[1] not in _KINDS:
        raise CreditCodeProblem(
            code,
            Words(
                f"开头“{code[:2]}”不是登记部门和主体类别",
                f"it begins {code[:2]!r}, which is no department and kind of entity",
            ),
            Words(
                "企业以91开头，个体工商户92，农民专业合作社93",
                "Companies begin with 91, individual businesses with 92, farmer cooperatives with 93",
            ),
        )
    region = code[2:8]
    if not region.isdigit():
        raise CreditCodeProblem(
            code,
            Words(f"第3至8位“{region}”应为6位数字", f"characters 3 to 8, {region!r}, must be six digits"),
            Words("对照营业执照修改", "Correct them from the licence"),
        )
    fictitious = is_fictitious(code)
    if not fictitious and not is_known_region(region):
        raise CreditCodeProblem(
            code,
            Words(f"第3至8位“{region}”不是行政区划代码", f"characters 3 to 8, {region}, are no administrative region"),
            Words("对照营业执照，看第3至8位是否抄错", "Compare characters 3 to 8 with the licence"),
        )
    expected = organisation_check_character(code[8:16])
    if code[16] != expected:
        raise CreditCodeProblem(
            code,
            Words(
                f"第9至17位的组织机构代码不对：前8位是“{code[8:16]}”时，第17位应为 {expected}，现在是 {code[16]}",
                f"the organisation code (characters 9 to 17) is wrong: after {code[8:16]} character 17 must be {expected}, not {code[16]}",
            ),
            Words("对照营业执照，检查第9至17位", "Compare characters 9 to 17 with the licence"),
        )
    expected = check_character(code[:17])
    if code[17] != expected:
        raise CreditCodeProblem(
            code,
            Words(
                f"最后一位校验码不对：前17位没错的话应为 {expected}，现在是 {code[17]}",
                f"the last check character is wrong: if the first 17 are right it must be {expected}, not {code[17]}",
            ),
            Words(
                "对照营业执照，检查前8位和最后一位", "Compare the first 8 characters and the last one with the licence"
            ),
        )
    if fictitious and not allow_fictitious:
        raise CreditCodeProblem(
            code,
            Words("这是演示用的虚构代码", "this is a fictitious code of the demonstration"),
            Words(
                "填写真实企业的代码；演示数据不能进入正式系统",
                "Enter the code of a real enterprise; demonstration data stay out of a live system",
            ),
        )
    return code


def is_fictitious(code: str) -> bool:
    """Whether the code is of the demonstration range 9[123]6599, which no authority issues."""
    return bool(_FICTITIOUS.match(code))


def make_fictitious(entity: str, ordinal: str, serial: int) -> str:
    """A code of the demonstration range that passes both check characters.

    ``entity`` is "1" (company, sole proprietorship, partnership), "2" (individual business) or "3" (farmer
    cooperative); ``ordinal`` the two-digit number of the prefecture in the roster calibration; ``serial`` 0 to 999999.
    """
    if entity not in ("1", "2", "3"):
        raise ValueError(f"entity must be '1', '2' or '3', not {entity!r}")
    if not re.fullmatch(r"[0-9]{2}", ordinal):
        raise ValueError(f"ordinal must be two digits, not {ordinal!r}")
    if not 0 <= serial <= 999_999:
        raise ValueError(f"serial must lie in 0 to 999999, not {serial}")
    body = f"YL{serial:06d}"
    first = f"9{entity}6599{ordinal}{body}{organisation_check_character(body)}"
    return first + check_character(first)
