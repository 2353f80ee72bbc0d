"""Whether a letter is genuine: asked by anybody, answered without what it says and without to whom it goes."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass

from huiqi.rules.words import Words

from ..models import Letter, LetterFile
from ..models.letters import OUT
from .acts import ALPHABET, CODE_LENGTH

_NOT_IN_CODES = re.compile(rf"[^{ALPHABET}]")


@dataclass(frozen=True)
class Verified:
    """What is told of a genuine letter. ``kept`` says whether the file on record still has the digest of its issue."""

    kind: Words
    organ: Words
    number: str
    issued_on: dt.date
    sha256: str
    kept: bool


def verify(code: str, number: str | None = None) -> Verified | None:
    """The letter of this code, and of this number where one is given; None when there is none that is out.

    Both may be typed loosely: small letters, hyphens, spaces, other brackets.
    """
    read = read_code(code)
    if len(read) != CODE_LENGTH:
        return None
    letter = Letter.objects.filter(code=read, state__in=OUT).select_related("organ").first()
    if letter is None or (number is not None and _bare(number) != _bare(letter.number)):
        return None
    file = LetterFile.objects.filter(letter=letter).first()
    assert letter.issued_on is not None
    return Verified(
        kind=letter.definition.name,
        organ=letter.organ.name,
        number=letter.number,
        issued_on=letter.issued_on,
        sha256=letter.sha256,
        kept=file is not None and hashlib.sha256(bytes(file.pdf)).hexdigest() == letter.sha256,
    )


def read_code(text: str) -> str:
    """A code as it is kept: capital letters and digits, without what is put between them."""
    capital = unicodedata.normalize("NFKC", text).upper()
    return _NOT_IN_CODES.sub("", capital)


def _bare(number: str) -> str:
    """A number without brackets, spaces and 第: 喀什工信〔2026〕12号, 喀什工信[2026]第12号 and 喀什工信 2026 12 号 are one."""
    return re.sub(r"[\W_第]", "", unicodedata.normalize("NFKC", number))
