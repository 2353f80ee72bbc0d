"""A small world for tests of cases: a county, a prefecture and the region, a firm that complains, a firm that sells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from offices import KASHGAR, KASHGAR_CITY, REGION, firm, office, somebody

from huiqi.cases import filing
from huiqi.cases.acting import By, Given, take
from huiqi.cases.filing import Complaint, Receipt
from huiqi.cases.models import Case
from huiqi.cases.vocabulary import COMPLAINANT, HANDLER
from huiqi.cases.writing import begin
from huiqi.documents.letters import acts as letters
from huiqi.documents.models import Letter
from huiqi.law.calendars import load_calendars
from huiqi.registry.models import Organisation, Region
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data

#: A word that nothing in the product says by itself.
UNMISTAKABLE = "独一无二鹏程万里面馆"


@dataclass(frozen=True)
class Town:
    """The offices by name, the firm, and people who act for them."""

    county: Organisation
    county_tax: Organisation
    prefecture: Organisation
    region: Organisation
    firm: Organisation
    owner: Actor
    county_officer: Actor
    officer: Actor
    colleague: Actor
    head: Actor
    above: Actor

    def complain(self, **more: Any) -> Receipt:
        """The firm complains about the county's bureau."""
        given = {
            "kind": "unlawful_fee",
            "region": KASHGAR_CITY,
            "told": "他们要我交一千元赞助费。",
            "wish": "把钱退给我。",
            "name": self.firm.name_zh,
            "respondent": self.county.pk,
        }
        return filing.file(self.owner, Complaint(**(given | more)))


def build(name: str = UNMISTAKABLE) -> Town:
    """Make it; the organs stand above each other by place."""
    if not Region.objects.exists():
        load_reference_data()
    load_calendars()
    county, county_tax = office("development_reform", KASHGAR_CITY), office("tax", KASHGAR_CITY)
    office("government", KASHGAR_CITY)
    prefecture, region = office("development_reform", KASHGAR), office("development_reform", REGION)
    office("government", KASHGAR)
    office("government", REGION)
    seller = firm(51)
    seller.name_zh = name
    seller.save()
    return Town(
        county=county,
        county_tax=county_tax,
        prefecture=prefecture,
        region=region,
        firm=seller,
        owner=somebody(seller, "owner"),
        county_officer=somebody(county, "officer"),
        officer=somebody(prefecture, "officer"),
        colleague=somebody(prefecture, "officer"),
        head=somebody(prefecture, "supervisor"),
        above=somebody(region, "supervisor"),
    )


def handler(actor: Actor) -> By:
    return By(HANDLER, actor)


def complainant(actor: Actor | None) -> By:
    return By(COMPLAINANT, actor)


REPLY = {
    "request": "退还赞助费一千元。",
    "facts": "经查，该局收取了一千元。",
    "finding": "收取没有依据。",
    "basis": "《办法》第五十条。",
    "decision": "责令退还。",
    "remedies": "对本答复不服的，可以自收到之日起六十日内申请行政复议。",
    "contact": "联系人：王某；电话：0998-0000000",
}


def decide(town: Town, case: Case) -> Case:
    return take(
        handler(town.officer),
        case.pk,
        "decide",
        Given(ending="solved", basis="《办法》第五十条", text="收费没有依据，退还。"),
    )


def deliver_reply(town: Town, case: Case, how: str = "in_person") -> Letter:
    """Write, approve, issue and deliver the reply to the decision."""
    letter = begin(town.officer, case, "reply")
    letter = letters.revise(town.officer, letter, {**letter.now.content, **REPLY})
    letter = letters.approve(town.head, letter)
    letter = letters.issue(town.officer, letter)
    return letters.deliver(town.officer, letter, how)


def answered(town: Town, **more: Any) -> Case:
    """A complaint that has gone all the way."""
    case = town.complain(**more).case
    take(handler(town.officer), case.pk, "accept", Given())
    case = decide(town, case)
    deliver_reply(town, case)
    return take(handler(town.officer), case.pk, "answer", Given())
