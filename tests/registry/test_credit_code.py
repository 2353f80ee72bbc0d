"""The credit code: what a clerk mistypes is found, and the message says what to look at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiqi.registry.credit_code import (
    ALPHABET,
    CreditCodeProblem,
    check,
    is_fictitious,
    is_known_region,
    make_fictitious,
)

#: The example of the documentation of python-stdnum.
REAL = "91110000600037341L"

fictitious = st.builds(
    make_fictitious,
    st.sampled_from("123"),
    st.integers(0, 99).map("{:02d}".format),
    st.integers(0, 999_999),
)


def problem(code: str, **options: bool) -> CreditCodeProblem:
    with pytest.raises(CreditCodeProblem) as caught:
        check(code, **options)
    return caught.value


@pytest.mark.parametrize(
    "code",
    ["91659901YL00000122", "91659909YL004711XG", "92659911YL00002078", "93659908YL0003053X", "91659951YL9999993K"],
)
def test_the_examples_of_the_calibration_are_valid_in_a_demonstration_and_refused_outside(code: str) -> None:
    assert check(code, allow_fictitious=True) == code
    assert is_fictitious(code)
    assert "虚构" in problem(code).what.zh


def test_the_examples_are_what_the_maker_makes() -> None:
    assert make_fictitious("1", "01", 1) == "91659901YL00000122"
    assert make_fictitious("1", "09", 4711) == "91659909YL004711XG"
    assert make_fictitious("1", "51", 999_999) == "91659951YL9999993K"


@pytest.mark.parametrize("code", ["91659901YL00000123", "91659909YI004711XG"])
def test_the_invalid_examples_of_the_calibration_are_refused(code: str) -> None:
    problem(code, allow_fictitious=True)


@given(fictitious)
def test_every_made_code_is_valid(code: str) -> None:
    assert check(code, allow_fictitious=True) == code


@given(fictitious | st.just(REAL), st.integers(0, 17), st.characters(codec="utf-8"))
def test_any_single_wrong_character_is_detected(code: str, position: int, character: str) -> None:
    wrong = code[:position] + character + code[position + 1 :]
    try:
        result = check(wrong, allow_fictitious=True)
    except CreditCodeProblem as found:
        assert found.what.zh and found.what.en and found.remedy.zh and found.remedy.en
    else:
        assert result == code  # the other character was only another way to write the same one


@given(fictitious, st.integers(0, 16))
def test_two_swapped_neighbours_are_detected(code: str, position: int) -> None:
    swapped = code[:position] + code[position + 1] + code[position] + code[position + 2 :]
    if swapped != code:
        problem(swapped, allow_fictitious=True)


@given(st.text())
def test_any_text_is_either_a_code_or_a_named_problem(text: str) -> None:
    try:
        assert len(check(text)) == 18
    except CreditCodeProblem as found:
        assert found.what.zh and found.remedy.en


def test_spaces_small_letters_and_full_width_characters_are_normalised() -> None:
    assert check(" 9111 0000 6000 3734 1l ") == REAL
    assert check("９１１１００００６０００３７３４１Ｌ") == REAL


def test_seventeen_characters_are_named() -> None:
    found = problem(REAL[:-1])
    assert "17" in found.what.zh and "18" in found.what.zh
    assert found.what.en == "it has 17 characters instead of 18"


def test_nineteen_characters_are_named() -> None:
    assert "19" in problem(REAL + "1").what.zh


@pytest.mark.parametrize(
    ("code", "word"), [("", "没有填写"), ("650100050012345", "旧注册号"), ("60003734X", "组织机构代码")]
)
def test_other_numbers_on_old_licences_are_recognised(code: str, word: str) -> None:
    assert word in problem(code).what.zh


def test_the_letter_o_in_place_of_zero_is_named_with_its_position() -> None:
    found = problem("9111O000600037341L")
    assert found.what.zh == "第5位是字母 O，应是数字 0"
    assert found.what.en == "character 5 is the letter O instead of the digit zero"


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_that_the_standard_leaves_out_are_refused(letter: str) -> None:
    assert letter not in ALPHABET
    assert letter in problem(REAL[:10] + letter + REAL[11:]).what.en


def test_a_wrong_last_character_says_which_one_is_expected() -> None:
    assert "应为 L" in problem("91110000600037341M").what.zh


def test_a_wrong_organisation_code_says_which_check_character_is_expected() -> None:
    assert "第17位应为 1" in problem("91110000600037342L").what.zh


def test_a_region_that_does_not_exist_is_named() -> None:
    assert "699999" in problem("91699999600037341L").what.zh


@pytest.mark.parametrize("region", ["650000", "650100", "650102", "659001", "659013", "654301", "652201", "100000", "110105", "310115", "500112", "429004", "441900", "469021", "440300", "330106"])  # fmt: skip
def test_regions_of_registering_authorities_are_known(region: str) -> None:
    assert is_known_region(region)


@pytest.mark.parametrize("region", ["659901", "659014", "650300", "653901", "190000", "000000", "990101"])
def test_regions_that_no_authority_has_are_unknown(region: str) -> None:
    assert not is_known_region(region)


@pytest.mark.parametrize("region", ["650190", "652290"])
def test_a_zone_with_a_code_of_its_own_passes_when_its_prefecture_is_known(region: str) -> None:
    assert is_known_region(region)


@pytest.mark.parametrize(
    "arguments", [("4", "01", 1), ("1", "1", 1), ("1", "01", 1_000_000), ("1", "01", -1), ("1", "٠١", 1)]
)
def test_a_code_outside_the_demonstration_range_cannot_be_made(arguments: tuple[str, str, int]) -> None:
    with pytest.raises(ValueError):
        make_fictitious(*arguments)
