"""One world that holds something for every page, and the people who open them.

A new page that needs arguments gets an :class:`Example` in :data:`EXAMPLES`; one that needs none is walked without.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from huiqi.cases import acting as cases
from huiqi.cases import conferring, filing, writing
from huiqi.cases import files as case_files
from huiqi.cases import models as case_models
from huiqi.cases.acting import By, Given, take
from huiqi.cases.files import check_waiting
from huiqi.cases.filing import Complaint
from huiqi.cases.models import Attachment, Case
from huiqi.cases.vocabulary import COMPLAINANT, HANDLER
from huiqi.documents.decisions import ask_for_hat, certify, correct, refuse, refuse_hat
from huiqi.documents.letters import acts as letters
from huiqi.documents.letters import reading as letters_reading
from huiqi.documents.models import CalendarFeed, Contact, Dispatch, LetterMail, Notice, Preference
from huiqi.documents.sending import calendar, planning
from huiqi.journal.models import Event
from huiqi.journal.sealing import seal
from huiqi.law.calendars import load_calendars
from huiqi.law.duties import closing, reading, running
from huiqi.law.models import Obligation
from huiqi.opportunities.models import Draft, Profile
from huiqi.opportunities.publishing import publish
from huiqi.registry.credit_code import make_fictitious
from huiqi.registry.declaring import declare
from huiqi.registry.delegating import delegate_to_agency
from huiqi.registry.evidence import Evidence
from huiqi.registry.inviting import invite
from huiqi.registry.models import (
    EnterpriseFacts,
    Membership,
    Organisation,
    Person,
    RosterImport,
    RosterTrial,
    Statement,
)
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data
from huiqi.registry.roster import trials

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PASSWORD = "a-long-enough-password"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
LANGUAGES = {"zh-hans": "zh-CN", "en": "en"}

#: A file name as long as people make them, partly without a place to break it.
LONG_NAME = "一个很长很长很长很长很长很长很长很长很长很长的文件名_with_a_very_long_part_without_spaces_0123456789.csv"

#: Who walks, in this order: a page is opened by the first of them who may.
PEOPLE = (
    "shop",  # a visitor who has answered a handful of questions
    "stranger",  # a visitor who has said nothing
    "owner",
    "officer",  # of an SME authority
    "tax",  # an officer of a certifying office
    "newcomer",  # registered, acts for nobody yet
    "clerk",
    "head",  # a supervisor of the SME authority
    "auditor",
    "administrator",
    "platform",  # the administrator of the platform, in an organ of the region
    "two_hats",
    "regional",  # an officer of the region
    "government",  # an officer of a people's government
    "security",  # the three administrators of the service
    "system",
    "audit",
)


# --- parts that other tests use too -----------------------------------------------------------------------------------


def make_person(name: str, organisation: Organisation | None = None, role: str = "officer", **fields: Any) -> Person:
    """Somebody who signs in by this name and :data:`PASSWORD`, with a hat of the organisation when one is given."""
    person: Person = Person.objects.create_user(name, PASSWORD, **({"display_name": "Sample"} | fields))
    if organisation is not None:
        Membership.objects.create(person=person, organisation=organisation, role=role, start=dt.date(2020, 1, 1))
    return person


def make_organ(function: str, region: str = "653100", **names: str) -> Organisation:
    """An office of Kashgar prefecture, or of another region."""
    words = {"name_zh": "喀什地区工信局（样例）", "name_en": "Kashgar bureau (sample)"}
    return Organisation.objects.create(kind="organ", region_id=region, organ_function=function, **(words | names))


def make_firm(serial: int = 7, region: str = "653101", *, source: str = "imported", **facts: Any) -> Organisation:
    """An enterprise of the demonstration on file, with these facts beside its place."""
    firm = Organisation.objects.create(
        kind="enterprise",
        name_zh="喀什珩砚餐饮有限公司（样例）" if serial == 7 else f"样例{serial}号（样例）",
        name_en="Hengyan Catering (sample)" if serial == 7 else f"Sample {serial}",
        uscc=make_fictitious("1", "11", serial),
        region_id=region,
    )
    EnterpriseFacts.objects.create(organisation=firm).record(
        {"registration_region": region, "operating_region": region, **facts},
        Statement.objects.create(source=source, made_on=dt.date(2026, 11, 1)),
    )
    return firm


def actor(person: Person) -> Actor:
    """The person in her only hat."""
    return Actor(person, person.memberships.get())


def sign_in(page: Page, name: str) -> None:
    """Sign in as a person does."""
    page.goto("/login/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("form.card-q button[type=submit]").click()


@contextmanager
def published_is_swept_up() -> Iterator[None]:
    """What is published is for ever, also for the sweeping up after a test: afterwards it is removed behind its guard."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE opportunities_publishedpolicy DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM opportunities_publishedpolicy")
        cursor.execute("ALTER TABLE opportunities_publishedpolicy ENABLE TRIGGER USER")


# --- the world --------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """What there is: people by the names of :data:`PEOPLE` (None: a visitor), and the ids of what pages are about."""

    people: dict[str, Person | None] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

    def client(self, name: str, language: str = "zh-hans") -> Client:
        """A client as which this person has just come, in this language."""
        client = Client()
        client.cookies["huiqi_language"] = language
        person = self.people[name]
        if person is not None:
            client.force_login(person, "django.contrib.auth.backends.ModelBackend")
        elif name == "shop":
            client.post("/", {"by": "three", "place": "653101", "trade": "6210", "people": "9"})
            for fact, value in (("vat_type", "small_scale"), ("monthly_sales", "8.6"), ("graduate_hires", "0")):
                client.post(f"/finder/question/{fact}/", {"value": value})
        return client


def make_world() -> World:
    """The world. HUIQI_DEMO should be on: its notice takes room at the head of every page."""
    cache.clear()
    load_reference_data()
    world = World()
    bureau = make_organ("industry_and_it", name_zh="喀什地区工业和信息化局（样例）", name_en="Kashgar Prefecture Bureau of Industry and Information Technology (sample)")  # fmt: skip
    tax = make_organ("tax", name_zh="喀什地区税务局（样例）", name_en="Kashgar tax office (sample)")
    region = make_organ(
        "industry_and_it", "650000", name_zh="样例工信厅（样例）", name_en="Regional department (sample)"
    )
    firm = make_firm(industry_code="6210", employees=12, established_date=dt.date(2021, 3, 5), legal_form="company")
    for serial, employees in enumerate((5, 9, 40, 260), start=20):
        make_firm(serial, employees=employees, industry_code="1711")
    who: dict[str, tuple[Organisation | None, str, str]] = {
        "owner": (firm, "owner", "阿依古丽·样例"),
        "officer": (bureau, "officer", "样例承办人"),
        "tax": (tax, "officer", "样例税务员"),
        "clerk": (bureau, "clerk", "样例文书"),
        "head": (bureau, "supervisor", "样例监督人员"),
        "auditor": (bureau, "auditor", "样例审计"),
        "administrator": (bureau, "administrator", "样例管理员"),
        "platform": (region, "administrator", "样例平台管理员"),
        "two_hats": (firm, "agent", "样例经办人"),
        "newcomer": (None, "", "新来的人"),
        "regional": (region, "officer", "样例区厅承办人"),
        "government": (
            make_organ("government", name_zh="喀什地区行政公署（样例）", name_en="Kashgar (sample)"),
            "officer",
            "样例政府承办人",
        ),
        "security": (region, "security_admin", "样例安全管理员"),
        "system": (region, "system_admin", "样例系统管理员"),
        "audit": (region, "audit_admin", "样例审计管理员"),
    }
    made = {name: make_person(name, organisation, role, display_name=shown) for name, (organisation, role, shown) in who.items()}  # fmt: skip
    world.people = {"shop": None, "stranger": None, **made}
    Membership.objects.create(person=made["two_hats"], organisation=bureau, role="officer", start=dt.date(2020, 1, 1))
    Profile.objects.create(person=made["newcomer"], answers={"registration_region": "653101", "employees": 9})
    _facts_and_requests(world, firm, made)
    _who_acts(world, firm, made)
    _letters(world, bureau, firm, made)
    _complaints(world, made)
    _drafts(world, bureau, made["officer"])
    _rosters(world, bureau, made)
    seal()
    _duties(world, made["officer"])
    _sending(world, made)
    _cases(world, made)
    event = Event.objects.visible_to(actor(made["owner"])).order_by("pk").first()
    assert event is not None
    world.ids["event"] = event.pk
    return world


def _facts_and_requests(world: World, firm: Organisation, made: dict[str, Person]) -> None:
    """Facts that wait for the tax office and the bureau, decided ones, people who ask for the firm, and an inbox."""
    today = timezone.localdate()
    owner, tax = actor(made["owner"]), actor(made["tax"])
    for fact, value, decide in (
        ("vat_type", "small_scale", lambda pk: certify(tax, pk, today)),
        ("tax_credit_grade", "A", lambda pk: correct(tax, pk, "B", "与系统记录不符", today, today + dt.timedelta(90))),
        ("tax_arrears", False, lambda pk: refuse(tax, pk, "凭证看不清")),
    ):
        decide(declare(owner, fact, value, today).declaration.pk)
    proof = Evidence("2026 年 10 月增值税申报表.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")
    waiting = declare(owner, "monthly_sales", "8.6", today, evidence_text="10 月申报表", evidence=proof).declaration
    declare(owner, "titles", ["innovative_sme"], today)
    declare(owner, "revenue", "103.2", today, evidence_text="年报")
    world.ids |= {"declaration": waiting.pk}
    for serial, name in enumerate(("asking", "asking_too")):
        person = make_person(name, display_name=f"样例申请人{serial}")
        request = ask_for_hat(person, firm.uscc or "", "agent", today)
        assert request is not None
        world.ids["request"] = request.pk
    refused = ask_for_hat(made["newcomer"], firm.uscc or "", "owner", today)
    assert refused is not None
    refuse_hat(owner, refused.pk, "请先到窗口核对身份")
    for kind, subject, data in (
        ("deadline", "vat-small-scale-exempt", {"valid_to": "2026-12-31"}),
        ("begins_to_apply", "graduate-si-subsidy", {"valid_from": "2026-11-01"}),
        ("policy_changed", "vat-small-scale-exempt", {}),
        ("no_longer_applies", "graduate-si-subsidy", {}),
    ):
        Notice.objects.create(organisation=firm, kind=kind, subject=subject, data=data)
    of_firm = Notice.objects.filter(organisation=firm).first()
    assert of_firm is not None
    world.ids["notice"] = of_firm.pk
    Notice.objects.create(
        person=made["officer"], kind="membership", subject="1", data={"outcome": "approved", "firm": ["甲厂", "Jia"]}
    )


def _credential() -> dict[str, Any]:
    """A passkey as a browser registers it, for a key that nobody has."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    made = AttestedCredentialData.create(bytes(16), b"0123456789abcdef", key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, bytes(made))
    sent = {
        "clientDataJSON": CollectedClientData.create("webauthn.create", b"challenge", "http://testserver"),
        "attestationObject": AttestationObject.create("none", data, {}),
    }
    name = websafe_encode(b"0123456789abcdef")
    response = {field: websafe_encode(bytes(value)) for field, value in sent.items()}
    return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def _who_acts(world: World, firm: Organisation, made: dict[str, Person]) -> None:
    """Codes, an agency, a second factor; an account and an organ that the administrators look at."""
    today, owner = timezone.localdate(), actor(made["owner"])
    agency = Organisation.objects.create(
        kind="service_agency", name_zh="喀什企业服务中心（样例）", name_en="Service centre (sample)", uscc=make_fictitious("1", "11", 555)
    )  # fmt: skip
    until = today + dt.timedelta(90)
    given = delegate_to_agency(owner, agency.uscc or "", ["read_facts", "declare_facts"], today, until, today)
    invitation, _ = invite(owner, "agent", "新来的会计", today)
    hat = made["two_hats"].memberships.get(organisation=firm)
    passkey = Authenticator.objects.create(
        user=made["owner"], type=Authenticator.Type.WEBAUTHN, data={"name": "手机", "credential": _credential()}
    )
    TOTP.activate(made["two_hats"], generate_totp_secret())
    RecoveryCodes.activate(made["two_hats"])
    world.ids |= {
        "delegation": given.pk,
        "invitation": invitation.pk,
        "hat": hat.pk,
        "passkey": passkey.pk,
        "person": made["clerk"].pk,
        "held": made["clerk"].memberships.get().pk,
        "organ": actor(made["officer"]).who.organisation,
    }


def _duties(world: World, officer: Person) -> None:
    """What the day and the journal have opened for the offices, one of it fulfilled with evidence."""
    load_calendars()
    reading.read_all()
    running.run(timezone.localdate())
    mine = Obligation.objects.filter(organ=actor(officer).who.organisation, state="open").order_by("pk")
    proof = Evidence("会议纪要.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")
    first = mine[0].pk
    closing.fulfil(actor(officer), first, "开了交流会", proof)
    world.ids |= {"duty": mine[0].pk, "closed_duty": first}


#: The matter of the letters of the world: officers of bureaus of industry handle it, those of governments read it.
MATTER = ("world_matter", 1)
_CONTENT = {
    "matter": "拖欠货款",
    "received": "2026-11-20",
    "case_number": "喀诉〔2026〕0031",
    "until": "2026-12-11",
    "contact": "联系人：样例承办人；电话：0998-0000000",
}


def _letters(world: World, bureau: Organisation, firm: Organisation, made: dict[str, Person]) -> None:
    """A draft with gaps and a second version, one that is approved, one that is issued, one to somebody withheld."""
    of_function = {"industry_and_it": letters_reading.handlers, "government": letters_reading.readers}
    for function, registered in of_function.items():
        registered[MATTER[0]] = lambda who, f=function: [MATTER[1]] if who.organ_function == f else []  # type: ignore[misc]
    officer = actor(made["officer"])

    def drafted(kind: str = "acceptance", **options: Any) -> Any:
        to = letters.Addressee(firm.name_zh, firm, **options)
        content = _CONTENT if kind == "acceptance" else {name: _CONTENT[name] for name in ("matter", "received")}
        return letters.draft(officer, kind, MATTER, bureau, to, content)

    reply = letters.revise(
        officer, drafted("reply"), {"matter": "拖欠工程款", "request": "请求付款。\n" + "很长" * 200}
    )
    approved = letters.approve(officer, drafted())
    issued = letters.issue(officer, letters.approve(officer, drafted()))
    delivered = letters.deliver(officer, letters.issue(officer, letters.approve(officer, drafted())), "in_app")
    hidden = letters.issue(officer, letters.approve(officer, drafted(hidden=True)))
    # an e-mail that did not get through
    LetterMail.objects.create(
        letter=issued,
        address="owner@example.com",
        key="0" * 32,
        state="failed",
        reason="no_connection",
        by=officer.person,
        begun_at=timezone.now(),
        ended_at=timezone.now(),
    )
    world.ids |= {
        "draft_letter": reply.pk,
        "approved_letter": approved.pk,
        "issued_letter": issued.pk,
        "letter": delivered.pk,
        "hidden_letter": hidden.pk,
        "letter_code": delivered.shown_code,
    }


def _complaints(world: World, made: dict[str, Person]) -> None:
    """Complaints of the firm to the bureau: registered, waiting for what is missing, handled, refused, and withdrawn; a file."""
    load_calendars()
    owner, officer = actor(made["owner"]), By(HANDLER, actor(made["officer"]))
    assert owner.organisation is not None
    proof = Evidence("收据.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")

    def filed(state: str) -> int:
        against = actor(made["tax"]).organisation if state == "received" else None
        said = Complaint(
            "late_payment", "653101", "货款拖欠半年。", "付清货款。", owner.organisation.name_zh,  # type: ignore[union-attr]
            respondent=against.pk if against is not None else None, respondent_name="样例采购方（样例）",
            withheld=state == "handling", amount=Decimal(28_000), files=(proof,),
        )  # fmt: skip
        return int(filing.file(owner, said).case.pk)

    world.ids |= {f"case_{state}": filed(state) for state in ("received", "supplementing", "handling", "refused", "withdrawn")}  # fmt: skip
    take(officer, world.ids["case_supplementing"], "ask_correction", Given(text="请补充合同。"))
    take(officer, world.ids["case_handling"], "accept", Given())
    take(officer, world.ids["case_refused"], "refuse", Given(ending="not_ours", reason="请向法院起诉。"))
    gone = Given(reason="对方付了。", asked_by=COMPLAINANT)
    take(By(COMPLAINANT, owner), world.ids["case_withdrawn"], "withdraw", gone)
    conferring.write(officer, world.ids["case_handling"], "请补一张发票。", to=COMPLAINANT)
    taken_up = Case.objects.visible_to(owner).get(pk=world.ids["case_handling"])
    letter = writing.begin(officer.actor, taken_up, "acceptance")  # type: ignore[arg-type]
    letter = letters.revise(actor(made["officer"]), letter, {**letter.now.content, "contact": _CONTENT["contact"]})
    letter = letters.issue(actor(made["officer"]), letters.approve(actor(made["officer"]), letter))
    world.ids["case_letter"] = letter.pk
    filing.save_draft(
        owner,
        {
            "told": "天天来查，不亮证。", "kind": "inspection", "region": "653101", "respondent_name": "某单位（样例）",
            "wish": "按规矩来。", "happened_on": "2026-03-02", "amount": "", "contact": "", "phone": "", "email": "",
        },
    )  # fmt: skip
    check_waiting()
    world.ids["own_file"] = Attachment.objects.filter(case=world.ids["case_received"]).get().pk


def _cases(world: World, made: dict[str, Person]) -> None:
    """A complaint that the bureau investigates, with a file, a task and a message; one withheld that waits for papers."""
    owner, officer = actor(made["owner"]), actor(made["officer"])
    proof = Evidence("合同.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")
    said: dict[str, Any] = {
        "kind": "late_payment",
        "region": "653101",
        "told": "货款拖了半年没有给。",
        "wish": "请把货款付清。",
        "respondent_name": "喀什某建设集团（样例）",
        "files": (proof,),
    }
    first = filing.file(owner, filing.Complaint(name="喀什珩砚餐饮有限公司（样例）", **said)).case
    by = cases.By("handler", officer)
    cases.take(by, first.pk, "accept", cases.Given())
    conferring.write(by, first.pk, "请保留好收货单。", "complainant")
    conferring.add_task(by, first.pk, "约双方见面", made["officer"], timezone.localdate())
    case_files.check_waiting()
    second = filing.file(owner, filing.Complaint(name="喀什珩砚餐饮有限公司（样例）", withheld=True, **said)).case
    cases.take(by, second.pk, "ask_correction", cases.Given(text="请补充送货单。"))
    _around(first, made)
    world.ids |= {
        "case": first.pk,
        "waiting_case": second.pk,
        "case_clock": first.clocks.get(step="finish").pk,
        "case_file": first.attachments.get().pk,
    }


def _around(case: Case, made: dict[str, Person]) -> None:
    """One of each thing that can stand around a case, so that every table has a row that somebody sees."""
    now, tax = timezone.now(), actor(made["tax"]).organisation
    case_models.Party.objects.create(case=case, organisation=tax, part="third_party", since=now)
    case_models.Conflict.objects.create(case=case, person=made["clerk"], declared=True, reason="亲戚", at=now)
    case_models.Rating.objects.create(case=case, at=now, solved="partly", courtesy=4)
    case_models.FollowUp.objects.create(
        case=case, at=now, step="follow_up_first", solved="partly", text="还差尾款。", by=made["officer"]
    )
    case_models.Alert.objects.create(
        case=case, to=case.handling, what="inspection", on=timezone.localdate(), text="来查。", at=now
    )
    draft = case_models.FilingDraft.objects.filter(person=made["owner"]).first()
    case_models.FilingDraftFile.objects.create(
        draft=draft, name="收据.pdf", type="application/pdf", size=4, content=b"%PDF"
    )


def _sending(world: World, made: dict[str, Person]) -> None:
    """An address that is confirmed and a number that waits for its code; notices in all states; a calendar."""
    owner = made["owner"]
    Preference.objects.create(person=owner, sms=["cases"])
    now = timezone.now()
    Contact.objects.create(person=owner, channel="email", address="owner@example.com", confirmed_at=now)
    Contact.objects.create(
        person=owner, channel="sms", address="+8613812345678", code_hash="0", code_expires_at=now + dt.timedelta(minutes=15)
    )  # fmt: skip
    notice = Notice.objects.get(pk=world.ids["notice"])
    planning.plan([notice.pk], now)
    of_firm = list(Notice.objects.filter(organisation=notice.organisation).exclude(pk=notice.pk).order_by("pk"))
    for told, state, reason, channel in (
        (of_firm[0], "sent", "", "sms"),
        (of_firm[1], "given_up", "refused", "sms"),
        (of_firm[2], "unknown", "interrupted", "sms"),
        (of_firm[3], "failed", "no_connection", "email"),
    ):
        Dispatch.objects.create(
            notice=told, person=owner, channel=channel, state=state, reason=reason, due_at=now, claimed_at=now,
            attempts=1, sent_at=now if state == "sent" else None, confirmed_at=now if state == "sent" else None,
        )  # fmt: skip
    _, world.ids["calendar_secret"] = calendar.make(actor(owner))
    world.ids["calendar_feed"] = CalendarFeed.objects.get().pk


def _drafts(world: World, bureau: Organisation, officer: Person) -> None:
    """A draft with everything and with concerns, an empty one, one that cannot be read, a published one, its successor."""
    ready: dict[str, Any] = {
        "benefit_zh": "每人 500 元。",
        "benefit_en": "500 yuan for each person.",
        "how_to_claim_zh": "不用申请。",
        "how_to_claim_en": "You need not apply.",
        "articles": [14],
        "valid_from": timezone.localdate(),
        "amount": "employees * 500",
        "organ": bureau,
        "author": officer,
    }
    local = "employees >= 10 and operating_region like '6531%'"
    full = Draft.objects.create(
        title_zh="稳岗补贴", title_en="Support for keeping people", eligible=f"{local} and age_years >= 2 and size_class in ('small', 'micro')", **ready
    )  # fmt: skip
    Draft.objects.create(organ=bureau, author=officer)
    wrong = Draft.objects.create(organ=bureau, author=officer, title_zh="读不懂的", eligible="employes >= 10")
    Draft.objects.create(organ=bureau, author=officer, title_zh="放弃的", withdrawn_at=timezone.now())
    first = Draft.objects.create(title_zh="用工补贴", title_en="Hiring support", eligible=local, **ready)
    published = publish(first, actor(officer), timezone.localdate()).policy
    second = Draft.objects.create(
        title_zh="用工补贴", title_en="Hiring support", eligible=local.replace("10", "5"), policy_id=published.policy_id, version=2, **(ready | {"benefit_zh": "每人 800 元。", "amount": ""})
    )  # fmt: skip
    world.ids |= {
        "draft": full.pk,
        "wrong_draft": wrong.pk,
        "published_draft": first.pk,
        "next_draft": second.pk,
        "published": published.policy_id,
    }


def _rosters(world: World, bureau: Organisation, made: dict[str, Person]) -> None:
    """A file with problems, one that waits for a yes, and imports. A person has one open trial, so two try."""
    good = "统一社会信用代码,企业名称,登记地,从业人员\n" + "".join(
        f"{make_fictitious('1', '21', number)},样例名册企业{number},653101,{number + 5}\n" for number in range(3)
    )
    bad = good.replace(",5\n", ",=5\n").replace("企业1,653101", "企业1,653201")
    second = Actor(made["two_hats"], made["two_hats"].memberships.get(organisation=bureau))
    world.ids["refused_trial"] = trials.begin(actor(made["officer"]), io.BytesIO(bad.encode()), LONG_NAME).pk
    waiting = trials.begin(second, io.BytesIO(good.encode()), "名册.csv")
    # whoever walks as the officer finds both
    RosterTrial.objects.filter(pk=waiting.pk).update(by=made["officer"])
    world.ids["waiting_trial"] = waiting.pk
    for number in range(3):
        RosterImport.objects.create(
            by=made["officer"], organisation=bureau, file_name=LONG_NAME if number else "roster.xlsx", sha256="0" * 64,
            rows=12, new=2, updated=3, unchanged=7, warnings=number,
        )  # fmt: skip


# --- which addresses are opened ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Example:
    """One address of a page: its arguments (a function of the world's ids where they are made), its query, who opens it."""

    arguments: dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    by: str = ""

    def address(self, name: str, ids: dict[str, Any]) -> str:
        arguments = self.arguments(ids) if callable(self.arguments) else self.arguments
        return reverse(name, kwargs=arguments) + (f"?{urlencode(self.query)}" if self.query else "")


def _by_id(argument: str, name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda ids: {argument: ids[name]}


def _each(argument: str, *values: Any) -> list[Example]:
    return [Example({argument: value}) for value in values]


_PLAIN = Example()
#: The addresses of each page by its url name. What is not here is opened once, without arguments.
EXAMPLES: dict[str, list[Example]] = {
    "home": [_PLAIN, Example(by="stranger"), Example(by="owner")],
    "question_about": _each(
        "name",
        "monthly_sales",
        "titles",
        "legal_form",
        "registration_region",
        "industry_code",
        "established_date",
        "employees",
    ),
    "results": [_PLAIN, Example(by="stranger"), Example(by="owner")],
    "answers": [_PLAIN, Example(by="stranger")],
    "share": [_PLAIN, Example(by="stranger")],
    "shared": [_PLAIN, Example(query={"registration_region": "653101", "size_class": "micro", "nonsense": "1"})],
    "why": _each("policy_id", "vat-small-scale-exempt", "graduate-si-subsidy", "cit-kashgar-khorgos-5"),
    "policies": [_PLAIN, Example(query={"q": "贷款"}), Example(query={"q": "xyzzy"}), Example(query={"kind": "loan"})],
    "policy": [
        *_each("policy_id", "vat-small-scale-exempt", "graduate-si-subsidy"),
        Example(_by_id("policy_id", "published")),
        Example({"policy_id": "vat-small-scale-exempt"}, by="owner"),
    ],
    "law": [_PLAIN, Example(query={"q": "拖欠"}), Example(query={"q": "xyzzy"})],
    "article": _each("number", 3, 27, 49),
    "desk": [_PLAIN, *(Example(by=name) for name in ("tax", "clerk", "auditor", "administrator"))],
    "drafts": [_PLAIN, Example(query={"copy": "贷款"})],
    "draft": [Example(_by_id("pk", name)) for name in ("draft", "wrong_draft", "published_draft")],
    "draft_live": [Example(_by_id("pk", "draft"))],
    "draft_compare": [Example(_by_id("pk", name)) for name in ("next_draft", "draft")],
    "letters": [Example(by="owner"), Example(by="officer"), Example(by="newcomer")],
    "letter": [
        *(Example(_by_id("pk", name)) for name in ("draft_letter", "approved_letter", "issued_letter", "letter")),
        Example(_by_id("pk", "hidden_letter"), by="officer"),
    ],
    "letter_edit": [Example(_by_id("pk", "draft_letter"))],
    "letter_versions": [Example(_by_id("pk", "draft_letter"))],
    "letter_picture": [Example(lambda ids: {"pk": ids["draft_letter"], "page": 1})],
    "letter_draft": [Example(_by_id("pk", "draft_letter"))],
    "letter_file": [Example(_by_id("pk", "letter"))],
    "verify_code": [Example(_by_id("code", "letter_code")), Example({"code": "AAAA-BBBB-CCCC"})],
    "admin_letter_code": [Example(_by_id("pk", "organ"))],
    "complain": [_PLAIN, Example(by="stranger", query={"kind": "inspection"})],
    "complain_step": [Example({"name": name}, by="owner") for name in ("details", "kind", "whom", "you", "check")],
    "cases": [Example(by="owner"), Example(by="newcomer")],
    "case": [
        Example(_by_id("pk", f"case_{state}"), by="owner")
        for state in ("received", "supplementing", "handling", "refused", "withdrawn")
    ],
    "case_step": [
        Example(lambda ids: {"pk": ids["case_supplementing"], "event": "supplement"}, by="owner"),
        Example(lambda ids: {"pk": ids["case_received"], "event": "withdraw"}, by="owner"),
        Example(lambda ids: {"pk": ids["case_refused"], "event": "reopen"}, by="owner"),
    ],
    "case_afterwards": [Example(_by_id("pk", "case_received"), by="owner")],
    "case_file": [Example(lambda ids: {"pk": ids["case_received"], "file": ids["own_file"]}, by="owner")],
    "case_letter": [Example(lambda ids: {"pk": ids["case_handling"], "letter": ids["case_letter"]}, by="owner")],
    "hats": [Example(by="two_hats")],
    "owner_home": [Example(by="owner"), Example(by="newcomer")],
    "inbox": [Example(by="owner"), Example(by="officer"), Example(by="newcomer")],
    "read_notice": [Example(_by_id("notice_id", "notice"))],
    "fact": _each("name", "monthly_sales", "titles", "legal_form", "industry_code", "vat_type", "tax_credit_grade"),
    "withdraw": [Example(_by_id("declaration_id", "declaration"))],
    "evidence": [Example(_by_id("declaration_id", "declaration"))],
    "certify": [Example(by="tax"), Example(by="tax", query={"q": "xyzzy"}), Example(by="officer")],
    "clock": [
        _PLAIN,
        Example(query={"unit": "working_day", "length": "5", "start": "2026-09-28", "calendar": "xinjiang"}),
        Example(query={"unit": "month", "length": "99999", "start": "nonsense"}),
    ],
    "calendar_year": [Example({"code": "xinjiang", "year": 2026})],
    "journal": [Example(by="owner"), Example(by="auditor")],
    "event": [Example(_by_id("number", "event"))],
    "event_proof": [Example(_by_id("number", "event"))],
    "declaration": [Example(_by_id("declaration_id", "declaration"))],
    "correct": [Example(_by_id("declaration_id", "declaration"))],
    "roster_trial": [
        Example(_by_id("pk", "refused_trial")),
        Example(_by_id("pk", "waiting_trial")),
    ],
    "roster_problems": [Example(_by_id("pk", "refused_trial"))],
    # There is nothing at these where no single sign-on is configured; its own tests configure one.
    "openid_connect_login": [],
    "openid_connect_callback": [],
    "socialaccount_login_cancelled": [],
    "account_reset_password_from_key": [Example({"uidb36": "1", "key": "set-password"})],
    "mfa_edit_webauthn": [Example(_by_id("pk", "passkey"))],
    "mfa_remove_webauthn": [Example(_by_id("pk", "passkey"))],
    "end_hat": [Example(_by_id("pk", "hat"))],
    "withdraw_invitation": [Example(_by_id("pk", "invitation"))],
    "delegation": [Example(_by_id("pk", "delegation"))],
    "duty": [Example(_by_id("pk", "duty")), Example(_by_id("pk", "closed_duty"))],
    "duty_evidence": [Example(_by_id("pk", "closed_duty"))],
    "desk_cases": [Example(by="officer"), Example(by="officer", query={"tab": "office"}), Example(by="tax")],
    "desk_case": [Example(_by_id("pk", "case")), Example(_by_id("pk", "waiting_case"))],
    "desk_case_archive": [Example(_by_id("pk", "case"))],
    "desk_case_clock": [Example(lambda ids: {"pk": ids["case"], "clock_id": ids["case_clock"]})],
    "desk_case_file": [Example(lambda ids: {"pk": ids["case"], "file_id": ids["case_file"]})],
    "case_load": [Example(by="head")],
    "case_alerts": [Example(by="head")],
    "procedure": [Example({"key": "complaint"})],
    "notifications": [Example(by="owner"), Example(by="officer")],
    "sent_notices": [Example(by="owner"), Example(by="newcomer")],
    "calendar_feeds": [Example(by="owner"), Example(by="newcomer")],
    "calendar_feed": [Example(_by_id("secret", "calendar_secret"))],
    "admin_person": [Example(_by_id("pk", "person"))],
    "admin_give": [Example(_by_id("pk", "person"))],
    "admin_end": [Example(_by_id("pk", "held"))],
    "admin_organ": [Example(_by_id("pk", "organ"))],
    "register_firm": [Example(by="newcomer")],
    "requests": [Example(by="owner"), Example(by="officer"), Example(by="newcomer")],
    "request": [Example(_by_id("request_id", "request"))],
    "search": [_PLAIN, Example(query={"q": "贷款"}), Example(query={"q": "xyzzy"})],
    "help_page": _each("slug", "results", "sources", "contacts", "genuine", "privacy", "accessibility"),
}


def as_person(browser: Browser, base_url: str, client: Client, **options: Any) -> BrowserContext:
    """A visitor of a real browser who carries on where this client is: same session, same language."""
    context = browser.new_context(
        base_url=base_url, timezone_id="Asia/Shanghai", bypass_csp=True, reduced_motion="reduce", **options
    )
    context.set_default_timeout(20_000)
    context.add_cookies(
        [{"name": name, "value": cookie.value, "url": base_url} for name, cookie in client.cookies.items()]
    )
    return context
