"""What owners type, and what they find."""

from __future__ import annotations

import datetime as dt
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiqi.opportunities.search import BENEFIT_GROUPS, issuing_bodies, search, words_of

from .made_up import DAY, FILES, library_of, raw_policy


def found(text: str = "", **filters: object) -> list[str]:
    return [hit.policy.id for hit in search(text, of=FILES, **filters)]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("招大学生补贴", {"expansion-grant-2026", "graduate-si-subsidy"}),
        ("招应届生有补贴吗", {"expansion-grant-2026", "graduate-si-subsidy", "internship-subsidy"}),
        ("贷款贴息", {"sme-working-capital-subsidy", "sme-fixed-asset-loan-subsidy"}),
        ("小规模", {"vat-small-scale-1pct", "vat-small-scale-exempt"}),
        ("增值税 小规模 免税", {"vat-small-scale-exempt"}),
        ("饭馆 免税", {"vat-small-scale-exempt"}),
        ("残疾人", {"disabled-fund", "disabled-wage-double"}),
        ("残保金", {"disabled-fund"}),
        ("稳岗返还", {"stability-refund-2026"}),
        ("研发加计扣除", {"rd-super-100", "rd-super-120"}),
        ("高新技术企业", {"title-hte", "cit-hte-15", "loss-carry-10y"}),
        ("小巨人", {"title-little-giant", "key-little-giant-fund"}),
        ("科技型中小企业", {"title-tech-sme"}),
        ("专利", {"patent-fee"}),
        ("出口", {"export-credit-small", "cb-ecommerce"}),
        ("拖欠货款", {"xj-payment-complaint", "late-interest"}),
        ("政府采购", {"gov-procurement-loan", "proc-reservation", "proc-domestic", "proc-price-deduction"}),
        ("农产品", {"vat-self-produced-agri"}),
        ("棉花", {"cit-agri-exempt"}),
        ("创业补贴", {"startup-grant"}),
        ("学徒", {"training-apprentice"}),
        ("退役军人", {"veteran-hire-deduct", "veteran-startup-deduct"}),
        ("设备更新", {"equipment-renewal-subsidy"}),
        ("霍尔果斯", {"cit-kashgar-khorgos-5"}),
        ("自贸区", {"xj-ftz"}),
        ("绿色工厂", {"green-factory"}),
        ("不动产登记", {"real-estate-reg-fee"}),
        ("知识产权质押", {"ip-pledge"}),
        ("续贷", {"renewal-without-repay"}),
        ("保证金", {"bonds-guarantee"}),
        ("12345", {"xj-hotline"}),
        ("留抵退税", {"vat-credit-refund"}),
        ("六税两费", {"six-taxes-two-fees-half"}),
        ("印花税", {"stamp-loan-exempt"}),
        ("亏损", {"loss-carry-10y"}),
        ("见习", {"internship-subsidy"}),
        ("房租", {"xj-emergency-relief"}),
        ("late payment", {"late-interest"}),
        ("patent", {"patent-fee"}),
        ("interest subsidy", {"equipment-renewal-subsidy", "sme-working-capital-subsidy", "sme-fixed-asset-loan-subsidy", "service-loan-subsidy"}),
        ("small-scale VAT", {"vat-small-scale-1pct", "vat-small-scale-exempt"}),
        ("Kashgar", {"cit-kashgar-khorgos-5"}),
    ],
)  # fmt: skip
def test_what_owners_type_finds_what_they_mean(text, first):
    assert found(text)[0] in first


@pytest.mark.parametrize("policy", FILES.shown(), ids=lambda policy: policy.id)
def test_every_policy_is_found_by_its_title_and_by_each_of_its_keywords(policy):
    assert policy.id in found(policy.title.zh)[:2]
    assert policy.id in found(policy.title.en)[:3]
    for keyword in policy.keywords:
        assert policy.id in found(keyword), keyword


@pytest.mark.parametrize(
    ("letters", "expected"),
    [("gxjs", "title-hte"), ("zjtx", "title-specialized-sme"), ("xgm", "vat-small-scale-exempt"), ("gaoxin", "title-hte"), ("wengang", "stability-refund-2026"),
     ("zengzhishui", "vat-small-scale-exempt"), ("GXJS", "title-hte"), ("gao xin", "title-hte"), ("ＧＸＪＳ", "title-hte"), ("lsgc", "green-factory"), ("cbj", "disabled-fund")],
)  # fmt: skip
def test_pinyin_and_its_initials_are_enough(letters, expected):
    assert expected in found(letters)


@pytest.mark.parametrize(
    "typed",
    [
        "财税〔2014〕75号",
        "财税[2014]75号",
        "财税(2014)75号",
        "财税（2014）75号",
        "财税【2014】75号",
        "财税2014 75号",
        "财税 〔2014〕 75 号",
        "财税［２０１４］７５号",
    ],
)
def test_a_document_number_is_found_whatever_its_brackets(typed):
    assert found(typed)[0] == "accelerated-depreciation"


@pytest.mark.parametrize(
    "policy",
    [p for p in FILES.shown() if p.document_number and any(c.isdigit() for c in p.document_number)],
    ids=lambda p: p.id,
)
def test_every_document_number_finds_its_policy(policy):
    for number in policy.document_number.split(";"):
        assert policy.id in found(number.strip()), number
        assert policy.id in found(number.translate(str.maketrans("〔〕", "[]"))), number


def test_policies_on_hold_are_never_found():
    held = {policy.id for policy in FILES if not policy.shown}
    assert held
    for policy in FILES:
        if policy.id in held:
            for text in (policy.title.zh, policy.title.en, *policy.keywords, policy.document_number or ""):
                assert not held & set(found(text))
    assert not held & set(found())
    assert not held & set(found(region="653101", industry="1711", benefit="money"))


# -- filters -----------------------------------------------------------------------------------------------------------
def test_without_a_text_all_that_pass_the_filters_are_listed_in_the_order_of_the_library():
    assert found() == found("   ") == [policy.id for policy in FILES.shown()]


@pytest.mark.parametrize("group", BENEFIT_GROUPS)
def test_a_kind_of_benefit_is_a_filter(group):
    ids = found(benefit=group)
    assert ids == [policy.id for policy in FILES.shown() if policy.benefit_type in BENEFIT_GROUPS[group]]
    assert ids


def test_every_benefit_type_belongs_to_one_group():
    types = [one for group in BENEFIT_GROUPS.values() for one in group]
    assert len(types) == len(set(types))
    assert {policy.benefit_type for policy in FILES} <= set(types)


def test_a_single_type_and_an_unknown_kind():
    assert set(found(benefit="tax_holiday")) == {p.id for p in FILES.shown() if p.benefit_type == "tax_holiday"}
    assert found(benefit="nonsense") == []


def test_an_issuing_body_is_a_filter_in_both_languages():
    assert found(body="税务总局") == found(body="state taxation administration") != []
    assert all("税务总局" in FILES.policies[i].issuing_body.zh for i in found(body="税务总局"))


def test_issuing_bodies_are_counted_the_most_frequent_first():
    bodies = issuing_bodies(FILES)
    assert [n for _, n in bodies] == sorted((n for _, n in bodies), reverse=True)
    assert all(len(found(body=body.zh)) >= n for body, n in bodies)
    assert not [body for body, _ in bodies if body.zh.startswith("等")]


def test_issuing_bodies_have_their_english_names_where_a_policy_gives_them():
    of = library_of(
        raw_policy(
            "both", issuing_body_zh="财政部 税务总局", issuing_body_en="Ministry of Finance, Tax Administration"
        ),
        raw_policy("one", issuing_body_zh="工业和信息化局", issuing_body_en="Bureau of Industry, IT and Trade"),
        raw_policy("uneven", issuing_body_zh="甲局 乙局", issuing_body_en="Two bureaus"),
        raw_policy("more", issuing_body_zh="财政部 等11部门", issuing_body_en="Ministry of Finance and others"),
    )
    names = {body.zh: (body.en, count) for body, count in issuing_bodies(of)}
    assert names == {
        "财政部": ("Ministry of Finance", 2),
        "税务总局": ("Tax Administration", 1),
        "工业和信息化局": ("Bureau of Industry, IT and Trade", 1),
        "甲局": ("甲局", 1),
        "乙局": ("乙局", 1),
    }


def test_a_place_and_a_trade_leave_out_what_can_never_reach_them():
    of = library_of(
        raw_policy("here", eligible="in_xinjiang"),
        raw_policy("farm", eligible="industry_code like '01%'"),
        raw_policy("anywhere"),
        raw_policy("coast", eligible="not in_xinjiang and is_sme"),
    )
    assert [hit.policy.id for hit in search(region="653101", of=of)] == ["here", "farm", "anywhere"]
    assert [hit.policy.id for hit in search(region="110101", of=of)] == ["farm", "anywhere", "coast"]
    assert [hit.policy.id for hit in search(industry="6210", of=of)] == ["here", "anywhere", "coast"]
    assert [hit.policy.id for hit in search(industry="0131", region="653101", of=of)] == ["here", "farm", "anywhere"]


def test_open_on_a_day_and_ending_by_a_day():
    assert set(found(open_on=DAY)) == {p.id for p in FILES.shown() if p.phase(DAY) == "open"}
    assert "vat-small-scale-exempt-2023" in found(open_on=dt.date(2025, 6, 1))
    ending = found(deadline_before=dt.date(2026, 12, 31), open_on=DAY)
    assert "stability-refund-2026" in ending
    assert all(FILES.policies[i].valid_to <= dt.date(2026, 12, 31) for i in ending)


def test_filters_narrow_a_search_and_keep_its_order():
    everything = found("贷款")
    for filters in (
        {"benefit": "loan"},
        {"open_on": DAY},
        {"region": "653101"},
        {"industry": "1711"},
        {"body": "财政部"},
    ):
        some = found("贷款", **filters)
        assert some == [i for i in everything if i in some]


# -- hits --------------------------------------------------------------------------------------------------------------
def test_hits_are_ordered_and_their_marks_stand_in_the_policy():
    hits = search("小微企业贷款贴息", of=FILES)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.policy.id for hit in hits}) == len(hits)
    for hit in hits:
        text = " ".join([hit.policy.title.zh, hit.policy.benefit.zh, *hit.policy.keywords, hit.policy.issuing_body.zh, *(s.zh for s in hit.policy.how_to_claim),
                         *(c.text.zh for c in hit.policy.conditions), hit.policy.note.zh if hit.policy.note else ""])  # fmt: skip
        assert any(mark in text for mark in hit.marks)


@pytest.mark.parametrize(
    "text",
    [
        "！！！",
        "。，、",
        "的",
        "()",
        "[]",
        ".*",
        "^$",
        "%",
        "_",
        "*",
        "?",
        "|",
        "\\",
        "\x00",
        "🙂",
        "\u200b",
        "“”",
        "--",
        "' or 1=1",
        "a" * 10_000,
        "税" * 10_000,
    ],
)
def test_marks_and_noise_find_nothing_and_break_nothing(text):
    assert isinstance(found(text), list)
    if not any(c.isalnum() for c in text):
        assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "贷款" * 5_000,
        "招大学生补贴 " * 1_500,
        "财税〔2014〕75号" * 800,
        "abc " * 2_500,
        "(" * 10_000,
        "1" * 10_000,
        string.printable * 100,
    ],
)
def test_ten_thousand_characters_are_answered_at_once(text):
    started = time.perf_counter()
    found(text)
    assert time.perf_counter() - started < 1.5


def test_a_search_is_quick():
    found("贷款")
    started = time.perf_counter()
    for _ in range(20):
        found("小微企业贷款贴息")
    assert (time.perf_counter() - started) / 20 < 0.05


@given(st.text(max_size=50))
@settings(max_examples=60)
def test_any_text_is_answered(text):
    hits = search(text, of=FILES)
    assert all(hit.policy.shown for hit in hits)
    if text.strip():
        assert all(hit.score > 0 for hit in hits)


def test_the_words_of_a_text_leave_out_what_says_nothing():
    assert words_of("给企业的补贴") == [word for word in words_of("给企业的补贴") if word != "的"]
    assert "补贴" in words_of("给企业的补贴")
    assert words_of("ＶＡＴ for small FIRMS") == ["vat", "small", "firms"]
    assert words_of("，。！") == []


def test_a_policy_that_answers_every_word_stands_above_one_that_answers_some():
    of = library_of(
        raw_policy("both", title_zh="出口企业的运费补贴", title_en="freight"), raw_policy("one", title_zh="运费运费运费运费", title_en="freight freight"),
        *(raw_policy(f"filler-{n}", title_zh="贷款") for n in range(8)),
    )  # fmt: skip
    assert next(hit.policy.id for hit in search("出口 运费", of=of)) == "both"
