"""The story of the demonstration: complaints in several states, by the people of the demonstration, all of it or nothing.

Every act is taken by somebody who may, through the same functions as on the pages, today. It is told once: the complaint of the
noodle shop is the mark by which a second call sees that there is nothing to do. ``docs/story.md`` leads through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from huiqi.documents.letters import acts as letters
from huiqi.documents.models import Letter
from huiqi.documents.models.letters import IN_APP
from huiqi.registry.demo.loading import HOUSING, MARK, STORY_PLACE
from huiqi.registry.models import Organisation, Person
from huiqi.registry.permissions import Actor
from huiqi.registry.vocabulary import ORGAN

from . import conferring, filing
from .acting import By, Given, take
from .filing import Complaint
from .models import Case
from .vocabulary import COMPLAINANT, HANDLER, RESPONDENT
from .writing import begin

_FEE = "unlawful_fee"


@dataclass(frozen=True)
class _People:
    """Those who act in the story, each in her first hat."""

    noodles: Actor
    textiles: Actor
    software: Actor
    housing: Actor
    reform: Actor
    head: Actor
    county: Actor

    @classmethod
    def of_the_demonstration(cls) -> _People:
        return cls(
            noodles=_actor("noodles"),
            textiles=_actor("textiles"),
            software=_actor("software"),
            housing=_actor("housing"),
            reform=_actor("reform"),
            head=_actor("reformhead"),
            county=_actor("county"),
        )


def _actor(login_name: str) -> Actor:
    person = Person.objects.get(login_name=login_name)
    return Actor(person, person.memberships.order_by("pk").first())


def tell() -> int:
    """Tell the story unless it has been told; how many cases there are of it now."""
    with transaction.atomic():
        people = _People.of_the_demonstration()
        told = Case.objects.filter(complainant__organisation=people.noodles.organisation, kind=_FEE)
        if not told.exists():
            _the_fee(people)
            _the_solved_one(people)
            _the_one_to_complete(people)
            _the_late_payment(people)
    return Case.objects.filter(
        complainant__organisation__in=[each.organisation for each in (people.noodles, people.textiles, people.software)]
    ).count()


def _the_fee(people: _People) -> None:
    """The noodle shop is charged, complains, is answered, says that it is not solved, and has it taken up again."""
    bureau = Organisation.objects.get(kind=ORGAN, organ_function=HOUSING, region_id=STORY_PLACE, name_zh__endswith=MARK)
    case = _filed(
        people.noodles,
        kind=_FEE,
        respondent=bureau.pk,
        told="住建局的人来店里，说门口的招牌要交一千二百元“市容管理费”，不交就不给办手续。钱交了，没有给票据，也没说依据哪个文件。",
        wish="把一千二百元退给我，以后不要再收。",
        amount=Decimal(1200),
        withheld=True,
    )
    officer = By(HANDLER, people.reform)
    take(officer, case.pk, "accept", Given())
    _letter(people, case, "acceptance", {"contact": _CONTACT})
    conferring.write(officer, case.pk, "已受理。请把交费的转账记录或照片传上来，我们一并核实。", to=COMPLAINANT)
    conferring.write(By(COMPLAINANT, people.noodles), case.pk, "转账记录在手机里，这两天就传。")
    take(
        officer,
        case.pk,
        "ask_statement",
        Given(
            text="有经营者反映，你局工作人员以“市容管理费”名义收取门店一千二百元，未开票据。请说明收费依据、标准和票据情况。"
        ),
    )
    take(
        By(RESPONDENT, people.housing),
        case.pk,
        "state_position",
        Given(text="经核，该费用由原市容所收取，未列入现行收费目录，当时未开票据。我局将清理。"),
    )
    take(
        officer,
        case.pk,
        "decide",
        Given(
            ending="solved",
            basis="《新疆维吾尔自治区实施〈中华人民共和国中小企业促进法〉办法》第五十条",
            text="该项收费没有法定依据，责令退还，停止收取。",
        ),
    )
    _letter(
        people,
        case,
        "reply",
        {
            "request": "退还已交的一千二百元，以后不再收取。",
            "facts": "经查，有关单位以“市容管理费”名义收取一千二百元，未开具票据，该项目不在现行收费目录内。",
            "finding": "该项收费没有法定依据。",
            "basis": "《新疆维吾尔自治区实施〈中华人民共和国中小企业促进法〉办法》第五十条。",
            "decision": "责令自本答复送达之日起十日内退还一千二百元，并停止收取。",
            "remedies": "对本答复不服的，可以要求本机关重新办理，也可以依法申请行政复议或者提起行政诉讼。",
            "contact": _CONTACT,
        },
    )
    take(officer, case.pk, "answer", Given())
    owner = By(COMPLAINANT, people.noodles)
    take(owner, case.pk, "rate", Given(answer="no", courtesy=4, text="答复写得清楚，可是钱一直没有退。"))
    take(owner, case.pk, "reopen", Given(reason="说好的退款没有到账，请再查。"))


def _the_solved_one(people: _People) -> None:
    """A textile maker was made to pay for a membership; the money came back."""
    case = _filed(
        people.textiles,
        kind=_FEE,
        respondent_name=f"某行业协会{MARK}",
        told="协会要我们交会费才盖章，我们没有申请入会。",
        wish="退会费，盖章不收钱。",
        amount=Decimal(3000),
    )
    officer = By(HANDLER, people.reform)
    take(officer, case.pk, "accept", Given())
    take(
        officer,
        case.pk,
        "decide",
        Given(ending="solved", basis="《办法》第五十条", text="强制入会收费没有依据，会费已退还。"),
    )
    _letter(
        people,
        case,
        "reply",
        {
            "request": "退还会费三千元，盖章不收费。",
            "facts": "经查，该协会以盖章为条件收取会费三千元。核查期间已全额退还。",
            "finding": "强制入会收费没有依据。",
            "basis": "《新疆维吾尔自治区实施〈中华人民共和国中小企业促进法〉办法》第五十条。",
            "decision": "该协会已退还会费，并承诺盖章不再收费。",
            "remedies": "对本答复不服的，可以要求本机关重新办理，也可以依法申请行政复议或者提起行政诉讼。",
            "contact": _CONTACT,
        },
    )
    take(officer, case.pk, "answer", Given())
    take(By(COMPLAINANT, people.textiles), case.pk, "rate", Given(answer="yes", courtesy=5, text="三天就退了，谢谢。"))


def _the_one_to_complete(people: _People) -> None:
    """Something is missing: the office has asked for it and waits."""
    case = _filed(
        people.textiles,
        kind="other",
        respondent_name=f"某物流园管理处{MARK}",
        told="园区不让我们的货车进，说要先办一张卡。",
        wish="让货车正常进出。",
    )
    take(
        By(HANDLER, people.county),
        case.pk,
        "ask_correction",
        Given(text="请补充：哪一天、哪个门、当时是谁说的，有没有书面通知。"),
    )


def _the_late_payment(people: _People) -> None:
    """Just filed: a software firm waits for its money."""
    _filed(
        people.software,
        kind="late_payment",
        respondent_name=f"某医院{MARK}",
        told="系统去年验收了，尾款二十八万元一直没有付，催了四次。",
        wish="付清尾款和逾期利息。",
        amount=Decimal(280_000),
    )


_CONTACT = "联系人：样例承办人；电话：0998-0000000"


def _filed(actor: Actor, **said: object) -> Case:
    assert actor.organisation is not None and actor.person is not None
    name = actor.organisation.name_zh
    given = {"region": STORY_PLACE, "name": name, "contact": actor.person.display_name} | said
    return filing.file(actor, Complaint(**given)).case  # type: ignore[arg-type]


def _letter(people: _People, case: Case, kind: str, says: dict[str, str]) -> Letter:
    """Written by the officer, approved by her supervisor, issued, delivered on the platform."""
    letter = begin(people.reform, case, kind)
    letter = letters.revise(people.reform, letter, {**letter.now.content, **says})
    letter = letters.approve(people.head, letter)
    letter = letters.issue(people.reform, letter)
    return letters.deliver(people.reform, letter, IN_APP)
