"""The officer's desk: who may use it, the two views of a rule, what is kept and what is lost, publishing."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from web_pages import PASSWORD, visible, visitor

from huiqi.opportunities.library import library
from huiqi.opportunities.models import Draft, PublishedPolicy
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.models import EnterpriseFacts, Membership, Organisation, Person, Statement
from huiqi.registry.reference import load_reference_data

pytestmark = pytest.mark.django_db
numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def reference(db: None) -> None:
    load_reference_data()


def organ(region: str = "650000", function: str = "industry_and_it", **fields: Any) -> Organisation:
    return Organisation.objects.create(
        kind="organ",
        name_zh=f"样例机关{next(numbers)}（样例）",
        name_en="Sample office",
        region_id=region,
        organ_function=function,
        **fields,
    )


def enter(office: Organisation, role: str = "officer", language: str = "zh-hans") -> Client:
    name = f"officer{next(numbers)}"
    person = Person.objects.create_user(name, PASSWORD, display_name="样例承办人")
    Membership.objects.create(person=person, organisation=office, role=role, start=dt.date(2020, 1, 1))
    client = visitor(language)
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def office() -> Organisation:
    return organ()


@pytest.fixture
def desk(office: Organisation) -> Client:
    return enter(office, language="en")


@pytest.fixture
def draft(desk: Client) -> int:
    return int(desk.post("/desk/drafts/new/").headers["Location"].strip("/").split("/")[-1])


def sent(**fields: Any) -> dict[str, Any]:
    """A form as the editor sends it."""
    return {
        "act": "check",
        "base": "",
        "eligible": "",
        "title_zh": "稳岗补贴",
        "title_en": "Subsidy for keeping staff",
        "benefit_type": "subsidy",
        "benefit_zh": "每人 500 元。",
        "how_to_claim_zh": "不用申请。",
        "amount": "employees * 500",
        "amount_per": "year",
        "articles": "14, 25",
        "valid_from": timezone.localdate().isoformat(),
        "valid_to": "",
    } | {name.replace("__", "-"): value for name, value in fields.items()}


def row(index: int, fact: str, op: str, *values: str, join: str = "and") -> dict[str, Any]:
    return {
        f"row-{index}-fact": fact,
        f"row-{index}-op": op,
        f"row-{index}-value": list(values),
        f"row-{index}-join": join,
    }


@pytest.fixture
def post(desk: Client, draft: int) -> Callable[..., Any]:
    def send(**fields: Any) -> Any:
        return desk.post(f"/desk/drafts/{draft}/", sent(**fields))

    return send


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/desk/drafts/", "/desk/drafts/1/", "/desk/drafts/1/compare/"])
def test_somebody_who_is_not_signed_in_is_asked_to_sign_in(guest: Client, path: str) -> None:
    answer = guest.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login/?next=")


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_other_roles_of_an_organ_are_told_that_another_role_is_needed(office: Organisation, role: str) -> None:
    client = enter(office, role)
    answer = client.get("/desk/drafts/")
    assert answer.status_code == 403
    assert "换身份" in visible(answer)
    assert client.post("/desk/drafts/new/").status_code == 403
    assert not Draft.objects.exists()


def test_an_owner_has_no_desk(owner: Person) -> None:
    client = visitor()
    client.force_login(owner, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/desk/drafts/").status_code == 403
    assert "政策起草" not in visible(client.get("/"))


@pytest.mark.parametrize("role", ["officer", "supervisor"])
def test_officers_and_supervisors_draft(office: Organisation, role: str) -> None:
    client = enter(office, role)
    assert client.get("/desk/drafts/").status_code == 200
    assert client.post("/desk/drafts/new/").status_code == 302


@pytest.mark.parametrize(
    ("region", "function"), [("650000", "finance"), ("653100", "industry_and_it"), ("653101", "industry_and_it")]
)
def test_a_draft_is_seen_by_its_own_organ_only(draft: int, region: str, function: str) -> None:
    other = enter(organ(region, function))
    assert other.get(f"/desk/drafts/{draft}/").status_code == 404
    assert other.post(f"/desk/drafts/{draft}/", sent(act="save")).status_code == 404
    assert other.post(f"/desk/drafts/{draft}/live/", sent()).status_code == 404
    assert other.get(f"/desk/drafts/{draft}/compare/").status_code == 404
    assert Draft.objects.get(pk=draft).title_zh == ""


def test_a_colleague_goes_on_with_a_draft(office: Organisation, draft: int) -> None:
    assert enter(office, "supervisor").post(f"/desk/drafts/{draft}/", sent(act="save")).status_code == 302
    assert Draft.objects.get(pk=draft).title_zh == "稳岗补贴"


def test_one_person_in_two_offices_sees_the_drafts_of_the_hat_she_wears(office: Organisation, draft: int) -> None:
    other = organ("653100")
    person = Person.objects.create_user("two", PASSWORD, display_name="样例")
    hats = [
        Membership.objects.create(person=person, organisation=each, role="officer", start=dt.date(2020, 1, 1))
        for each in (office, other)
    ]
    client = visitor()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    for hat, status in zip(hats, (200, 404), strict=True):
        client.post("/hats/", {"hat": hat.pk})
        assert client.get(f"/desk/drafts/{draft}/").status_code == status


# --- two views of one rule --------------------------------------------------------------------------------------------


def test_rows_become_the_expression(post: Callable[..., Any]) -> None:
    answer = post(act="rows", rows="2", **row(0, "is_sme", "yes"), **row(1, "employees", "ge", "10"))
    assert answer.context["work"].text == "is_sme and employees >= 10"
    assert answer.context["work"].base == "is_sme and employees >= 10"


def test_the_expression_becomes_rows(post: Callable[..., Any]) -> None:
    answer = post(act="text", eligible="is_sme and (employees >= 10 or revenue > 5)")
    assert [(each["row"].fact, each["row"].join) for each in answer.context["rows"]] == [
        ("is_sme", "and"), ("employees", "and"), ("revenue", "or"),
    ]  # fmt: skip


def test_a_rule_too_rich_for_rows_says_so_and_stays(post: Callable[..., Any]) -> None:
    answer = post(act="text", eligible="revenue / nullif(employees, 0) > 3")
    assert "more than rows can hold" in visible(answer)
    assert "revenue / nullif(employees, 0) &gt; 3" in answer.content.decode()


def test_a_condition_is_added_and_removed_and_the_rest_stays(post: Callable[..., Any]) -> None:
    two = {"rows": "2", "base": "is_sme and employees >= 10", "eligible": "is_sme and employees >= 10"}
    two |= row(0, "is_sme", "yes") | row(1, "employees", "ge", "10")
    added = post(act="add", **two)
    assert len(added.context["rows"]) == 3
    assert added.context["work"].text == "is_sme and employees >= 10"
    assert post(act="remove-0", **two).context["work"].text == "employees >= 10"
    assert post(act="remove-99", **two).context["work"].text == "is_sme and employees >= 10"


def test_another_fact_brings_its_own_operators(post: Callable[..., Any]) -> None:
    answer = post(act="rows", rows="1", **row(0, "established_date", "yes"))
    assert answer.status_code == 422
    assert answer.context["rows"][0]["operators"][0] == ("ge", "is on or after")


def test_a_value_that_does_not_fit_is_told_at_its_row_and_kept(post: Callable[..., Any]) -> None:
    answer = post(act="save", rows="1", **row(0, "employees", "ge", "ten"))
    assert answer.status_code == 422
    assert 'value="ten"' in answer.content.decode()
    assert "whole number" in visible(answer)
    assert Draft.objects.get().title_zh == ""


def test_when_rows_and_text_were_both_changed_the_officer_says_which_counts(post: Callable[..., Any]) -> None:
    both = {"base": "", "eligible": "is_sme", "rows": "1"} | row(0, "employees", "ge", "10")
    assert "both changed" in visible(post(act="save", **both))
    assert post(act="rows", **both).context["work"].text == "employees >= 10"
    assert post(act="text", **both).context["work"].text == "is_sme"


def test_an_error_shows_its_place_and_a_suggestion_that_can_be_taken_over(post: Callable[..., Any]) -> None:
    answer = post(act="text", eligible="is_sme and employes >= 10")
    assert "<mark>employes</mark>" in answer.content.decode()
    assert "at character 12" in visible(answer)
    mended = post(act="suggest", eligible="is_sme and employes >= 10")
    assert mended.context["work"].text == "is_sme and employees >= 10"


def test_what_is_typed_is_shown_as_text(post: Callable[..., Any]) -> None:
    attack = "<script>alert(1)</script>"
    html = post(act="check", eligible=f"employees > '{attack}'", title_zh=attack).content.decode()
    assert attack not in html
    assert "&lt;script&gt;" in html


# --- live -------------------------------------------------------------------------------------------------------------


def test_the_live_parts_tell_the_reach_and_keep_nothing(desk: Client, draft: int) -> None:
    answer = desk.post(f"/desk/drafts/{draft}/live/", sent(source="text", eligible="employees >= 10"))
    assert "qualify" in visible(answer)
    assert 'id="eligible"' in answer.content.decode()
    assert Draft.objects.get(pk=draft).eligible == ""


def test_while_the_text_cannot_be_read_the_old_figures_stay(desk: Client, draft: int) -> None:
    answer = desk.post(f"/desk/drafts/{draft}/live/", sent(source="text", eligible="employees >="))
    assert 'id="reach"' not in answer.content.decode()
    assert "last rule that could be read" in visible(answer)


def test_a_prefecture_counts_its_own_enterprises_only(enterprise: Organisation) -> None:
    for region, expected in (("653100", 1), ("650100", 0), ("650000", 1)):
        client = enter(organ(region))
        address = client.post("/desk/drafts/new/").headers["Location"]
        answer = client.post(f"{address}live/", sent(source="text", eligible="employees >= 1"))
        assert answer.context["reach"]["reach"].enterprises == expected, region


def staffed(region: str, *people: int) -> None:
    """Firms of a place, each with so many people."""
    for each in people:
        number = next(numbers)
        firm = Organisation.objects.create(
            kind="enterprise", name_zh=f"样例{number}号", uscc=make_fictitious("1", "14", number), region_id=region
        )
        EnterpriseFacts.objects.create(organisation=firm).record(
            {"employees": each, "registration_region": region},
            Statement.objects.create(source="imported", made_on=dt.date(2026, 11, 1)),
        )


def live(region: str, language: str = "zh-hans", **fields: Any) -> Any:
    """The reach of a rule as an office of this region sees it."""
    client = enter(organ(region, **fields), language=language)
    address = client.post("/desk/drafts/new/").headers["Location"]
    return client.post(f"{address}live/", sent(source="text", eligible="employees >= 10"))


def tiles(answer: Any) -> list[tuple[str, str]]:
    """(place, number) of each tile, in the order of the page."""
    html = answer.content.decode()
    found = re.findall(r'<a\s+href="#place[^"]*">(.+?)<b>([\d,]+)</b></a>', html, re.DOTALL)
    return [(re.sub(r"<[^>]+>", "", name).strip(), number) for name, number in found]


def test_an_office_of_a_prefecture_sees_its_counties_as_tiles_in_the_order_of_their_codes_and_as_a_table(
    language: str,
) -> None:
    staffed("653101", 12, 40, 3)
    staffed("653131", 50)
    staffed("652901", 50)
    answer = live("653100", language)
    drawn = tiles(answer)
    assert len(drawn) == 13, "Kashgar has thirteen counties"
    assert drawn[0] == ({"zh-hans": "喀什市", "en": "Kashgar"}[language], "2")
    assert drawn[-2] == ({"zh-hans": "塔什库尔干", "en": "Taxkorgan"}[language], "1")
    assert [number for _, number in drawn].count("0") == 11
    html = answer.content.decode()
    assert 'id="place-653101"' in html
    assert 'id="place-652901"' not in html
    note = {"zh-hans": "按代码排列，不表示边界", "en": "in the order of their codes; it shows no borders"}[language]
    assert note in visible(answer)


def test_places_of_one_name_keep_what_tells_them_apart() -> None:
    names = [name for name, _ in tiles(live("653200"))]
    assert {"和田市", "和田县"} <= set(names)


def test_an_office_of_a_county_gets_a_sentence_and_no_map(language: str) -> None:
    staffed("653101", 12, 40, 3)
    staffed("653121", 50)
    answer = live("653101", language)
    assert tiles(answer) == []
    assert {
        "zh-hans": "你们只管喀什市一地，不用分地方看：3 家里有 2 家符合。",
        "en": "Your office serves one place only, so there is no map. In Kashgar, 2 of 3 qualify.",
    }[language] in visible(answer)


@pytest.mark.parametrize("corps", [False, True])
def test_an_office_of_the_region_sees_the_prefectures_in_their_fixed_places(corps: bool) -> None:
    staffed("653101", 12, 40)
    answer = live("650000", is_bingtuan=corps)
    assert len(tiles(answer)) == 14
    assert dict(tiles(answer))["喀什"] == ("0" if corps else "2")
    assert 'class="t51' in answer.content.decode()


@pytest.mark.parametrize(
    ("per", "cost"), [("year", "¥17,000 a year"), ("month", "¥204,000 a year"), ("once", "¥17,000")]
)
def test_what_lowering_a_threshold_brings_and_costs_is_told_in_words_and_in_a_table(
    post: Callable[..., Any], per: str, cost: str
) -> None:
    staffed("653101", 5, 15, 16, 18, 20, 40)
    answer = post(act="check", eligible="employees >= 20", amount_per=per)
    page = visible(answer)
    assert "at 16 people instead of 20 people, 2 more would qualify." in page
    assert f"It would cost {cost} more." in page.replace("\xa0", " ")
    table = page[page.index("If a threshold is moved") :]
    assert f"20 people 16 people 2 {cost}" in table.replace("\xa0", " ")
    for words in ("just miss it", "miss it by more"):
        assert words in page, "the colours have a key"


def test_a_draft_without_an_amount_tells_who_just_misses_and_no_cost(post: Callable[..., Any]) -> None:
    staffed("653101", 18)
    page = visible(post(act="check", eligible="employees >= 20", amount=""))
    assert "1 more would qualify" in page
    assert "It would cost" not in page
    assert "Added cost" not in page


# --- the review -------------------------------------------------------------------------------------------------------


def test_a_forbidden_condition_is_named_with_its_clause_and_blocks(post: Callable[..., Any]) -> None:
    answer = post(act="publish", eligible="employees >= 10 and uscc = '91650100MA00000000'")
    assert "Not allowed:" in visible(answer)
    assert "Article 10" in visible(answer)
    assert re.search(r'id="publish"[^>]*aria-describedby="stop"[^>]*disabled', answer.content.decode())
    assert not PublishedPolicy.objects.exists()


def test_a_reason_is_kept_with_the_condition(desk: Client, post: Callable[..., Any]) -> None:
    rule = "employees >= 10 and age_years >= 2"
    asked = post(eligible=rule)
    concern = asked.context["rows"][1]["concerns"][0]
    reason = {f"reason-key-{concern['n']}": concern["key"], f"reason-{concern['n']}": "国家规定"}
    assert post(act="save", eligible=rule, **reason).status_code == 302
    assert Draft.objects.get().reasons == {concern["key"]: "国家规定"}
    assert "国家规定" in desk.get(f"/desk/drafts/{Draft.objects.get().pk}/").content.decode()


# --- the second day ---------------------------------------------------------------------------------------------------


def test_nothing_is_kept_until_it_is_saved(desk: Client, draft: int, post: Callable[..., Any]) -> None:
    post(act="check", eligible="is_sme")
    assert Draft.objects.get().eligible == ""
    assert post(act="save", eligible="is_sme").status_code == 302
    assert desk.get(f"/desk/drafts/{draft}/").context["work"].text == "is_sme"


def test_an_unreadable_rule_is_kept_as_typed(desk: Client, draft: int, post: Callable[..., Any]) -> None:
    assert post(act="save", eligible="employees >=").status_code == 302
    assert desk.get(f"/desk/drafts/{draft}/").context["work"].text == "employees >="


@pytest.mark.parametrize(
    ("field", "value"), [("valid_from", "soon"), ("articles", "99"), ("policy_id", "ab cd"), ("valid_to", "2020-01-01")]
)
def test_a_mistake_keeps_the_entry(post: Callable[..., Any], field: str, value: str) -> None:
    answer = post(act="save", **{field: value})
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.content.decode()
    assert Draft.objects.get().title_zh == ""


def test_who_saves_over_another_is_told_and_loses_nothing(draft: int, post: Callable[..., Any]) -> None:
    seen = Draft.objects.get().updated_at.isoformat()
    post(act="save", title_zh="甲")
    answer = post(act="save", title_zh="乙", seen=seen)
    assert answer.status_code == 422
    assert "somebody saved" in visible(answer)
    assert (Draft.objects.get().title_zh, 'value="乙"' in answer.content.decode()) == ("甲", True)


def test_a_draft_is_given_up_and_closed(desk: Client, draft: int, post: Callable[..., Any]) -> None:
    assert post(act="withdraw").status_code == 302
    post(act="save")
    assert Draft.objects.get().title_zh == ""
    assert "given up" in visible(desk.get(f"/desk/drafts/{draft}/"))


def test_the_list_has_search_and_states(desk: Client, draft: int, post: Callable[..., Any]) -> None:
    post(act="save")
    assert "Subsidy for keeping staff" in visible(desk.get("/desk/drafts/"))
    assert "Subsidy for keeping staff" in visible(desk.get("/desk/drafts/?q=稳岗&state=open"))
    assert "No draft matches" in visible(desk.get("/desk/drafts/?q=xyzzy"))
    for state in ("published", "withdrawn"):
        assert "No draft matches" in visible(desk.get(f"/desk/drafts/?state={state}"))


def test_a_new_office_begins_with_an_empty_list(desk: Client) -> None:
    assert "No drafts yet" in visible(desk.get("/desk/drafts/"))


def test_a_policy_of_the_library_can_be_copied(desk: Client) -> None:
    assert 'name="from" value="sme-fund"' in re.sub(
        r"\s+", " ", desk.get("/desk/drafts/", {"copy": library().policies["sme-fund"].title.zh}).content.decode()
    )
    assert desk.post("/desk/drafts/new/", {"from": "sme-fund"}).status_code == 302
    assert Draft.objects.get().title_zh
    assert desk.post("/desk/drafts/new/", {"from": "no-such"}).status_code == 404


# --- publishing -------------------------------------------------------------------------------------------------------


def test_what_is_published_shows_up_for_everybody_at_once(
    desk: Client, guest: Client, post: Callable[..., Any], enterprise: Organisation
) -> None:
    answer = post(act="publish", eligible="employees >= 1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/policies/wen-gang-bu-tie/"
    assert "1 enterprise was told" in visible(desk.get(answer.headers["Location"]))
    assert "稳岗补贴" in visible(guest.get("/policies/", {"q": "稳岗补贴"}))
    assert guest.get("/policies/wen-gang-bu-tie/").status_code == 200


def test_a_second_version_is_compared_with_the_first_which_stays_in_the_history(
    desk: Client, guest: Client, post: Callable[..., Any]
) -> None:
    post(act="publish", eligible="employees >= 10")
    address = desk.post("/desk/drafts/new/", {"from": "wen-gang-bu-tie"}).headers["Location"]
    assert "Nothing differs" in visible(desk.get(f"{address}compare/"))
    desk.post(address, sent(act="save", eligible="employees >= 3", policy_id="wen-gang-bu-tie"))
    page = visible(desk.get(f"{address}compare/"))
    assert "Persons engaged is at least 10" in page
    assert "Persons engaged is at least 3" in page
    assert (
        desk.post(address, sent(act="publish", eligible="employees >= 3", policy_id="wen-gang-bu-tie")).status_code
        == 302
    )
    assert PublishedPolicy.objects.current().get().version == 2
    assert "/policies/wen-gang-bu-tie-v1/" in guest.get("/policies/wen-gang-bu-tie/").content.decode()
    assert guest.get("/policies/wen-gang-bu-tie-v1/").status_code == 200


def test_a_published_draft_is_closed(desk: Client, draft: int, post: Callable[..., Any]) -> None:
    post(act="publish", eligible="employees >= 10")
    post(act="save", title_zh="别的")
    assert Draft.objects.get().title_zh == "稳岗补贴"
    assert "This draft is published" in visible(desk.get(f"/desk/drafts/{draft}/"))


# --- both languages ---------------------------------------------------------------------------------------------------


def test_a_chinese_editor_shows_no_english_wording(office: Organisation, enterprise: Organisation) -> None:
    client = enter(office)
    address = client.post("/desk/drafts/new/").headers["Location"]
    rule = "employees >= 1 and age_years >= 2 and size_class in ('small', 'micro')"
    for answer in (
        client.get("/desk/drafts/"),
        client.post(address, sent(eligible=rule, title_en="")),
        client.get(address),
    ):
        page = visible(answer).replace(rule, "")
        words = re.findall(r"(?:[A-Za-z]{3,}\s+){3,}", page)
        assert not words, words


def test_an_english_editor_shows_chinese_only_where_it_is_marked(desk: Client, post: Callable[..., Any]) -> None:
    rule = "employees >= 1 and age_years >= 2 and operating_region like '6531%'"
    page = visible(post(eligible=rule, title_zh="", benefit_zh="", how_to_claim_zh=""))
    assert not re.findall(r"[\u4e00-\u9fff]{2,}", page.replace("中文", ""))


def test_a_form_needs_a_token(office: Organisation, draft: int) -> None:
    person = Membership.objects.filter(organisation=office).first()
    assert person is not None
    client = Client(enforce_csrf_checks=True)
    client.force_login(person.person, "django.contrib.auth.backends.ModelBackend")
    for path in ("/desk/drafts/new/", f"/desk/drafts/{draft}/", f"/desk/drafts/{draft}/live/"):
        assert client.post(path, sent()).status_code == 403
