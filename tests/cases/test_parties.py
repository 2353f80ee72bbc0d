"""Third parties and associations are invited and released: who may be, what they see and do, and that nothing is left to them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from offices import firm, office, somebody
from town import UNMISTAKABLE, Town, build, complainant, handler

from huiqi.cases import conferring, files
from huiqi.cases.acting import By, CaseProblem, Given, take
from huiqi.cases.models import Attachment, Case, Complainant, Entry, Party
from huiqi.cases.sight import Sight
from huiqi.cases.vocabulary import RESPONDENT, THIRD_PARTY
from huiqi.documents.models import Notice
from huiqi.journal.models import Event
from huiqi.registry.evidence import Evidence
from huiqi.registry.models import Organisation
from huiqi.registry.permissions import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(settings: Any) -> Town:
    settings.HUIQI_SECOND_FACTOR = False
    return build()


@pytest.fixture
def seller() -> Actor:
    """The owner of a firm that knows something of the matter."""
    return somebody(firm(77), "owner")


def signed_in(who: Actor) -> Client:
    client = Client()
    assert who.person is not None
    client.force_login(who.person, "django.contrib.auth.backends.ModelBackend")
    return client


def act(client: Client, case: Case, name: str, **given: Any) -> Any:
    return client.post(
        reverse("desk_case", args=(case.pk,)), {"act": name, **{f"{name}-{k}": v for k, v in given.items()}}
    )


def of(actor: Actor) -> Organisation:
    assert actor.organisation is not None
    return actor.organisation


def test_a_third_party_is_invited_by_code_or_name_told_heard_and_released(town: Town, seller: Actor) -> None:
    case = town.complain(withheld=True, told=f"我是{UNMISTAKABLE}").case
    officer, outside = signed_in(town.officer), signed_in(seller)
    address = reverse("case", args=(case.pk,))
    take(handler(town.officer), case.pk, "accept", Given())
    conferring.note_down(handler(town.officer), case.pk, "内部的话")
    conferring.write(complainant(town.owner), case.pk, f"{UNMISTAKABLE}的话")
    assert outside.get(address).status_code == 404
    assert act(officer, case, "third_party", organisation=f" {of(seller).uscc} ").status_code == 302
    # it is told, and sees the case in its list and by itself
    assert "请你参加" in outside.get("/inbox/").content.decode()
    assert case.number in outside.get("/cases/").content.decode()
    shown = outside.get(address)
    body = shown.content.decode()
    assert shown.status_code == 200 and "第三方" in body
    assert not any(each in body for each in (UNMISTAKABLE, "内部的话", town.firm.uscc or "-"))
    sight = Sight(Case.objects.get(pk=case.pk), THIRD_PARTY)
    assert (sight.complainant, sight.told, sight.wish) == (None, "", "")
    assert not Complainant.objects.visible_to(seller).exists()
    # both write, and it adds a file; the other side reads none of it
    conferring.write(handler(town.officer), case.pk, "请说说你看到的", THIRD_PARTY)
    assert outside.post(address, {"text": "我看到了"}).status_code == 302
    assert "请说说你看到的" in outside.get(address).content.decode()
    files.add(By(THIRD_PARTY, seller), case.pk, Evidence("照片.pdf", "application/pdf", b"%PDF-1.7 x"))
    assert Notice.objects.filter(organisation=of(seller), data__what="message").count() == 1
    assert not Entry.objects.shown_to(RESPONDENT).filter(text__in=("请说说你看到的", "我看到了")).exists()
    with pytest.raises(CaseProblem):  # words to it must not name her either
        conferring.write(handler(town.officer), case.pk, f"{UNMISTAKABLE}说了", THIRD_PARTY)
    # released: with a reason, on record, and nothing is left to it
    party = Party.objects.get(organisation=of(seller))
    assert act(officer, case, "release", party=party.pk).status_code == 422
    assert act(officer, case, "release", party=party.pk, reason="情况已经说清").status_code == 302
    party.refresh_from_db()
    assert (party.released_by, party.reason, party.invited_by) == (
        town.officer.person,
        "情况已经说清",
        town.officer.person,
    )
    assert party.until is not None and Event.objects.filter(verb="case.party_released").count() == 1
    assert "情况已经说清" in officer.get(reverse("desk_case", args=(case.pk,))).content.decode()
    assert outside.get(address).status_code == 404 and case.number not in outside.get("/cases/").content.decode()
    assert not Case.objects.visible_to(seller).exists() and not Attachment.objects.visible_to(seller).exists()
    assert not Entry.objects.visible_to(seller).exists()
    with pytest.raises(PermissionDenied):
        conferring.write(By(THIRD_PARTY, seller), case.pk, "还想说")
    assert "不用再参加" in outside.get("/inbox/").content.decode()
    # and may be asked again
    assert act(officer, case, "third_party", organisation=of(seller).name_zh).status_code == 302
    assert outside.get(address).status_code == 200


def test_who_cannot_be_invited_is_told_why(town: Town, seller: Actor) -> None:
    case = town.complain().case
    of_officer = office("tax", "652900")
    assert town.officer.person is not None
    town.officer.person.memberships.create(organisation=of_officer, role="officer", start="2020-01-01")
    conferring.invite(handler(town.officer), case.pk, of(seller), THIRD_PARTY)
    for said, why in (
        ("", "请写统一社会信用代码"),
        ("没有这一家", "没有找到"),
        (town.county.name_zh, "被投诉方"),
        (town.prefecture.name_zh, "承办机关"),
        (town.region.name_zh, "上级机关"),
        (town.firm.name_zh, "投诉人"),
        (of(seller).name_zh, "已经参加"),
        (of_officer.name_zh, "利益冲突"),
    ):
        with pytest.raises(CaseProblem) as refused:
            conferring.invite(handler(town.officer), case.pk, conferring.organisation_called(said), THIRD_PARTY)
        assert why in refused.value.what.zh and refused.value.field == "organisation", said
    assert Party.objects.count() == 1
    other = firm(78)
    other.name_zh = of(seller).name_zh
    other.save()
    with pytest.raises(CaseProblem, match="Several"):
        conferring.organisation_called(of(seller).name_zh)
    colleague = signed_in(town.colleague)
    answer = act(colleague, case, "third_party", organisation="没有这一家")
    assert answer.status_code == 422 and "没有找到" in answer.content.decode()


def test_only_the_handling_office_invites_and_releases_and_the_other_side_is_not_released(
    town: Town, seller: Actor
) -> None:
    case = town.complain().case
    take(handler(town.officer), case.pk, "accept", Given())
    take(handler(town.officer), case.pk, "ask_statement", Given(text="请说明。"))
    for by in (By(RESPONDENT, town.county_officer), By("superior", town.above), complainant(town.owner)):
        with pytest.raises(PermissionDenied):
            conferring.invite(by, case.pk, of(seller), THIRD_PARTY)
    heard = Party.objects.get(part=RESPONDENT)
    with pytest.raises(CaseProblem):
        conferring.release(handler(town.officer), case.pk, heard.pk, "不想听")
    party = conferring.invite(handler(town.officer), case.pk, of(seller), THIRD_PARTY)
    with pytest.raises(PermissionDenied):
        conferring.release(By("superior", town.above), case.pk, party.pk, "理由")
