"""A collection of made-up texts: what is found, in which order, and what never is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huiqi.textsearch import Entry, Hit, Index, words_of


def entry(key: str, title: str = "", body: str = "", **more: object) -> Entry:
    return Entry(key, {"title": title, "body": body}, {"title": 5}, names=(title,), **more)  # type: ignore[arg-type]


SHOP = [
    entry("loan", "贷款贴息", "银行给小店的贷款，利息由财政出一半。"),
    entry("rent", "房租减免", "租国有房屋的小店少交三个月。", numbers="国办发〔2020〕10号"),
    entry("paper", "A guide to late payment", "What to do when a customer does not pay."),
    entry("hire", "招用毕业生补贴", "每招一人给一笔钱。"),
]


def found(text: str, *entries: Entry) -> list[str]:
    return [hit.key for hit in Index(entries or SHOP).search(text)]


def test_words_synonyms_pinyin_initials_and_numbers_find_an_entry() -> None:
    assert found("贷款")[0] == found("借钱")[0] == found("daikuan")[0] == found("dktx")[0] == "loan"
    assert found("国办发[2020] 10号") == ["rent"]
    assert found("LATE  payment") == ["paper"]
    assert found("应届生")[0] == "hire"


def test_singular_and_plural_of_an_english_word_find_each_other() -> None:
    assert found("guides") == found("payments") == found("customers") == ["paper"]
    assert found("subsidy", entry("many", "subsidies")) == ["many"]
    assert found("subsidies", entry("one", "subsidy")) == ["one"]


def test_a_word_stands_above_its_synonym() -> None:
    own, near = entry("own", "借款"), entry("near", "贷款")
    assert found("借款", near, own, *(entry(f"filler-{n}", "房租") for n in range(5))) == ["own", "near"]


def test_a_heavier_field_stands_above_a_lighter_one() -> None:
    assert found("棉花", entry("body", "农业", "棉花"), entry("title", "棉花", "农业"), entry("other", "房租")) == [
        "title",
        "body",
    ]


def test_a_search_that_stands_word_for_word_in_a_title_stands_first() -> None:
    apart = Entry("apart", {"title": "棉花和纺织机器"}, {}, verbatim=("title",), names=("棉花和纺织机器",))
    whole = Entry("whole", {"title": "用棉花纺织"}, {}, verbatim=("title",), names=("用棉花纺织",))
    assert found("棉花纺织", apart, whole, entry("other", "房租"))[0] == "whole"


def test_an_entry_of_less_worth_comes_after_its_twin() -> None:
    twins = entry("a-old", "棉花", worth=0.7), entry("b-new", "棉花"), entry("other", "房租")
    assert found("棉花", *twins) == ["b-new", "a-old"]


def test_equals_stand_in_the_order_of_their_keys() -> None:
    assert found("棉花", entry("b", "棉花"), entry("a", "棉花"), entry("c", "房租")) == ["a", "b"]


def test_marks_are_the_words_that_answered() -> None:
    (hit,) = (hit for hit in Index(SHOP).search("小店 利息") if hit.key == "loan")
    assert set(hit.marks) >= {"小店", "利息"}
    near = next(hit for hit in Index(SHOP).search("借钱") if hit.key == "loan")
    assert "贷款" in near.marks
    assert "借钱" not in near.marks


def test_an_empty_collection_and_a_text_without_words_find_nothing() -> None:
    assert Index([]).search("贷款") == []
    assert found("。，！") == found("") == found("的") == found("\x00") == found("🙂") == []


def test_the_words_of_the_field_are_whole_before_anything_is_indexed() -> None:
    assert "小巨人" in words_of("小巨人")


@given(st.text(max_size=60))
def test_hits_are_positive_ordered_and_unique(text: str) -> None:
    hits = Index(SHOP).search(text)
    assert all(isinstance(hit, Hit) and hit.score > 0 for hit in hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.key for hit in hits}) == len(hits)


@given(st.lists(st.sampled_from(["贷款", "房租", "毕业生", "小店", "财政", "late", "pay"]), min_size=1, max_size=4))
def test_capitals_full_width_forms_and_spaces_make_no_difference(words: list[str]) -> None:
    text = " ".join(words)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text.upper())
    assert Index(SHOP).search(wide) == Index(SHOP).search(text)
