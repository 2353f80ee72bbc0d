"""How long does the officer wait while typing, and the owner in the finder, with so many enterprises on file?

    python -m bench.reach [--enterprises 100000]

The reach of a draft has to come within 200 ms, the finder within 100 ms (medians of five). Exits 1 when one does not.
"""

from __future__ import annotations

import argparse
import sys
import time

from bench.matching import DAY, median

#: What is typed, from short to long; the amount goes with each.
TYPED = {
    "one condition": "is_small_micro",
    "four conditions": "is_sme and operating_region like '6531%' and rd_ratio >= 3 and not serious_dishonesty",
    "seven conditions": "is_sme and (industry_code like '61%' or industry_code like '62%') and employees >= 5 "
    "and layoff_rate <= 5 and not abnormal_listed and ui_paid_months >= 12",
}
AMOUNT = "least(employees * 500, 100000)"
REACH, FINDER = 0.2, 0.1


def main(enterprises: int) -> int:
    from huiqi.opportunities.finder import assess_all, next_question
    from huiqi.opportunities.library import load_library, policy_folder
    from huiqi.opportunities.reach import Population
    from huiqi.registry.demo import draw
    from huiqi.rules import dictionary, parse_amount, parse_rule

    roster, policies = draw(enterprises), load_library(policy_folder())
    started = time.perf_counter()
    people = Population(roster, DAY, policies)
    _ = people.policies
    print(f"| {enterprises:,} enterprises made ready, once | {time.perf_counter() - started:.4f} s | |", flush=True)
    slow = False
    for what, text in TYPED.items():
        seconds = median(lambda text=text: people.reach(parse_rule(text), parse_amount(AMOUNT)))  # type: ignore[misc]
        slow |= seconds > REACH
        print(f"| reach of a draft with {what} | {seconds:.4f} s | at most {REACH} s |", flush=True)
    first = {
        name: frozenset(value) if isinstance(value, list) else value
        for name, value in roster.slice(0, 1).to_pylist()[0].items()
        if value is not None and name in dictionary().facts
    }
    few = {"registration_region": "653101", "industry_code": "6210", "employees": 9}
    for what, act in (
        ("the finder's results for one enterprise", lambda: assess_all(first, DAY, policies)),
        ("the finder's next question", lambda: next_question(few, DAY, of=policies)),
    ):
        seconds = median(act)
        slow |= seconds > FINDER
        print(f"| {what} | {seconds:.4f} s | at most {FINDER} s |", flush=True)
    return int(slow)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=100_000)
    sys.exit(main(parser.parse_args().enterprises))
