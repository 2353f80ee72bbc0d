"""How long do the three questions take: everyone x everything, one x everything, everyone x one rule being typed.

    python -m bench.matching [--enterprises 100000]

The roster is drawn by the demonstration's generator, the policies are those of the library. Medians of five.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable

DAY = dt.date(2026, 11, 24)
TYPED = "is_sme and registration_region like '6531%' and rd_ratio >= 3 and not serious_dishonesty"


def median(act: Callable[[], object], runs: int = 5) -> float:
    """Median seconds of a call over several runs after one that does not count."""
    act()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main(enterprises: int) -> None:
    from huiqi.opportunities.finder import assess_all, next_question
    from huiqi.opportunities.library import library
    from huiqi.opportunities.match import match, table_of
    from huiqi.opportunities.search import search
    from huiqi.registry.demo import draw
    from huiqi.rules import dictionary, parse_rule
    from huiqi.rules.table import Matcher

    started = time.perf_counter()
    roster = draw(enterprises)
    drawn = time.perf_counter() - started
    ids = roster["uscc"].to_pylist()
    policies = library()
    everything = median(lambda: match(roster, ids, policies, DAY))
    table = table_of(roster, DAY)
    typed = median(lambda: Matcher(table).verdicts(parse_rule(TYPED)))
    first = {
        k: frozenset(v) if isinstance(v, list) else v
        for k, v in roster.slice(0, 1).to_pylist()[0].items()
        if v is not None
    }
    facts = {name: value for name, value in first.items() if name in dictionary().facts}
    one = median(lambda: assess_all(facts, DAY))
    asked = median(
        lambda: next_question({"registration_region": "653101", "industry_code": "6210", "employees": 9}, DAY)
    )
    searched = median(lambda: search("招大学生补贴"))
    pairs = enterprises * len(policies)
    for what, seconds, note in (
        (f"draw {enterprises:,} enterprises", drawn, f"{roster.num_columns} columns"),
        (
            f"{enterprises:,} enterprises x {len(policies)} policies",
            everything,
            f"{pairs / everything:,.0f} pairs/s, lists and amounts included",
        ),
        (f"{enterprises:,} enterprises x one rule being typed", typed, "parsed and matched"),
        (
            f"one enterprise x {len(policies)} policies, explained",
            one,
            "verdicts, reasons, questions, changes, amounts",
        ),
        ("the next question of the finder", asked, "over the whole library"),
        ("a search in the library", searched, "four words with synonyms"),
    ):
        print(f"| {what} | {seconds:.4f} s | {note} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=100_000)
    main(parser.parse_args().enterprises)
