"""The lists of the first page fit the tables of the registry."""

from __future__ import annotations

import dataclasses

from huiqi.registry.codes import industry_names, region_names
from huiqi.rules.dictionary import Member, dictionary
from huiqi.rules.values import read_value
from huiqi.rules.words import Words
from huiqi.web import vocabulary
from huiqi.web.forms import QuestionForm


def test_every_trade_is_a_class_of_gbt_4754_with_a_name_in_both_languages() -> None:
    trades = [choice for group in vocabulary.trades() for choice in group.choices]
    assert len({trade.code for trade in trades}) == len(trades)
    for trade in trades:
        assert read_value(dictionary()["industry_code"], trade.code) == trade.code
        assert len(trade.code) == 4
        assert trade.code[:2] in industry_names(), trade
        assert trade.words.zh != trade.words.en


def test_the_trades_cover_the_sections_that_the_size_standards_cover() -> None:
    divisions = {choice.code[:2] for group in vocabulary.trades() for choice in group.choices}
    # one division of each of: farming, industry, construction, wholesale, retail, transport, storage, post, lodging,
    # catering, software, real estate, property management, business services, technical, public facilities,
    # household services, education, health, culture
    assert divisions >= {
        "01",
        "13",
        "47",
        "51",
        "52",
        "54",
        "59",
        "60",
        "61",
        "62",
        "65",
        "70",
        "72",
        "74",
        "78",
        "80",
        "83",
        "84",
        "89",
    }


def test_every_county_can_be_chosen_once_and_stands_under_its_prefecture() -> None:
    choices = [choice.code for group in vocabulary.places() for choice in group.choices]
    assert len(choices) == len(set(choices))
    assert all(code in region_names() for code in choices)
    kashgar = next(group for group in vocabulary.places() if group.words.zh == "喀什地区")
    assert "653101" in {choice.code for choice in kashgar.choices}
    assert vocabulary.places()[-1].words.zh == "自治区直辖县级市"


def test_every_question_has_a_widget() -> None:
    kinds = {QuestionForm(fact).kind for fact in dictionary() if fact.askable}
    assert kinds == {"yes_no", "radios", "checks", "number", "date", "text", "place", "trade"}


def test_a_list_of_more_than_seven_is_a_select() -> None:
    fact = dictionary()["legal_form"]
    longer = dataclasses.replace(fact, members=(*(fact.members or ()), Member("guild", Words("行会", "guild"))))
    assert QuestionForm(longer).kind == "select"


def test_a_code_is_shown_by_its_name_and_a_figure_with_its_unit() -> None:
    words = dictionary()
    assert vocabulary.value_words(words["registration_region"], "653101").zh == "喀什市"
    assert vocabulary.value_words(words["industry_code"], "6210").en == "Restaurant, noodle house"
    assert vocabulary.value_words(words["industry_code"], "6299").zh
    assert vocabulary.value_words(words["employees"], 9).zh.replace("\u00a0", " ") == "9 人"
