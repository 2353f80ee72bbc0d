"""How strong a password is: by how many guesses a patient attacker would find it (zxcvbn), not by its kinds of signs."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from zxcvbn_rs_py import zxcvbn

if TYPE_CHECKING:
    from .models import Person

#: Of zxcvbn's scores 0 to 4, the least that is taken: more than 10^8 guesses.
LEAST_SCORE = 3
#: So many signs are looked at. What comes after them can only make a password stronger, and costs time.
LOOKED_AT = 72
_WORDS = Path(__file__).parent / "data" / "password_words.txt"


@functools.cache
def local_words() -> tuple[str, ...]:
    """Words that are tried first in China and that zxcvbn's lists, which are English, do not have."""
    lines = (line.strip() for line in _WORDS.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def score(password: str, own_words: tuple[str, ...] = ()) -> int:
    """zxcvbn's score of a password, 0 (found at once) to 4. ``own_words`` are what one knows of the person."""
    inputs = [word.lower() for word in (*own_words, *local_words()) if word]
    return int(zxcvbn(password[:LOOKED_AT], inputs).score)


class StrengthValidator:
    """Refuses passwords that are found in few guesses. Raises ValidationError with the code ``password_too_weak``."""

    def validate(self, password: str, user: Person | None = None) -> None:
        own = (user.login_name or "", user.email or "", user.display_name) if user is not None else ()
        if score(password, own) < LEAST_SCORE:
            raise ValidationError("this password is found in few guesses", code="password_too_weak")

    def get_help_text(self) -> str:
        return "A short sentence that nobody else would write is strong."
