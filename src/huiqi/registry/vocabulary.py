"""The closed lists of the registry: kinds of organisation, functions of organs, roles, sources of facts.

Each list maps the code that is stored to its label in both languages.
"""

from __future__ import annotations

from huiqi.rules.dictionary import Fact
from huiqi.rules.words import Words

ENTERPRISE, ORGAN, BANK, GUARANTOR, SERVICE_AGENCY, ASSOCIATION = (
    "enterprise",
    "organ",
    "bank",
    "guarantor",
    "service_agency",
    "association",
)

KINDS: dict[str, Words] = {
    ENTERPRISE: Words("企业", "enterprise"),
    ORGAN: Words("机关", "organ"),
    BANK: Words("银行", "bank"),
    GUARANTOR: Words("担保机构", "guarantor"),
    SERVICE_AGENCY: Words("服务机构", "service agency"),
    ASSOCIATION: Words("行业协会商会", "industry association or chamber"),
}

#: What an organ is there for. One organ has one function; a bureau with two signboards is two organs.
ORGAN_FUNCTIONS: dict[str, Words] = {
    "government": Words("人民政府", "people's government"),
    "industry_and_it": Words("工业和信息化（中小企业主管）", "industry and information technology (SME authority)"),
    "development_reform": Words("发展改革", "development and reform"),
    "finance": Words("财政", "finance"),
    "tax": Words("税务", "taxation"),
    "market_regulation": Words("市场监督管理", "market regulation"),
    "human_resources": Words("人力资源和社会保障", "human resources and social security"),
    "science": Words("科学技术", "science and technology"),
    "commerce": Words("商务", "commerce"),
    "statistics": Words("统计", "statistics"),
    "justice": Words("司法行政", "justice"),
    "financial_regulation": Words("金融管理", "financial regulation"),
    "intellectual_property": Words("知识产权", "intellectual property"),
    "education": Words("教育", "education"),
    "civil_affairs": Words("民政", "civil affairs"),
    "public_security": Words("公安", "public security"),
    "natural_resources": Words("自然资源", "natural resources"),
    "ecology": Words("生态环境", "ecology and environment"),
    "housing_construction": Words("住房和城乡建设", "housing and construction"),
    "transport": Words("交通运输", "transport"),
    "agriculture": Words("农业农村", "agriculture and rural affairs"),
    "culture_tourism": Words("文化和旅游", "culture and tourism"),
    "emergency_management": Words("应急管理", "emergency management"),
    "veterans_affairs": Words("退役军人事务", "veterans affairs"),
    "disabled_persons": Words("残疾人联合会", "disabled persons' federation"),
    "customs": Words("海关", "customs"),
    "audit": Words("审计", "audit"),
    "letters_and_visits": Words("信访", "letters and visits"),
    "zone_administration": Words("园区管理委员会", "administration of a zone or park"),
    "court": Words("人民法院", "people's court"),
    "procuratorate": Words("人民检察院", "people's procuratorate"),
    "other": Words("其他", "other"),
}

#: The words by which the dictionary's ``certified_by`` names an authority, and the function that it has here.
_CERTIFIERS = {
    "税务": "tax",
    "人社": "human_resources",
    "社保": "human_resources",
    "市场监管": "market_regulation",
    "市监": "market_regulation",
    "工信": "industry_and_it",
    "工业和信息化部": "industry_and_it",
    "中小企业主管部门": "industry_and_it",
    "培育平台": "industry_and_it",
    "财政": "finance",
    "科技": "science",
    "发展改革": "development_reform",
    "发改": "development_reform",
    "统计": "statistics",
    "商务": "commerce",
    "生态环境": "ecology",
    "应急": "emergency_management",
    "残联": "disabled_persons",
    "海关": "customs",
    "知识产权": "intellectual_property",
    "退役军人": "veterans_affairs",
    "金融办": "financial_regulation",
    "教育": "education",
    "法院": "court",
    "管委会": "zone_administration",
    "园区": "zone_administration",
    "乡村振兴": "agriculture",
    "人民政府": "government",
    "县级政府": "government",
}


def certifying_functions(fact: Fact) -> frozenset[str]:
    """The functions of the organs that certify this fact; empty when no organ does (a bank, an audit, a contract)."""
    return frozenset(function for words, function in _CERTIFIERS.items() if words in fact.certified_by)


OWNER, AGENT, OFFICER, SUPERVISOR, CLERK, ADMINISTRATOR, AUDITOR = (
    "owner",
    "agent",
    "officer",
    "supervisor",
    "clerk",
    "administrator",
    "auditor",
)
SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN = "system_admin", "security_admin", "audit_admin"
#: Acts for an enterprise by its delegation: no role that is held, but one that a delegation gives for a time.
DELEGATE = "delegate"

ROLES: dict[str, Words] = {
    OWNER: Words("负责人", "owner"),
    AGENT: Words("经办人", "agent"),
    OFFICER: Words("承办人", "officer"),
    SUPERVISOR: Words("监督人员", "supervisor"),
    CLERK: Words("文书", "clerk"),
    ADMINISTRATOR: Words("管理员", "administrator"),
    AUDITOR: Words("审计人员", "auditor"),
    SYSTEM_ADMIN: Words("系统管理员", "system administrator"),
    SECURITY_ADMIN: Words("安全管理员", "security administrator"),
    AUDIT_ADMIN: Words("审计管理员", "audit administrator"),
    DELEGATE: Words("代理人", "authorised agent"),
}

#: Roles that a hat may have.
HELD_ROLES = tuple(role for role in ROLES if role != DELEGATE)
#: The three administrators of the service. Nobody holds two of these (GB/T 22239-2019, level 3: 三员分立).
ADMINISTRATORS = frozenset({SYSTEM_ADMIN, SECURITY_ADMIN, AUDIT_ADMIN})

#: Roles whose work is with enterprises. An administrator looks after accounts and reads no facts.
READING_ROLES = frozenset({OWNER, AGENT, OFFICER, SUPERVISOR, CLERK, AUDITOR, DELEGATE})

READ_FACTS, DECLARE_FACTS, APPLY, FILE_CASES = "read_facts", "declare_facts", "apply", "file_cases"

#: What somebody may do for an enterprise.
SCOPES: dict[str, Words] = {
    READ_FACTS: Words("看企业资料", "read its facts"),
    DECLARE_FACTS: Words("报企业资料", "declare its facts"),
    APPLY: Words("申请政策", "apply for benefits"),
    FILE_CASES: Words("提诉求", "file cases"),
}
#: Scopes that are of no use without another: who declares or applies has to see the facts.
SCOPE_NEEDS: dict[str, str] = {DECLARE_FACTS: READ_FACTS, APPLY: READ_FACTS}
#: Roles that do everything for their enterprise, and that wear the hats which others delegate to it.
ACTING_ROLES = frozenset({OWNER, AGENT})

DECLARED, CERTIFIED, IMPORTED, DERIVED = "declared", "certified", "imported", "derived"

SOURCES: dict[str, Words] = {
    DECLARED: Words("企业声明", "declared by the enterprise"),
    CERTIFIED: Words("部门认定", "certified by an authority"),
    IMPORTED: Words("名册导入", "imported from a roster"),
    DERIVED: Words("推算", "derived"),
}

#: Which source gives way to which: a value is never replaced by one of a lower rank while it is valid.
RANK: dict[str, int] = {DERIVED: 0, DECLARED: 1, IMPORTED: 1, CERTIFIED: 2}

#: Region levels and the number of leading digits that all codes below share.
REGION_LEVELS: dict[str, Words] = {
    "autonomous_region": Words("自治区", "autonomous region"),
    "prefecture": Words("地州市", "prefecture"),
    "county": Words("县市区", "county"),
}
REGION_DIGITS = {"autonomous_region": 2, "prefecture": 4, "county": 6}

INDUSTRY_LEVELS: dict[str, Words] = {
    "section": Words("门类", "section"),
    "division": Words("大类", "division"),
    "group": Words("中类", "group"),
    "class": Words("小类", "class"),
}

LANGUAGES: dict[str, Words] = {"zh-hans": Words("中文", "Chinese"), "en": Words("英文", "English")}


def choices(labels: dict[str, Words]) -> list[tuple[str, str]]:
    """Django choices of a list; the Chinese label stands for it in forms that do not translate themselves."""
    return [(code, words.zh) for code, words in labels.items()]
