"""One field for everything, and the help pages."""

from __future__ import annotations

import logging
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from web_pages import read, visible, visitor

import huiqi
from huiqi.opportunities.library import library
from huiqi.web.found import LONGEST, asked
from huiqi.web.help_pages import help_pages

pytestmark = pytest.mark.django_db
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def found(text: str, client: Client | None = None) -> dict[str, list[str]]:
    """The addresses that a search shows, by group, the groups in their order."""
    html = (client or visitor()).get("/search/", {"q": text}).content.decode()
    parts = re.split(r'<section class="panel" aria-labelledby="g-(\w+)"', html)[1:]
    return {
        name: re.findall(r'<h3><a href="([^"]+)"', part) for name, part in zip(parts[::2], parts[1::2], strict=True)
    }


def article(number: int) -> str:
    return f"/law/{number}/"


#: What an owner types, and where it must lead on the first page. The first hit of the first group unless said otherwise.
FIRST = [
    ("欠钱不给", article(49)), ("拖欠工程款", article(49)), ("late payment", article(49)), ("unpaid invoice", article(49)),
    ("乱收费", article(50)), ("罚款", article(50)), ("摊派", article(50)), ("fees", article(50)),
    ("查店", article(48)), ("inspection", article(48)), ("too many inspections", article(48)),
    ("强制停业", article(51)), ("政府不认账", article(47)), ("冻结账户", article(46)), ("hire graduate", article(34)), ("招大学生", article(34)),
    ("上市", article(17)), ("第十三条", article(13)), ("13", article(13)), ("article 49", article(49)), ("tax", article(13)),
    ("稳岗返还", "/policies/stability-refund-2026/"), ("小规模 免税", "/policies/vat-small-scale-exempt/"), ("设备更新", "/policies/equipment-renewal-subsidy/"),
    ("残疾人", "/policies/disabled-fund/"), ("专利", "/policies/patent-fee/"), ("房租", "/policies/xj-emergency-relief/"), ("财税[2014]75号", "/policies/accelerated-depreciation/"),
    ("怎么投诉", "/help/complain/"), ("电费", "/help/contacts/"), ("隐私", "/help/privacy/"), ("screen reader", "/help/accessibility/"), ("字太小", "/help/accessibility/"),
    ("诈骗短信", "/help/genuine/"), ("密码忘了", "/help/act-for-a-firm/"), ("怎么改资料", "/help/correct/"), ("结果不对", "/help/wrong-result/"),
    ("已核定", "/help/sources/"), ("谁能看我的资料", "/help/privacy/"), ("yinsi", "/help/privacy/"),
]  # fmt: skip
#: What stands on the first page too.
ALSO = [
    ("贷款", article(14)), ("贷款", "/policies/sme-working-capital-subsidy/"), ("电费", article(50)), ("怎么投诉", article(52)),
    ("怎么投诉", "/policies/xj-hotline/"), ("投诉", "/help/contacts/"), ("complain", article(52)), ("hire graduate", "/policies/graduate-si-subsidy/"),
    ("招大学生补贴", "/policies/expansion-grant-2026/"), ("拖欠", "/policies/late-interest/"), ("12345", "/help/contacts/"), ("税", article(13)),
    ("开店", "/policies/startup-grant/"), ("政府采购", article(38)), ("培训", article(44)), ("loan", article(14)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "address"), FIRST)
def test_what_an_owner_types_leads_to_what_she_means(text: str, address: str) -> None:
    assert next(iter(found(text).values()))[0] == address


@pytest.mark.parametrize(("text", "address"), ALSO)
def test_what_else_she_may_mean_stands_on_the_same_page(text: str, address: str) -> None:
    assert address in [each for group in found(text).values() for each in group]


def test_hits_stand_in_groups_with_counts_that_lead_to_all_of_them(guest: Client, language: str) -> None:
    client = visitor(language)
    html = client.get("/search/", {"q": "贷款"}).content.decode()
    count = int(re.search(r'href="#g-policies">[^<]*<span class="num">(\d+)', html)[1])  # type: ignore[index]
    assert len(found("贷款", client)["policies"]) == 5 < count
    everything = f"/policies/?{urlencode({'q': '贷款'})}"
    assert f'href="{everything}"' in html
    listed = visible(client.get(everything))
    assert (f"{count} 项政策" if language == "zh-hans" else f"{count} policies") in listed
    assert f'href="/law/?{urlencode({"q": "贷款"})}"' in html


def test_a_group_that_is_shown_whole_has_no_link_to_more(guest: Client) -> None:
    response = guest.get("/search/", {"q": "稳岗返还"})
    assert found("稳岗返还")["policies"] == ["/policies/stability-refund-2026/"]
    assert "看全部" not in visible(response)


def test_policies_that_are_not_open_are_counted_apart_and_one_click_away(guest: Client) -> None:
    html = guest.get("/search/", {"q": "增值税"}).content.decode()
    closed = int(re.search(r"还有 (\d+) 项未开放或已到期的政策", html)[1])  # type: ignore[index]
    shown = int(re.search(r'href="#g-policies">[^<]*<span class="num">(\d+)', html)[1])  # type: ignore[index]
    assert closed > 0
    all_of_them = visible(guest.get("/policies/", {"q": "增值税", "when": "all"}))
    assert f"{shown + closed} 项政策" in all_of_them


def test_policies_on_hold_are_never_found() -> None:
    for policy in library():
        if not policy.shown:
            assert f"/policies/{policy.id}/" not in str(found(policy.title.zh))


def test_the_words_that_answered_are_marked_in_title_and_context(guest: Client) -> None:
    html = guest.get("/search/", {"q": "拖欠款项"}).content.decode()
    assert "<mark>拖欠</mark>" in html
    english = visitor("en").get("/search/", {"q": "inspections"}).content.decode()
    assert re.search(r"<mark>[Ii]nspections?</mark>", english)
    assert "<mark>检查</mark>" not in english


def test_an_empty_field_offers_what_to_try(guest: Client, language: str) -> None:
    client = visitor(language)
    html = client.get("/search/").content.decode()
    examples = re.findall(r'class="chip" href="\?q=([^"]+)"', html)
    assert len(examples) >= 5
    for example in examples:
        assert client.get(f"/search/?q={example}").content.decode().count("<h3>") > 0
    for page in help_pages().values():
        assert f'href="/help/{page.slug}/"' in html
    assert client.get("/search/?q=%20%20").content.decode().count('class="chip"') == len(examples)


def test_a_search_without_a_hit_says_what_to_try_and_whom_to_call(guest: Client, language: str) -> None:
    response = visitor(language).get("/search/", {"q": "量子香蕉"})
    assert response.status_code == 200
    html = response.content.decode()
    main = html.split('id="main"')[1].split("<footer")[0]
    assert "tel:12345" in main
    assert 'href="/"' in main
    assert 'value="量子香蕉"' in main


@pytest.mark.parametrize(
    "text", ["%", "%00", "\x00", "贷款\x00", "<script>alert(1)</script>", "🙂", "贷款🙂", "' or 1=1 --", "\u202e反", "\\", ".*", "((", "\ud7ff", "税" * 5_000, "a b " * 5_000, "第" * 300 + "13条", "1" * 4_000]
)  # fmt: skip
def test_odd_and_long_texts_are_answered_and_shown_as_text(guest: Client, text: str) -> None:
    response = guest.get("/search/", {"q": text})
    assert response.status_code == 200
    html = response.content.decode()
    assert "<script>alert" not in html
    assert "\x00" not in html
    (typed,) = re.findall(r'id="id_q"[^>]*value="([^"]*)"', html)
    assert unescape(typed) == asked(text)
    assert len(typed) <= 10 * LONGEST


def test_a_text_in_no_encoding_is_answered(guest: Client) -> None:
    assert guest.get("/search/?q=%ff%fe").status_code == 200
    assert guest.get("/search/?q=%ED%A0%80").status_code == 200
    assert guest.get("/search/?q=a&q=贷款").status_code == 200


def test_a_long_text_says_how_much_of_it_was_looked_for(guest: Client) -> None:
    assert "只搜了前 200 个字" in visible(guest.get("/search/", {"q": "贷款" * 101}))
    assert "只搜了前" not in visible(guest.get("/search/", {"q": "贷款" * 100}))


@given(st.text(max_size=300))
def test_what_is_looked_for_is_short_and_holds_no_control_characters(text: str) -> None:
    short = asked(text)
    assert len(short) <= LONGEST
    assert short == short.strip() == asked(short)
    assert not re.search(r"[\x00-\x1f\x7f]", short)


def test_a_search_needs_get_and_leaves_no_session(guest: Client) -> None:
    assert guest.post("/search/", {"q": "贷款"}).status_code == 405
    guest.get("/search/", {"q": "贷款"})
    assert "huiqi_session" not in guest.cookies


def test_the_log_holds_nothing_of_what_was_searched_for(guest: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for text in ("某某饭馆欠钱不给", "secretword", "\x00秘密", "机密" * 3_000):
            guest.get("/search/", {"q": text})
        guest.post("/search/?q=secretword")
        guest.get("/help/secretword/")
    lines = [f"{record.msg} {record.args} {record.getMessage()}" for record in caplog.records]
    assert any("search/" in line and "answered" in line for line in lines)
    for secret in ("某某饭馆", "欠钱", "secretword", "秘密", "机密", quote("欠钱")):
        assert not [line for line in lines if secret in line]


# -- the field on every page -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/", "/policies/", "/law/", "/help/", "/login/", "/search/?q=贷款"])
def test_every_page_has_the_field_and_leads_to_help(guest: Client, path: str) -> None:
    html = guest.get(path).content.decode()
    assert len(re.findall(r'<form class="search find[^>]*action="/search/"', html)) == 2
    for address in ("/help/", "/help/accessibility/", "/help/privacy/", "/help/genuine/"):
        assert f'href="{address}"' in html
    reader = read(html)
    assert len(reader.ids) == len(set(reader.ids))


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/complain/", "complain"),
        ("/complain/find/", "query-code"),
        ("/verify/", "check-a-letter"),
        ("/account/notifications/", "notices"),
        ("/account/calendar/", "notices"),
    ],
)
def test_pages_of_complaints_letters_and_notices_lead_to_their_help(
    owner: Any, client: Client, path: str, slug: str
) -> None:
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert f'href="/help/{slug}/"' in client.get(path).content.decode()


def test_results_and_facts_explain_their_words(noodle_shop: Client, owner: Any, client: Client) -> None:
    assert 'href="/help/results/"' in noodle_shop.get("/finder/results/").content.decode()
    assert 'href="/help/figures/"' in noodle_shop.get("/finder/results/").content.decode()
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert 'href="/help/sources/"' in client.get("/facts/").content.decode()
    assert 'href="/help/act-for-a-firm/"' in client.get("/register/firm/").content.decode()


# -- help --------------------------------------------------------------------------------------------------------------
def test_the_list_names_every_page_with_what_it_tells(guest: Client, language: str) -> None:
    response = visitor(language).get("/help/")
    text = visible(response)
    for page in help_pages().values():
        assert page.title.of(language) in text
        assert page.lead.of(language) in text
        assert f'href="/help/{page.slug}/"' in response.content.decode()


@pytest.mark.parametrize("slug", help_pages())
def test_a_help_page_says_all_of_it_in_the_language_of_the_reader(guest: Client, slug: str, language: str) -> None:
    response = visitor(language).get(f"/help/{slug}/")
    page = help_pages()[slug]
    text = visible(response)
    shown = unescape(re.sub(r"<[^>]+>", "", response.content.decode()))
    for section in page.sections:
        assert section.texts()
        for words in (
            section.heading,
            *section.text,
            *section.steps,
            *section.items,
            *(m for _, m in section.verdicts),
        ):
            assert words.of(language) in shown
        for term, meaning in section.terms:
            assert term.of(language) in shown
            assert meaning.of(language) in shown
    if language == "en":
        assert not CHINESE.search(text)


@pytest.mark.parametrize("slug", help_pages())
def test_a_help_page_leads_only_to_pages_that_exist(guest: Client, slug: str) -> None:
    for section in help_pages()[slug].sections:
        for link in section.links:
            if link.kind == "phone":
                assert re.fullmatch(r"tel:\d{5}", link.address)
                continue
            path, _, anchor = link.address.partition("#")
            response = guest.get(path, follow=True)
            assert response.status_code == 200, link
            assert not anchor or anchor in read(response.content.decode()).ids


def test_the_six_verdicts_are_explained_with_their_own_icon_and_word(guest: Client) -> None:
    html = guest.get("/help/results/").content.decode()
    assert html.count('class="tag v') == 6
    for word in ("可以享受", "可以申请", "差一项", "暂不符合", "还不能判断", "未开放或已到期"):
        assert word in visible(guest.get("/help/results/"))


def test_a_help_page_that_does_not_exist_is_a_friendly_404(guest: Client) -> None:
    response = guest.get("/help/nothing/")
    assert response.status_code == 404
    assert "没有这一页" in visible(response)


def test_every_help_page_is_found_by_its_title_and_by_each_of_its_words() -> None:
    for page in help_pages().values():
        for text in (page.title.zh, page.title.en, *page.words):
            assert f"/help/{page.slug}/" in found(text).get("help", []), (page.slug, text)


def test_help_speaks_as_the_house_does() -> None:
    """Look, section 6: 你 and never 您, no officialese, no exclamation marks, short sentences."""
    for page in help_pages().values():
        for section in page.sections:
            for words in (page.title, page.lead, section.heading, *section.texts()):
                assert not re.search(r"您|相关|予以|知悉|！|!", words.zh), words.zh
                assert not re.search(r"!|please|utili[sz]e|in order to", words.en, re.IGNORECASE), words.en
                assert max(len(s) for s in re.split(r"[。；：]", words.zh)) <= 45, words.zh


# -- what the privacy and safety pages promise -------------------------------------------------------------------------
def test_the_three_cookies_are_the_only_ones(noodle_shop: Client) -> None:
    noodle_shop.get("/login/")
    noodle_shop.post("/language/", {"language": "en", "next": "/"})
    assert set(noodle_shop.cookies) == {"huiqi_session", "huiqi_csrf", "huiqi_language"}


def test_mail_is_sent_by_the_link_to_a_new_password_and_by_the_channels_of_notices_alone() -> None:
    """What the help says of mail and short messages holds only while nothing else in the code sends any."""
    sending = re.compile(r"django\.core\.mail import|smtplib|send_mail")
    places = [path for path in Path(huiqi.__file__).parent.rglob("*.py") if sending.search(path.read_text("utf-8"))]
    by_name = {path.name: path for path in places}
    assert by_name.keys() == {"identity.py", "channels.py", "folder.py"}
    text = by_name["identity.py"].read_text("utf-8")
    assert len(re.findall(r"send_mail\(", text)) == 1
    assert text.index("def send_password_reset_mail") < text.index("send_mail(")
