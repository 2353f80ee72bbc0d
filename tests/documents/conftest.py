"""What the tests of letters and of notices share: offices, a firm, matters; people who are reached by e-mail and SMS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone
from tests.browser.world import actor, make_firm, make_organ, make_person

from huiqi.documents.letters import reading
from huiqi.documents.letters.acts import Addressee, draft
from huiqi.documents.models import Contact, Letter
from huiqi.registry.models import Organisation
from huiqi.registry.permissions import Actor
from huiqi.registry.reference import load_reference_data

from .carrier import Carrier
from .sending_town import Town

#: The kind of matter that the tests write letters about, and its only one.
MATTER = ("test_matter", 12)

CONTENTS: dict[str, dict[str, str]] = {
    "acceptance": {
        "matter": "拖欠货款",
        "received": "2026-11-20",
        "case_number": "喀诉〔2026〕0031",
        "until": "2026-12-11",
        "contact": "联系人：样例承办人；电话：0998-0000000",
    },
    "reply": {
        "matter": "拖欠货款",
        "received": "2026-11-20",
        "case_number": "喀诉〔2026〕0031",
        "request": "请求支付货款 126.5 万元。",
        "facts": "货物已经全部验收合格。\n对方承认欠款。",
        "finding": "诉求成立。",
        "basis": "《保障中小企业款项支付条例》第九条。",
        "decision": "责成对方在 2026 年 12 月 31 日前付清。",
        "remedies": "可以自收到之日起 60 日内申请行政复议。",
        "contact": "联系人：样例承办人；电话：0998-0000000",
    },
}


@dataclass
class Office:
    """A bureau with two officers and a clerk, the firm that it writes to, and people who have no part in it."""

    bureau: Organisation
    firm: Organisation
    officer: Actor
    supervisor: Actor
    clerk: Actor
    owner: Actor
    elsewhere: Actor
    reader: Actor

    def drafted(self, kind: str = "acceptance", hidden: bool = False, **changed: str) -> Letter:
        """A letter of the officer to the firm."""
        to = Addressee(self.firm.name_zh, self.firm, hidden=hidden)
        return draft(self.officer, kind, MATTER, self.bureau, to, CONTENTS[kind] | changed)


def make_office() -> Office:
    load_reference_data()
    bureau = make_organ("industry_and_it")
    firm = make_firm(7)
    elsewhere = make_organ("industry_and_it", "652900", name_zh="阿克苏工信局")
    return Office(
        bureau,
        firm,
        officer=actor(make_person("officer", bureau)),
        supervisor=actor(make_person("supervisor", bureau, "supervisor")),
        clerk=actor(make_person("clerk", bureau, "clerk")),
        owner=actor(make_person("owner", firm, "owner")),
        elsewhere=actor(make_person("elsewhere", elsewhere)),
        reader=actor(make_person("reader", make_organ("finance", name_zh="喀什地区财政局（样例）"))),
    )


@pytest.fixture(autouse=True)
def matters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The matter of the tests: the bureaus of industry handle it, the finance bureau reads it."""
    of_function = {"industry_and_it": reading.handlers, "finance": reading.readers}
    for function, registered in of_function.items():
        monkeypatch.setitem(
            registered, MATTER[0], lambda who, function=function: [MATTER[1]] if who.organ_function == function else []
        )


@pytest.fixture
def office(db: None) -> Office:
    return make_office()


@pytest.fixture
def carrier(settings: Any) -> Iterator[type[Carrier]]:
    settings.HUIQI_SMS = "documents.carrier.Carrier"
    for kept in (Carrier.given, Carrier.outcomes, Carrier.delivered):
        kept.clear()
    yield Carrier


@pytest.fixture
def town(db: None, settings: Any, carrier: type[Carrier]) -> Town:
    settings.HUIQI_MAIL = True
    settings.HUIQI_URL = "https://huiqi.example"
    load_reference_data()
    firm, bureau = make_firm(), make_organ("industry_and_it")
    owner, officer = make_person("owner", firm, "owner", display_name="阿依古丽"), make_person("officer", bureau)
    for channel, address in (("email", "owner@example.com"), ("sms", "+8613812345678")):
        Contact.objects.create(person=owner, channel=channel, address=address, confirmed_at=timezone.now())
    return Town(firm, owner, bureau, officer)
