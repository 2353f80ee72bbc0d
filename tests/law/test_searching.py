"""Articles as owners look for them: by words, by pinyin, by number."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from huiqi.law.articles import DATA, articles
from huiqi.law.searching import find_articles

UNITS = "一二三四五六七八九"


def found(text: str) -> list[int]:
    return [hit.article.number for hit in find_articles(text)]


def in_chinese(number: int) -> str:
    """Written by hand, apart from the table of the code: 1 to 99."""
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else UNITS[tens - 1]) + ("十" if tens else "") + ("" if ones == 0 else UNITS[ones - 1])


@pytest.mark.parametrize("number", range(1, 58))
@pytest.mark.parametrize(
    "written",
    ["第{zh}条", "第{n}条", "第 {n} 条", "{n}", " {n} ", "{zh}", "{n}条", "{zh}条", "Article {n}", "article {n}", "art. {n}", "art {n}", "Art.{n}", "办法第{zh}条", "办法第{n}条第一款"],
)  # fmt: skip
def test_an_article_called_by_its_number_stands_first(written: str, number: int) -> None:
    assert found(written.format(n=number, zh=in_chinese(number)))[0] == number


@pytest.mark.parametrize(
    "text",
    ["第五十八条", "第58条", "第0条", "58", "99", "0", "九十九", "Article 58", "art. 580", "第一百条", "第99999999999999999999条", "第十十条", "13.5"],
)  # fmt: skip
def test_a_number_that_no_article_has_finds_nothing(text: str) -> None:
    assert found(text) == []


def test_full_width_figures_and_capitals_call_an_article_too() -> None:
    assert found("第１３条") == found("１３") == found("ＡＲＴＩＣＬＥ 13") == [13]


def test_the_other_words_of_a_search_find_more_articles_behind_the_one_that_is_called() -> None:
    assert found("第49条 投诉")[0] == 49
    assert 52 in found("第49条 投诉")[1:]
    assert found("第10条和第12条") == [10, 12]
    assert found("第99条 投诉") == found("投诉")


def test_figures_in_other_words_call_no_article() -> None:
    assert 12 not in found("smart 12")
    assert found("12345") == []
    assert found("2022年11月1日")[0] == 57


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("欠钱不给", 49), ("拖欠货款", 49), ("late payment", 49), ("unpaid invoices", 49), ("乱收费", 50), ("乱罚款", 50), ("摊派", 50), ("fines", 50),
        ("查店", 48), ("乱检查", 48), ("inspection", 48), ("inspections", 48), ("怎么投诉", 52), ("去哪里告", 52), ("complaint", 52), ("强制停业", 51),
        ("政府说话不算数", 47), ("冻结账户", 46), ("hire graduate", 34), ("招大学生", 34), ("加计扣除", 32), ("税收优惠", 13), ("tax relief", 13),
        ("投标", 38), ("government procurement", 38), ("公平竞争", 36), ("上市", 17), ("担保", 20), ("融资租赁", 22), ("保险", 24), ("孵化器", 29),
        ("退役军人", 30), ("出口", 39), ("商会", 45), ("中小企业定义", 3), ("房租减免", 9), ("shuishou", 13), ("tsjb", 52), ("zfcg", 38),
    ],
)  # fmt: skip
def test_what_owners_type_finds_the_article_that_they_mean(text: str, first: int) -> None:
    assert found(text)[0] == first


@pytest.mark.parametrize("each", articles(), ids=lambda each: str(each.number))
def test_every_article_is_found_by_its_headlines_and_by_its_first_sentence(each) -> None:
    assert found(each.title.zh)[0] == each.number
    assert found(each.title.en)[0] == each.number
    assert found(each.paragraphs_zh[0])[0] == each.number
    assert found(each.paragraphs_en[0])[0] == each.number


def test_every_owners_word_finds_its_article() -> None:
    words = yaml.safe_load((DATA / "article_words.yaml").read_text(encoding="utf-8"))
    assert set(words) <= {each.number for each in articles()}
    for number, own in words.items():
        for word in own:
            assert number in found(str(word))[:3], (number, word)


def test_marks_stand_in_the_article() -> None:
    for hit in find_articles("拖欠款项"):
        assert any(mark in "".join(hit.article.paragraphs_zh) for mark in hit.marks)


@given(st.text(max_size=60))
def test_any_text_is_answered_in_order_each_article_once(text: str) -> None:
    hits = find_articles(text)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.article.number for hit in hits}) == len(hits)
