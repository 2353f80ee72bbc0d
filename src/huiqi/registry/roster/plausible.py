"""What a fact can be in any enterprise: bounds that only a slip of the pen passes."""

from __future__ import annotations

from huiqi.rules.dictionary import Fact

#: May be below zero: a loss, a decline.
_MAY_BE_NEGATIVE = frozenset({"taxable_income", "revenue_cagr_2y"})

#: Shares of a whole, which cannot exceed 100 %. Others in percent can (growth, debt over assets, emissions over limit).
_SHARES = frozenset(
    {
        "main_business_share",
        "catalogue_revenue_share",
        "rd_cost_share",
        "rd_staff_share",
        "bachelor_share",
        "market_share",
        "hitech_revenue_share",
        "layoff_rate",
        "disabled_share",
        "disabled_quota",
        "startup_loan_rate",
    }
)

#: Days that lie behind when they are reported.
PAST_DATES = frozenset(
    {
        "established_date",
        "fixed_asset_loan_date",
        "working_capital_loan_date",
        "equipment_loan_date",
        "service_loan_date",
    }
)

#: Years that lie behind, or are the current one, when they are reported; 0 stands for "none yet".
PAST_YEARS = frozenset({"first_income_year"})

#: Codes with leading zeros, or of so many digits that a spreadsheet's number cannot hold them.
CODES = frozenset({"uscc", "registration_region", "operating_region", "industry_code", "secondary_industry_codes"})


def may_be_negative(fact: Fact) -> bool:
    return fact.name in _MAY_BE_NEGATIVE


def upper_bound(fact: Fact) -> int | None:
    """The largest possible value, or None when there is no bound."""
    return 100 if fact.name in _SHARES else None
