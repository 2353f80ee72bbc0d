"""What can keep a letter from being written, approved, issued or delivered."""

from __future__ import annotations

from collections.abc import Sequence

from huiqi.rules.words import Words

from .kinds import Field


class LetterProblem(ValueError):
    """An act that cannot be done with this letter; ``what`` says why and what to do."""

    def __init__(self, what: Words) -> None:
        self.what = what
        super().__init__(what.en)


class Overtaken(LetterProblem):
    """Somebody else has done something with the letter meanwhile; what one saw is no longer how it stands."""

    def __init__(self) -> None:
        super().__init__(
            Words(
                "别人刚刚改动或者处理了这份文书。请看看现在的样子，再决定",
                "Somebody else has just changed or handled this letter. Look at how it stands now, and decide again",
            )
        )


class Incomplete(LetterProblem):
    """Mandatory fields are empty: ``fields``."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        super().__init__(
            Words(
                f"必填项还空着：{'、'.join(field.label.zh for field in fields)}",
                f"Mandatory fields are empty: {', '.join(field.label.en for field in fields)}",
            )
        )


class NeedsAnother(LetterProblem):
    """Somebody else than whoever wrote it has to approve it."""

    def __init__(self) -> None:
        super().__init__(
            Words(
                "这种文书要两个人经手：请本机关另一位承办人或监督人员审批",
                "Two persons see to a letter of this kind: another officer or supervisor of the organ approves it",
            )
        )
