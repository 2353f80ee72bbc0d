"""What the firm does: trade, loans, receivables, contracts, employment, tax, equipment.

Step 9 of the drawing order of the calibration, given size, section and capability. The last function fills every fact
that no block draws with "nothing held" (false, 0, empty, none).
"""

from __future__ import annotations

import numpy as np

from .chance import Bools, Floats
from .firm import EPOCH, Firms

_SERVICES = "FGHIKLMNOPQR"
_DIVISOR = 10_000  # yuan in one 万元


def draw_finance(firms: Firms) -> None:
    """Debt, margin, taxable income, equity, figures of the tax year."""
    c, chance, values = firms.calibration, firms.chance, firms.values
    mean = np.clip(c.debt_ratio[firms.section], 0.05, 0.95)
    ratio = 100 * chance.rng.beta(4 * mean, 4 * (1 - mean))
    ratio = np.where(chance.happens(0.05), 100 + chance.rng.exponential(30, firms.count), ratio)
    ratio = np.where(firms.specialised, np.minimum(ratio, chance.uniform(25, 74)), ratio)
    values["debt_ratio"] = np.round(np.minimum(ratio, 300), 2)

    main = c.additions["main_business_only"]
    alpha, beta = main["else_beta"]
    share = np.where(chance.happens(main["share"]), 100.0, 100 * chance.rng.beta(alpha, beta, firms.count))
    least = np.select([firms.little_giant, firms.specialised], [91.0, 81.0], 0.0)
    share = np.round(np.where(firms.revenue > 0, np.maximum(share, least), 0.0), 2)
    values["main_business_share"] = share
    years = (firms.revenue + values["revenue_prev"] + values["revenue_prev2"]) / 3
    values["main_revenue_3y_avg"] = np.round(years * share / 100, 2)

    model, means = c.raw["finance"]["profit_margin"], c.additions["loss_margin_mean"]
    loss = chance.happens(model["loss_making_share"], -0.2)
    margin = np.where(
        loss,
        -chance.rng.exponential(means["loss"], firms.count),
        np.minimum(chance.rng.exponential(means["profit"], firms.count), 0.6),
    )
    values["taxable_income"] = np.round(np.maximum(0, firms.revenue * margin * chance.lognormal(1, 0.3)), 2)
    values["avg_employees_tax"] = np.round(np.maximum(firms.employees * chance.lognormal(1, 0.04) * 4, 1)) / 4
    values["avg_assets_tax"] = np.round(firms.assets * chance.lognormal(1, 0.05), 2)

    equity = c.raw["other"]["equity_financing_any"]
    chances = np.select(
        [firms.specialised, firms.innovative], [equity["specialised"], equity["innovative"]], equity["plain"]
    )
    received = np.where(chance.happens(chances), np.round(chance.lognormal(500, 1.0)), 0.0)
    values["equity_financing_3y"] = received
    values["equity_financing_2y"] = np.where(chance.happens(0.7), received, 0.0)

    sme = firms.scale < 3
    firms.existing("sme_at_contract", sme, firms.covered)
    company = firms.form == firms.member("legal_form", "company")
    stages = [m.code for m in firms.dictionary["listing_stage"].members or ()]
    values["listing_stage"] = np.where(
        company, chance.pick([c.raw["other"]["listing_stage"][code] for code in stages]), stages.index("none")
    )


def draw_trade(firms: Firms) -> None:
    """Who exports, and how much (万美元). A few traders carry most of the value, in the order of revenue."""
    c, chance, values, additions = firms.calibration, firms.chance, firms.values, firms.calibration.additions
    trade = c.raw["trade"]
    by_section = firms.by_section({k: v for k, v in trade["firms_by_section"].items() if k != "status"})
    listed = trade["firms_by_section"]
    rest = [s for s in c.sections if s not in listed]
    section_weight = c.joint.sum(axis=1)
    rest_weight = sum(section_weight[c.sections.index(s)] for s in rest)
    denominator = np.array([rest_weight if s in rest else section_weight[i] for i, s in enumerate(c.sections)])[
        firms.section
    ]
    places = trade["firms_by_prefecture"]
    by_place = np.array([places.get(code, 0.0) for code in c.prefectures]) / c.joint.sum(axis=0)
    weights = (firms.revenue > 0) * by_section / denominator * by_place[firms.prefecture]
    trades = chance.choose(weights, trade["share_of_enterprises"]["value"] * firms.count)
    exports = trades & chance.happens(additions["exports_given_trade"])

    drawn = np.sort(chance.lognormal(120, 2.2))  # median and sigma of export_value_usd_wan
    rows = np.flatnonzero(exports)
    value = np.zeros(firms.count)
    if len(rows):
        order = np.argsort(np.argsort(np.log(firms.revenue[rows]) + chance.rng.standard_normal(len(rows))))
        value[rows] = drawn[np.round(order * (firms.count - 1) / max(len(rows) - 1, 1)).astype(int)]
    firms.amount("export_value", value, exports)
    values["export_insured"] = exports & chance.happens(trade["export_insured"]["value"])
    online = np.isin(np.array(c.classes)[firms.industry], ["5193", "5292"])
    values["cbec_retail_export"] = exports & online & chance.happens(additions["cbec_given_online_trader"])
    zone = np.where(values["cbec_retail_export"], firms.bit("special_zone", "cbec_pilot"), 0)
    values["special_zone"] = values["special_zone"] | zone
    fair = exports & chance.happens(additions["market_projects_given_export"])
    values["market_projects"] = np.where(fair, firms.bit("market_projects", "exhibition"), 0)
    for fact in ("export_insured", "cbec_retail_export"):
        firms.settled[fact] = ~exports


def draw_loans(firms: Firms) -> None:
    """At most one bank loan a firm: amount (万元), purpose, rate, days; interest of a year in yuan."""
    c, chance, values, additions = firms.calibration, firms.chance, firms.values, firms.calibration.additions
    finance = c.raw["finance"]
    has = chance.happens(firms.by_scale(finance["has_bank_loan"]), 0.35)
    numbers = {"micro": (80, 0.9), "small": (300, 0.9), "medium": (1500, 0.9), "large": (8000, 1.0)}  # loan_amount_wan
    median, sigma = (firms.by_scale({k: v[i] for k, v in numbers.items()}) for i in (0, 1))
    principal = np.round(chance.lognormal(median, sigma))
    rates = {"micro": (3.9, 0.6), "small": (3.6, 0.5), "medium": (3.3, 0.4)}  # interest_percent.model
    mean, deviation = (firms.by_scale({k: v[i] for k, v in rates.items()}) for i in (0, 1))
    model = finance["interest_percent"]["model"]
    south = np.array([model["add_if_prefecture"].get(code, 0.0) for code in c.prefectures])[firms.prefecture]
    rate = np.clip(mean + deviation * chance.rng.standard_normal(firms.count) + south, model["floor"], model["cap"])
    rate = np.round(rate, 2)

    purposes = [m.code for m in firms.dictionary["loan_purposes"].members or ()]
    drawn = chance.pick([finance["loan_purpose"].get(code, 0.0) for code in purposes])
    working = purposes.index("working_capital")
    young = (firms.age < 5) & (firms.scale <= 1)
    drawn = np.where((drawn == purposes.index("startup")) & ~young, working, drawn)
    drawn = np.where((drawn == purposes.index("service_business")) & ~firms.in_sections(_SERVICES), working, drawn)
    values["loan_purposes"] = np.where(has, 1 << drawn, 0)
    principal = np.where(drawn == purposes.index("startup"), np.minimum(principal, 300), principal)
    firms.amount("loan_principal", principal, has)
    firms.amount("loan_interest", principal * rate / 100 * _DIVISOR, has)

    today = (c.as_of - EPOCH).days
    prefixes = {
        "fixed_asset": "fixed_asset",
        "equipment_renewal": "equipment",
        "working_capital": "working_capital",
        "service_business": "service",
    }
    for purpose, prefix in prefixes.items():
        own = has & (drawn == purposes.index(purpose))
        # A working-capital loan runs one year, so it was issued within the last one.
        days = chance.rng.integers(1, 364 if purpose == "working_capital" else 900, firms.count)
        firms.existing(f"{prefix}_loan_date", today - days, own)
        firms.amount(f"{prefix}_loan_principal", principal, own)
        if purpose == "working_capital":
            firms.existing("working_capital_loan_due", today - days + 365, own)
    startup = has & (drawn == purposes.index("startup"))
    firms.amount("startup_loan_principal", principal, startup)
    firms.amount("startup_loan_rate", rate, startup)
    values["gov_guaranteed"] = has & chance.happens(finance["gov_guaranteed"]["value"])
    values["loan_application_pending"] = chance.happens(additions["loan_application_pending"])
    values["loan_bank_participates"] = has & chance.happens(additions["loan_confirmed"]["bank"])
    values["loan_field_confirmed"] = has & chance.happens(additions["loan_confirmed"]["field"])
    values["equipment_renewal_project"] = has & (drawn == purposes.index("equipment_renewal"))
    for fact in ("gov_guaranteed", "loan_bank_participates", "loan_field_confirmed"):
        firms.settled[fact] = ~has


def draw_receivables(firms: Firms) -> None:
    """Who owes the firm, who is late, and how much of it (yuan); government contracts."""
    c, chance, values, additions = firms.calibration, firms.chance, firms.values, firms.calibration.additions
    model = c.raw["receivables"]
    ratio = firms.by_section(model["to_revenue"])
    any_share = additions["receivables_any"]["base"] + additions["receivables_any"]["per_ratio"] * ratio
    has = chance.happens(np.minimum(any_share, 0.95)) & (firms.revenue > 0)
    owed = firms.revenue * ratio / np.minimum(any_share, 1) * chance.lognormal(0.85, 0.6) * _DIVISOR

    shares, overdue = dict(model["debtor_type"]), model["overdue_share_of_claims"]
    public = np.where(firms.in_sections("EN"), 0.35, shares["public_body"])  # the tilt of debtor_type
    split = additions["public_body_split"]
    debtors = np.zeros(firms.count, int)
    late = np.zeros(firms.count, int)
    late_weight, all_weight = np.zeros(firms.count), np.full(firms.count, 1e-9)
    kinds: list[tuple[str, str, Floats | float]] = [
        ("public_body", kind, public * part) for kind, part in split.items()
    ]
    kinds += [(kind, kind, shares[kind]) for kind in ("large_enterprise", "sme", "other")]
    for family, kind, share in kinds:
        present = has & chance.happens(1 - (1 - np.asarray(share, float)) ** 2)  # about two debtors a firm
        is_late = present & chance.happens(min(1.3 * overdue[family], 1.0))
        debtors |= np.where(present, firms.bit("receivable_debtors", kind), 0)
        late |= np.where(is_late, firms.bit("overdue_debtors", kind), 0)
        all_weight += np.where(present, share, 0.0)
        late_weight += np.where(is_late, share * chance.uniform(0.5, 1.0), 0.0)
    values["receivable_debtors"], values["overdue_debtors"] = debtors, late
    firms.amount("overdue_amount", owed * late_weight / all_weight, late > 0)
    firms.settled["overdue_amount"] = debtors == 0
    # The interest is what the late-payment rules make of the claims; the roster holds no claims to compute it from.
    firms.existing("overdue_interest", np.zeros(firms.count), late == 0)

    contract = c.raw["procurement"]["has_government_contract"]
    tilt = np.array([float(contract["tilt"].get(section, 1)) for section in c.sections])[firms.section]
    won = chance.happens(np.minimum(firms.by_scale(contract) * tilt, 0.9)) & (firms.revenue > 0)
    values["has_government_contract"] = won
    values["domestic_product_confirmed"] = won & firms.in_sections("C") & chance.happens(0.5)


def draw_employment(firms: Firms) -> None:
    """Insured staff, hires, disabled staff, certificates, founders."""
    c, chance, values, additions = firms.calibration, firms.chance, firms.values, firms.calibration.additions
    model = c.raw["employment"]
    alpha = firms.by_scale({"micro": 4, "small": 8, "medium": 18})  # insured_share_of_employees
    factor = np.array([float(model["insured_share_of_employees"]["section_factor"].get(s, 1)) for s in c.sections])
    share = chance.rng.beta(alpha, 2.0) * factor[firms.section]
    insured = np.round(firms.employees * share).astype(int)
    values["insured_staff"] = insured
    months = np.minimum(np.floor(firms.age * 12), 12 * chance.rng.geometric(1 / 3, firms.count)).astype(int)
    values["ui_paid_months"] = np.where(insured > 0, months, 0)
    paid = additions["unemployment_contribution_yuan_per_head"]
    values["ui_contributions"] = np.round(insured * chance.lognormal(paid["median"], paid["sigma"]), 2)
    laid_off = ~chance.happens(model["layoff_rate_percent"]["zero_share"])
    values["layoff_rate"] = np.round(np.where(laid_off, np.minimum(chance.lognormal(6, 0.8), 100), 0), 2)

    hires = firms.employees * ~((firms.scale == 0) & chance.happens(0.8))
    rates = {"graduate": 0.02, **additions["hires_per_employee"]}  # graduate_hires of the calibration
    for kind, rate in rates.items():
        values[f"{kind}_hires"] = np.minimum(chance.count_of(rate * hires), firms.employees.astype(int))
    for kind in ("graduate", "difficulty"):
        cost = additions["insurance_paid_yuan_per_hire"]
        people = values[f"{kind}_hires"]
        firms.amount(f"{kind}_si_paid", people * chance.lognormal(cost["median"], cost["sigma"]), people > 0)
    eligible = values["graduate_hires"] + values["youth_hires"] + values["key_group_hires"]
    values["new_hire_ratio"] = np.round(np.minimum(100 * eligible / firms.employees, 100), 2)

    disabled = additions["disabled"]
    employs = (firms.employees >= disabled["from_employees"]) & ~chance.happens(model["disabled_share"]["zero_share"])
    staff = np.where(employs, np.maximum(np.round(firms.employees * chance.uniform(0.005, 0.025)), 1), 0)
    values["disabled_staff"] = staff.astype(int)
    values["disabled_share"] = np.round(100 * staff / firms.employees, 2)
    firms.amount("disabled_wages", staff * disabled["wage_wan"], staff > 0)
    # The regional quota is a parameter that is not loaded, so it is known of nobody.
    firms.existing("disabled_quota", np.zeros(firms.count), np.zeros(firms.count, bool))
    for level, rate in additions["skill_certificates_per_employee"].items():
        values[f"skill_certs_{level}"] = chance.count_of(rate * firms.employees)
    values["wage_insurance_default"] = values["serious_dishonesty"] & chance.happens(0.5)

    # One group at most; 0.10 of the owners belong to one (calibration: none for 0.90, others 0.005 to 0.03 each).
    groups = firms.dictionary["owner_groups"].members or ()
    one = 1 << chance.rng.integers(0, len(groups), firms.count)
    values["owner_groups"] = np.where(chance.happens(0.10) & (firms.scale == 0), one, 0)
    first = additions["owner_first_business"]
    values["owner_first_business"] = (firms.age < first["under_years"]) & chance.happens(first["share"])


def draw_tax(firms: Firms) -> None:
    """Taxpayer type, grade, sales, taxes, catalogues, zones of support, certificates, equipment."""
    c, chance, values, additions = firms.calibration, firms.chance, firms.values, firms.calibration.additions
    small = (firms.revenue <= 500) & ~firms.recognised & chance.happens(0.92)  # the rule of vat_type
    values["vat_type"] = np.where(small, firms.member("vat_type", "small_scale"), firms.member("vat_type", "general"))
    values["monthly_sales"] = np.round(firms.revenue / 12 * chance.lognormal(1, 0.25), 2)
    micro = (firms.scale == 0) & ~firms.recognised
    deemed = micro & chance.happens(
        c.raw["tax"]["collection_method"]["deemed"] / max(micro.mean(), 1e-9) if firms.count else 0
    )
    values["collection_method"] = np.where(
        deemed, firms.member("collection_method", "deemed"), firms.member("collection_method", "audit")
    )
    _draw_grade(firms)

    income_year = c.reference_date.year - np.floor(firms.age).astype(int)
    values["first_income_year"] = np.where((firms.revenue > 0) | (values["revenue_prev"] > 0), income_year, 0)
    taxes, credit, inputs = (
        additions["six_taxes_of_revenue"],
        additions["vat_credit"],
        additions["input_vat_of_revenue"],
    )
    yuan = firms.revenue * _DIVISOR
    values["six_taxes_due"] = np.round(yuan * chance.lognormal(taxes["median"], taxes["sigma"]), 2)
    general = ~small
    left = general & chance.happens(credit["share_of_general"])
    firms.amount("vat_credit_balance", chance.lognormal(credit["median_yuan"], credit["sigma"]), left)
    firms.settled["vat_credit_balance"] = small
    firms.amount("deductible_input_vat", yuan * chance.lognormal(inputs["median"], inputs["sigma"]), general)
    environment, industry = additions["environmental_tax"], firms.in_sections("BCD")
    emits = industry & chance.happens(environment["share_of_industry"])
    firms.amount("env_tax_due", chance.lognormal(environment["median_yuan"], environment["sigma"]), emits)
    firms.amount("emission_pct_of_limit", chance.uniform(30, 100), emits)
    for fact in ("env_tax_due", "emission_pct_of_limit"):
        firms.settled[fact] = ~industry

    values["encouraged_west"] = ~values["restricted_industry"] & chance.happens(
        firms.by_section(additions["encouraged_west"])
    )
    listed = chance.happens(firms.by_section(additions["in_xj_catalogue"]))
    values["in_xj_catalogue"] = ~values["restricted_industry"] & values["in_xj_difficult_area"] & listed
    values["catalogue_revenue_share"] = np.round(
        np.where(
            (values["encouraged_west"] | values["in_xj_catalogue"]) & (firms.revenue > 0), chance.uniform(40, 100), 0
        ),
        2,
    )
    codes = np.array(c.classes)[firms.industry]
    grows = np.isin([code[:2] for code in c.classes], ["01", "02", "03", "04"])[firms.industry]
    values["farm_project_income"] = grows & (firms.revenue > 0)
    values["own_farm_products"] = grows & (firms.revenue > 0)
    values["adv_manufacturer_listed"] = firms.high_tech & firms.in_sections("C")

    other = c.raw["other"]
    any_certificate = other["certifications_any"]
    chances = np.where(firms.recognised, any_certificate["recognised"], firms.by_scale(any_certificate))
    certified = chance.happens(chances)
    mask = np.where(certified, firms.bit("certifications", "iso9001"), 0)
    for member in firms.dictionary["certifications"].members or ():
        if member.code != "iso9001":
            mask |= np.where(
                certified & chance.happens(additions["further_certificates"]),
                firms.bit("certifications", member.code),
                0,
            )
    values["certifications"] = mask
    levels = [m.code for m in firms.dictionary["green_factory"].members or ()]
    green = chance.pick([other["green_factory"][level] for level in levels])
    factory = firms.in_sections("CD")
    values["green_factory"] = np.where(factory, green, levels.index("none"))
    firms.settled["green_factory"] = ~factory

    equipment = additions["equipment"]
    buys = chance.happens(firms.by_section(equipment["le_500_share"])) & (firms.revenue > 0)
    cost = equipment["le_500_of_revenue"]
    values["equipment_cost_le_500"] = np.round(
        np.where(buys, firms.revenue * chance.lognormal(cost["median"], cost["sigma"]), 0), 2
    )
    dear = equipment["gt_500_wan"]
    buys = (firms.scale >= 2) & firms.in_sections("BCD") & chance.happens(equipment["gt_500_share_medium_or_large"])
    values["equipment_cost_gt_500"] = np.round(
        np.where(buys, np.maximum(chance.lognormal(dear["median"], dear["sigma"]), 501), 0), 2
    )

    in_zone = (values["special_zone"] & firms.bit("special_zone", "development_zone")) > 0
    values["leases_standard_plant"] = (
        in_zone & firms.in_sections("C") & chance.happens(additions["standard_plant_in_zone"])
    )
    textile = np.isin(codes, c.raw["prefectures"]["manufacturing_tilt"]["textile_and_garment"]["codes"])
    values["textile_support_confirmed"] = textile & chance.happens(additions["textile_support_in_textile"])


def _draw_grade(firms: Firms) -> None:
    """The tax credit grade: M only for young or idle firms, A only from three years on, better for the capable."""
    c, chance = firms.calibration, firms.chance
    shares = {grade: share for grade, share in c.raw["tax"]["tax_credit_grade"].items() if isinstance(share, float)}
    new = (firms.age < 3) | (firms.revenue == 0)
    as_new = new & chance.happens(min(shares["M"] / max(new.mean(), 1e-9), 1.0) if firms.count else 0.0)
    graded = ~as_new & ~firms.values["serious_dishonesty"]
    old = graded & (firms.age >= 3)
    latent = chance.correlated(0.5)
    grade = np.full(firms.count, firms.member("tax_credit_grade", "B"))

    def cut(rows: Bools, share: float, best: bool) -> Bools:
        """The given share of all firms, taken from the rows with the highest or the lowest latent grade."""
        wanted = min(share * firms.count / max(rows.sum(), 1), 1.0)
        if not rows.any():
            return rows
        limit = np.quantile(latent[rows], 1 - wanted if best else wanted)
        return np.asarray(rows & ((latent >= limit) if best else (latent < limit)))

    low = cut(graded, shares["C"] + shares["D"], best=False)
    grade[low] = firms.member("tax_credit_grade", "C")
    grade[cut(graded, shares["D"], best=False)] = firms.member("tax_credit_grade", "D")
    grade[cut(old & ~low, shares["A"], best=True)] = firms.member("tax_credit_grade", "A")
    grade[as_new] = firms.member("tax_credit_grade", "M")
    grade[firms.values["serious_dishonesty"]] = firms.member("tax_credit_grade", "D")
    firms.values["tax_credit_grade"] = grade


def fill_the_rest(firms: Firms) -> None:
    """ "Nothing held" for every stored fact that no block draws; computed facts that need no draw."""
    values = firms.values
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = 100 * (np.sqrt(firms.revenue / values["revenue_prev2"]) - 1)
    based = values["revenue_prev2"] > 0
    firms.existing("revenue_cagr_2y", np.round(np.where(based, np.minimum(growth, 1e6), 0.0), 2), based)
    for fact in firms.dictionary.stored:
        if fact.name in values or fact.name == "uscc" or fact.name.startswith("size_class"):
            continue
        if fact.type == "boolean":
            values[fact.name] = np.zeros(firms.count, bool)
        elif fact.type == "enum":
            values[fact.name] = np.full(firms.count, firms.member(fact.name, fact.known_none or "none"))
        elif fact.type in ("integer", "decimal", "set"):
            values[fact.name] = np.zeros(firms.count, float if fact.type == "decimal" else int)
        else:
            raise ValueError(f"the generator has no values for {fact.name}")
