"""A line of context and its marked words."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from huiqi.textsearch import excerpt, marked

LONG = (
    "县级以上人民政府应当安排专项资金。" * 12
    + "不得违约拖欠中小企业的货款，不得变相延长付款期限。"
    + "其他事项另行规定。" * 12
)


def found(pieces: tuple[object, ...]) -> list[str]:
    return [piece.text for piece in pieces if piece.found]  # type: ignore[attr-defined]


def joined(pieces: tuple[object, ...]) -> str:
    return "".join(piece.text for piece in pieces)  # type: ignore[attr-defined]


def test_the_longest_word_is_marked_once() -> None:
    assert found(marked("增值税和税", ["税", "增值税"])) == ["增值税", "税"]


def test_a_latin_word_is_marked_as_a_whole_word_in_any_case_and_in_the_plural() -> None:
    assert found(marked("Rent, rents and current RENT", ["rent"])) == ["Rent", "rents", "RENT"]
    assert found(marked("按12345转", ["12345"])) == ["12345"]
    assert found(marked("VAT2免税", ["vat"])) == []
    assert found(marked("小规模VAT免税", ["vat"])) == ["VAT"]


def test_a_line_begins_at_the_sentence_of_the_word() -> None:
    pieces = excerpt([LONG], ["拖欠"], 40)
    assert joined(pieces).startswith("…不得违约拖欠中小企业的货款")
    assert joined(pieces).endswith("…")
    assert found(pieces) == ["拖欠"]


def test_the_text_that_holds_most_words_is_chosen_and_the_first_if_none_does() -> None:
    texts = ["贷款的说明。", "贷款和利息都减半。", "别的。"]
    assert joined(excerpt(texts, ["贷款", "利息"], 40)) == texts[1]
    assert joined(excerpt(texts, ["棉花"], 40)) == texts[0]
    assert joined(excerpt(texts, [], 40)) == texts[0]
    assert excerpt([], ["棉花"], 40) == excerpt([""], [], 40) == ()


def test_a_short_text_is_left_whole_and_a_latin_word_is_not_cut() -> None:
    assert joined(excerpt(["Call 12345."], [], 40)) == "Call 12345."
    line = joined(excerpt(["The enterprise desk answers in two working days."], [], 20))
    assert line == "The enterprise desk…"


words = st.sampled_from(["税", "贷款", "rent", "a.b", "(", "\\", "[", "拖欠"])


@given(st.text(alphabet="税贷款ren t.()[\\拖欠。X1", max_size=80), st.lists(words, max_size=4))
def test_pieces_joined_are_the_text(text: str, marks: list[str]) -> None:
    assert joined(marked(text, marks)) == text


@given(st.text(min_size=1, max_size=200), st.lists(words, max_size=3), st.integers(10, 60))
def test_a_line_is_a_part_of_the_text_and_no_longer_than_asked(text: str, marks: list[str], width: int) -> None:
    line = joined(excerpt([text], marks, width))
    assert len(line) <= width + 2
    assert re.sub(r"^…|…$", "", line) in text or line in text
