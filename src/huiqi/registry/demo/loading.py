"""Loading the demonstration: regions, organs, invented enterprises with their facts, and people to log in as.

Nobody in it exists. Organs carry the mark （样例） as the enterprises do, people are named by what they are, and the
password is made for each installation and never leaves it. It is loaded once: the import of the roster is the mark by
which a second call sees that there is nothing to do.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils import timezone

from huiqi.journal import Act, act, machine
from huiqi.rules.dictionary import dictionary
from huiqi.rules.words import Words

from .. import vocabulary
from ..credit_code import make_fictitious
from ..models import Delegation, EnterpriseFacts, Membership, Organisation, Person, Region, RosterImport, Statement
from ..names import pinyin_key
from ..reference import load_reference_data
from ..roster.importer import import_roster
from . import second_factor
from .draw import PROVENANCE, SEED, draw

ENTERPRISES = 5_000
MARK = "（样例）"
_FILE_NAME = "huiqi-demo-"

#: Hats of the demonstration are held from here on.
_START = dt.date(2020, 1, 1)

#: Letters and digits that nobody mistakes for one another when reading them from a screen.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


class DemoProblem(ValueError):
    """The demonstration cannot be loaded. ``what`` says why, ``remedy`` what to do about it."""

    def __init__(self, what: Words, remedy: Words) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(f"{what.zh}。{remedy.zh}。 / {what.en}. {remedy.en}.")


@dataclass(frozen=True)
class Loaded:
    """How many invented enterprises there are, and whether they were there already."""

    enterprises: int
    already: bool


@dataclass(frozen=True)
class OrganHat:
    """A role in the organ of this function that serves this region."""

    role: str
    function: str
    region: str


@dataclass(frozen=True)
class FirmHat:
    """The owner's role in a firm of one of these trades in one of these places (beginnings of codes, the best first).

    ``skip`` passes over so many firms that fit, so that one owner can have two.
    """

    trades: tuple[str, ...]
    places: tuple[str, ...]
    skip: int = 0


@dataclass(frozen=True)
class AgencyHat:
    """A role in the agency that keeps the books of others."""

    role: str


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to log in as."""

    login_name: str
    who: Words
    hats: tuple[OrganHat | FirmHat | AgencyHat, ...]
    language: str = "zh-hans"


PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson(
        "noodles",
        Words("喀什一家面馆的老板", "owner of a noodle shop in Kashgar"),
        (FirmHat(("62",), ("653101", "6531")),),
    ),
    DemoPerson(
        "textiles",
        Words("阿克苏一家纺织企业的老板", "owner of a textile maker in Aksu"),
        (FirmHat(("17", "18"), ("6529",)),),
    ),
    DemoPerson(
        "software",
        Words("乌鲁木齐一家软件企业的老板", "owner of a software firm in Urumqi"),
        (FirmHat(("651", "65"), ("6501",)),),
    ),
    DemoPerson(
        "twofirms",
        Words("在昌吉有两家企业的老板", "owner of two firms in Changji"),
        (FirmHat(("13", ""), ("6523",)), FirmHat(("51", ""), ("6523",), skip=1)),
    ),
    DemoPerson(
        "county",
        Words("喀什市工信局承办人", "officer of the industry bureau of Kashgar city"),
        (OrganHat(vocabulary.OFFICER, "industry_and_it", "653101"),),
    ),
    DemoPerson(
        "prefecture",
        Words("喀什地区工信局承办人", "officer of the industry bureau of Kashgar prefecture"),
        (OrganHat(vocabulary.OFFICER, "industry_and_it", "653100"),),
    ),
    DemoPerson(
        "region",
        Words("自治区工信厅监督人员", "supervisor in the industry department of the region"),
        (OrganHat(vocabulary.SUPERVISOR, "industry_and_it", "650000"),),
    ),
    DemoPerson(
        "finance",
        Words("喀什地区财政局承办人", "officer of the finance bureau of Kashgar prefecture"),
        (OrganHat(vocabulary.OFFICER, "finance", "653100"),),
    ),
    DemoPerson(
        "tax",
        Words("喀什地区税务局承办人", "officer of the tax service of Kashgar prefecture"),
        (OrganHat(vocabulary.OFFICER, "tax", "653100"),),
    ),
    DemoPerson(
        "reform",
        Words("喀什地区发展改革委承办人", "officer of the development and reform commission of Kashgar prefecture"),
        (OrganHat(vocabulary.OFFICER, "development_reform", "653100"),),
    ),
    DemoPerson(
        "reformhead",
        Words(
            "喀什地区发展改革委监督人员", "supervisor in the development and reform commission of Kashgar prefecture"
        ),
        (OrganHat(vocabulary.SUPERVISOR, "development_reform", "653100"),),
    ),
    DemoPerson(
        "housing",
        Words("喀什市住建局承办人", "officer of the housing bureau of Kashgar city"),
        (OrganHat(vocabulary.OFFICER, "housing_construction", "653101"),),
    ),
    DemoPerson(
        "auditor",
        Words("自治区审计厅审计人员", "auditor in the audit department of the region"),
        (OrganHat(vocabulary.AUDITOR, "audit", "650000"),),
    ),
    DemoPerson(
        "admin",
        Words("自治区工信厅管理员", "administrator in the industry department of the region"),
        (OrganHat(vocabulary.ADMINISTRATOR, "industry_and_it", "650000"),),
    ),
    DemoPerson(
        "bookkeeper",
        Words("喀什一家代理记账机构的经办人", "bookkeeper of a service agency in Kashgar"),
        (AgencyHat(vocabulary.AGENT),),
    ),
    DemoPerson(
        "sysadmin",
        Words("平台的系统管理员", "system administrator of the platform"),
        (OrganHat(vocabulary.SYSTEM_ADMIN, "industry_and_it", "650000"),),
    ),
    DemoPerson(
        "secadmin",
        Words("平台的安全管理员", "security administrator of the platform"),
        (OrganHat(vocabulary.SECURITY_ADMIN, "industry_and_it", "650000"),),
    ),
    DemoPerson(
        "auditadmin",
        Words("平台的审计管理员", "audit administrator of the platform"),
        (OrganHat(vocabulary.AUDIT_ADMIN, "industry_and_it", "650000"),),
    ),
)

AGENCY = Words("喀什启明财税服务有限公司", "Qiming Bookkeeping Services, Kashgar")
#: Whose owners delegate to the agency, and what it may do for them.
DELEGATIONS: dict[str, tuple[str, ...]] = {
    "noodles": (vocabulary.READ_FACTS, vocabulary.DECLARE_FACTS),
    "textiles": (vocabulary.READ_FACTS,),
}

#: The departments of the autonomous region, by the function that each has here.
DEPARTMENTS: dict[str, Words] = {
    "government": Words("新疆维吾尔自治区人民政府", "People's Government of Xinjiang"),
    "industry_and_it": Words("新疆维吾尔自治区工业和信息化厅", "Xinjiang Department of Industry and IT"),
    "development_reform": Words("新疆维吾尔自治区发展和改革委员会", "Xinjiang Development and Reform Commission"),
    "finance": Words("新疆维吾尔自治区财政厅", "Xinjiang Department of Finance"),
    "tax": Words("国家税务总局新疆维吾尔自治区税务局", "Xinjiang Tax Service"),
    "market_regulation": Words("新疆维吾尔自治区市场监督管理局", "Xinjiang Administration for Market Regulation"),
    "human_resources": Words(
        "新疆维吾尔自治区人力资源和社会保障厅", "Xinjiang Department of Human Resources and Social Security"
    ),
    "science": Words("新疆维吾尔自治区科学技术厅", "Xinjiang Department of Science and Technology"),
    "commerce": Words("新疆维吾尔自治区商务厅", "Xinjiang Department of Commerce"),
    "statistics": Words("新疆维吾尔自治区统计局", "Xinjiang Bureau of Statistics"),
    "justice": Words("新疆维吾尔自治区司法厅", "Xinjiang Department of Justice"),
    "financial_regulation": Words("新疆维吾尔自治区地方金融管理局", "Xinjiang Local Financial Administration"),
    "intellectual_property": Words("新疆维吾尔自治区知识产权局", "Xinjiang Intellectual Property Administration"),
    "education": Words("新疆维吾尔自治区教育厅", "Xinjiang Department of Education"),
    "natural_resources": Words("新疆维吾尔自治区自然资源厅", "Xinjiang Department of Natural Resources"),
    "ecology": Words("新疆维吾尔自治区生态环境厅", "Xinjiang Department of Ecology and Environment"),
    "housing_construction": Words(
        "新疆维吾尔自治区住房和城乡建设厅", "Xinjiang Department of Housing and Urban-Rural Development"
    ),
    "transport": Words("新疆维吾尔自治区交通运输厅", "Xinjiang Department of Transport"),
    "agriculture": Words("新疆维吾尔自治区农业农村厅", "Xinjiang Department of Agriculture and Rural Affairs"),
    "culture_tourism": Words("新疆维吾尔自治区文化和旅游厅", "Xinjiang Department of Culture and Tourism"),
    "emergency_management": Words("新疆维吾尔自治区应急管理厅", "Xinjiang Department of Emergency Management"),
    "veterans_affairs": Words("新疆维吾尔自治区退役军人事务厅", "Xinjiang Department of Veterans Affairs"),
    "disabled_persons": Words("新疆维吾尔自治区残疾人联合会", "Xinjiang Disabled Persons' Federation"),
    "customs": Words("乌鲁木齐海关", "Urumqi Customs"),
    "audit": Words("新疆维吾尔自治区审计厅", "Xinjiang Audit Department"),
}

#: The bureaus that every prefecture, and every county, has here.
PREFECTURE_BUREAUS = ("industry_and_it", "finance", "tax", "market_regulation", "human_resources")
COUNTY_BUREAUS = ("industry_and_it",)
#: Where the story of the complaints is told (``huiqi.cases.demo``), and the offices that only this place has.
STORY_PLACE, HOUSING, DEVELOPMENT = "653101", "housing_construction", "development_reform"
STORY_BUREAUS = ((DEVELOPMENT, "653100"), (HOUSING, STORY_PLACE))
#: Their names, around that of the place.
BUREAUS: dict[str, Words] = {
    "industry_and_it": Words("{}工业和信息化局", "{} Bureau of Industry and IT"),
    "finance": Words("{}财政局", "{} Finance Bureau"),
    "tax": Words("国家税务总局{}税务局", "{} Tax Service"),
    "market_regulation": Words("{}市场监督管理局", "{} Market Regulation Bureau"),
    "human_resources": Words("{}人力资源和社会保障局", "{} Human Resources and Social Security Bureau"),
    DEVELOPMENT: Words("{}发展和改革委员会", "{} Development and Reform Commission"),
    HOUSING: Words("{}住房和城乡建设局", "{} Bureau of Housing and Urban-Rural Development"),
}

#: The authorities whose certificates the demonstration has: those that certify the most facts.
CERTIFIERS = ("tax", "human_resources", "industry_and_it", "market_regulation")

#: The cities that the Corps runs stand under its own bureau and not under a prefecture.
CORPS_BUREAU = Words(
    "新疆生产建设兵团工业和信息化局", "Xinjiang Production and Construction Corps Bureau of Industry and IT"
)
_CORPS_CITY = "兵团"


def password() -> str:
    """The password of everybody in this installation's demonstration, made at the first call."""
    path: Path = settings.HUIQI_HOME / "demo_password"
    if not path.exists():
        made = "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(3))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(made + "\n")
    return path.read_text().strip()


def load(enterprises: int | None = None, seed: int | None = None) -> Loaded:
    """Load the demonstration into the database, all of it or nothing, unless it is there.

    Without arguments a demonstration of whatever size will do. Raises :class:`DemoProblem` when there is another one,
    or when real enterprises are in the database.
    """
    count, seed_used = enterprises or ENTERPRISES, SEED if seed is None else seed
    name = f"{_FILE_NAME}{count}-{seed_used}"
    existing = RosterImport.objects.filter(file_name__startswith=_FILE_NAME).order_by("pk").first()
    if existing is not None:
        there = int(existing.file_name.removeprefix(_FILE_NAME).split("-")[0])
        if (enterprises, seed) != (None, None) and not existing.file_name.startswith(f"{name}-"):
            raise DemoProblem(
                Words(
                    f"数据库里已有另一份样例数据（{there} 家企业）",
                    f"the database holds another demonstration, of {there} enterprises",
                ),
                Words(
                    "用 HUIQI_HOME 指定一个新目录再载入，或先删除旧目录",
                    "Name a new folder in HUIQI_HOME and load it there, or remove the old folder first",
                ),
            )
        with _act():
            # a newer version may have people whom the demonstration had not when it was loaded
            _make_organs()
            _make_people()
            _keep_password()
            _delegate()
        return Loaded(there, already=True)
    if Organisation.objects.enterprises().exclude(uscc__regex="^9[123]6599").exists():
        raise DemoProblem(
            Words("数据库里有真实企业，不能混入样例数据", "the database holds real enterprises; made-up ones stay out"),
            Words(
                "用 HUIQI_HOME 或 DATABASE_URL 指定另一个数据库", "Name another database in HUIQI_HOME or DATABASE_URL"
            ),
        )
    with _act():
        load_reference_data()
        _make_organs()
        _import_enterprises(count, seed_used, name)
        _make_people()
        _delegate()
    return Loaded(count, already=False)


def _act() -> contextlib.AbstractContextManager[Act]:
    return act(machine("huiqi demo"), "demonstration.loaded")


# --- organs -----------------------------------------------------------------------------------------------------------


def _organs() -> Iterator[Organisation]:
    for function, name in DEPARTMENTS.items():
        yield _organ(name, function, "650000")
    corps = _organ(CORPS_BUREAU, "industry_and_it", "650000")
    corps.is_bingtuan = True
    yield corps
    for region in Region.objects.exclude(level="autonomous_region").order_by("code"):
        everywhere = PREFECTURE_BUREAUS if region.level == "prefecture" else COUNTY_BUREAUS
        for function in (*everywhere, *(each for each, place in STORY_BUREAUS if place == region.code)):
            bureau = BUREAUS[function]
            name = Words(bureau.zh.format(region.name_zh), bureau.en.format(region.name_en))
            organ = _organ(name, function, region.code)
            organ.is_bingtuan = _CORPS_CITY in region.kind
            yield organ


def _organ(name: Words, function: str, region: str) -> Organisation:
    return Organisation(
        kind=vocabulary.ORGAN,
        name_zh=name.zh + MARK,
        name_en=f"{name.en} (sample)",
        name_pinyin=pinyin_key(name.zh),
        organ_function=function,
        region_id=region,
        active_from=_START,
    )


def _make_organs() -> None:
    taken = set(
        Organisation.objects.filter(kind=vocabulary.ORGAN).values_list("organ_function", "region_id", "is_bingtuan")
    )
    Organisation.objects.bulk_create(
        organ for organ in _organs() if (organ.organ_function, organ.region_id, organ.is_bingtuan) not in taken
    )
    of_the_corps = Organisation.objects.filter(
        kind=vocabulary.ORGAN, is_bingtuan=True, organ_function="industry_and_it"
    )
    of_the_corps.exclude(region_id="650000").update(superior=of_the_corps.get(region_id="650000"))


# --- enterprises ------------------------------------------------------------------------------------------------------


def _import_enterprises(enterprises: int, seed: int, name: str) -> None:
    """Import the roster source by source, so that each value rests on a statement of its own kind.

    The roster says of each firm whether most of its values are declared, imported or certified. Those of the last kind
    come in a roster too, and then the authorities that certify the most facts confirm theirs, each its own.
    """
    roster = draw(enterprises, seed)
    facts = roster.drop_columns([field.name for field in PROVENANCE])
    for source in (vocabulary.DECLARED, vocabulary.IMPORTED, vocabulary.CERTIFIED):
        rows = pc.equal(roster["source"], source)
        days = roster["as_of"].filter(rows)
        if len(days) == 0:
            continue
        made_on = min(sorted(days.to_pylist())[len(days) // 2], timezone.localdate())
        certified = source == vocabulary.CERTIFIED
        statement = Statement(source=vocabulary.IMPORTED if certified else source, made_on=made_on)
        _import(facts.filter(rows), name, source, statement)
        if certified:
            for function, names in _certified_facts().items():
                organ = _organ_of(OrganHat("", function, "650000"))
                statement = Statement(source=source, made_on=made_on, certified_by=organ)
                _import(facts.filter(rows).select(["uscc", *names]), name, function, statement)


def _certified_facts() -> dict[str, list[str]]:
    """The facts that each of :data:`CERTIFIERS` certifies here; one that several may certify goes to the first."""
    found: dict[str, list[str]] = {function: [] for function in CERTIFIERS}
    for fact in dictionary().stored:
        function = next((f for f in CERTIFIERS if f in vocabulary.certifying_functions(fact)), None)
        if function is not None and fact.name != "uscc":
            found[function].append(fact.name)
    return found


def _import(table: pa.Table, name: str, part: str, statement: Statement) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}-{part}.parquet"
        pq.write_table(table, path)
        report = import_roster(path, by=None, dry_run=False, statement=statement, allow_fictitious=True)
    if not report.written:
        first = str(next(iter(report.problems), ""))
        raise DemoProblem(
            Words("样例名册没有通过检查", "the made-up roster was refused"),
            Words(first or "再试一次", first or "Try again"),
        )


# --- people -----------------------------------------------------------------------------------------------------------


def _make_people() -> None:
    there = set(Person.objects.values_list("login_name", flat=True))
    missing = [line for line in PEOPLE if line.login_name not in there]
    encoded = make_password(password()) if missing else ""
    for line in missing:
        person = Person.objects.create(
            login_name=line.login_name,
            display_name=f"样例·{line.who.zh}",
            password=encoded,
            language=line.language,
        )
        for hat in line.hats:
            organisation, role = _place_of(hat)
            Membership.objects.create(person=person, organisation=organisation, role=role, start=_START)
    for line in PEOPLE:
        person = Person.objects.get(login_name=line.login_name)
        if any(isinstance(hat, OrganHat) for hat in line.hats) and not second_factor.works(person):
            second_factor.give(person)


def _place_of(hat: OrganHat | FirmHat | AgencyHat) -> tuple[Organisation, str]:
    if isinstance(hat, OrganHat):
        return _organ_of(hat), hat.role
    return (_agency(), hat.role) if isinstance(hat, AgencyHat) else (_firm_of(hat), vocabulary.OWNER)


def _agency() -> Organisation:
    agency, _ = Organisation.objects.get_or_create(
        uscc=make_fictitious("1", "99", 1),
        defaults={
            "kind": vocabulary.SERVICE_AGENCY,
            "name_zh": AGENCY.zh + MARK,
            "name_en": f"{AGENCY.en} (sample)",
            "region_id": "653101",
            "active_from": _START,
        },
    )
    return agency


def _delegate() -> None:
    """The delegations to the agency, for a year; one that has ended or was ended is given again at the next start."""
    today = timezone.localdate()
    for login_name, scopes in DELEGATIONS.items():
        owner = Person.objects.get(login_name=login_name)
        hat = owner.memberships.active_on(today).filter(role=vocabulary.OWNER).order_by("pk").first()
        if hat is None or Delegation.objects.active_on(today).filter(organisation=hat.organisation).exists():
            continue
        Delegation.objects.create(
            organisation=hat.organisation,
            agency=_agency(),
            scopes=list(scopes),
            start=today,
            end=today + dt.timedelta(days=365),
            given_by=owner,
        )


def _keep_password() -> None:
    """Let the people in with this installation's password, also when the database came from another one."""
    people = Person.objects.filter(login_name__in=[line.login_name for line in PEOPLE])
    first = people.order_by("pk").first()
    if first is not None and not first.check_password(password()):
        people.update(password=make_password(password()))


def _organ_of(hat: OrganHat) -> Organisation:
    return Organisation.objects.get(
        kind=vocabulary.ORGAN, organ_function=hat.function, region_id=hat.region, is_bingtuan=False
    )


def _firm_of(hat: FirmHat) -> Organisation:
    """The firm that fits best: the best place that has a firm of the trades, the best of those, its size known."""
    known = EnterpriseFacts.objects.select_related("organisation").order_by("organisation__uscc")
    sized = Q(employees__isnull=False, revenue__gt=0, industry_code__isnull=False)
    for place in (*hat.places, "65"):
        for trade in hat.trades:
            fitting = known.filter(sized, industry_code__startswith=trade, organisation__region__code__startswith=place)
            firm = fitting[hat.skip : hat.skip + 1].first()
            if firm is not None:
                return firm.organisation
    raise DemoProblem(
        Words("样例企业太少", "there are too few made-up enterprises"),
        Words("至少载入 100 家：huiqi demo --enterprises 100", "Load at least 100: huiqi demo --enterprises 100"),
    )
