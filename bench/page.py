"""The section of docs/performance.md that holds the figures of the matching engine and its peers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = Path("docs/performance.md")
BEGIN, END = "<!-- begin: python -m bench.engines --full -->", "<!-- end -->"
#: Times that our engine should at least be faster, and better so, at the same work.
WANTED = {
    "polars": (8, 12),
    "duckdb": (170, None),
    "clickhouse": (40, None),
    "openfisca": (90, None),
    "spark": (500, None),
}
POLARS_RESIDENT = (10, 20)
SNAPSHOT = (60, 20)
INSIDE_SPARK = (50, 150)
PEERS = ("polars", "duckdb", "clickhouse", "openfisca", "spark", "cel", "zen")


def number(value: float) -> str:
    """Two or three digits: 1.2e10, 430, 4.5."""
    if value >= 1e5:
        mantissa, _, power = f"{value:.1e}".partition("e+")
        return f"{mantissa}e{int(power)}"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def verdict(value: float, least: float, goal: float | None, higher: bool, full: bool) -> str:
    """How a figure stands to what was asked of it, which is asked at full size only."""
    if not full:
        return ""

    def reached(limit: float) -> bool:
        return value >= limit if higher else value <= limit

    if goal is not None and reached(goal):
        return "goal reached"
    return "reached" if reached(least) else "**missed**"


def kernel(result: dict[str, Any], full: bool) -> Iterator[str]:
    if result.get("busy"):
        yield (
            "The machine was busy with other work. So this is processor time: for everyone against everything, which the cores "
            "share evenly, divided by their number, else summed over them."
        )
        yield ""
    yield "| work | measured | at least | goal | |"
    yield "|---|---|---|---|---|"
    for figure in result["figures"]:
        unit, least, goal = figure["unit"], figure["least"], figure["goal"]
        told = verdict(figure["value"], least, goal, higher=unit == "pairs/s", full=full)
        yield f"| {figure['what']} | {number(figure['value'])} {unit} | {number(least)} | {number(goal)} | {told} |"


def snapshot(result: dict[str, Any], full: bool) -> Iterator[str]:
    told = verdict(result["read"], *SNAPSHOT, higher=False, full=full)
    yield f"| snapshot of {result['enterprises']:,.0f} enterprises | seconds | at most | goal | |"
    yield "|---|---|---|---|---|"
    yield f"| read from PostgreSQL, all of it | {result['read']:.1f} | {SNAPSHOT[0]} | {SNAPSHOT[1]} | {told} |"
    yield f"| kept current after 1,000 enterprises have changed | {result['renewed']:.2f} | | | |"
    yield f"| mapped from its file ({result['file_mb']:,.0f} MB) | {result['mapped']:.3f} | | | |"


def peers(results: dict[str, Any], full: bool) -> Iterator[str]:
    yield "| engine | enterprises x rules | its seconds | its pairs/s | our seconds | times faster | at least | |"
    yield "|---|---|---|---|---|---|---|---|"
    for name in PEERS:
        if name not in results:
            continue
        result = results[name]
        if "missing" in result:
            yield f"| {result['title']} | | not run: {result['missing']} | | | | | |"
            continue
        seconds = result["seconds"]
        least, goal = WANTED.get(name, (None, None))
        lines = [(f"{result['title']} {result['version']}", seconds["theirs"], seconds["ours"], least, goal)]
        if "theirs_resident" in seconds:
            lines.append(
                ("the same, its leaf columns given", seconds["theirs_resident"], seconds["ours_resident"], None, None)
            )
        if least:
            wanted = POLARS_RESIDENT if "theirs_resident" in seconds else (least, goal)
            lines.append(("the same, our codes given", seconds["theirs"], seconds["ours_resident"], *wanted))
        size = f"{result['rows']:,} x {result['rules']:,}"
        for title, theirs, ours, wanted, better in lines:
            told = verdict(theirs / ours, wanted, better, higher=True, full=full) if wanted else ""
            asked = number(wanted) if wanted else ""
            pairs = number(result["rows"] * result["rules"] / theirs)
            yield f"| {title} | {size} | {number(theirs)} | {pairs} | {ours:.3g} | {number(theirs / ours)} | {asked} | {told} |"


def nation(result: dict[str, Any], full: bool) -> Iterator[str]:
    if "missing" in result:
        yield f"Not run: {result['missing']}"
        return
    pairs, seconds = result["rows"] * result["rules"], result["seconds"]
    ratio = seconds["sql"] / seconds["kernel"]
    told = verdict(ratio, *INSIDE_SPARK, higher=True, full=full)
    least, goal = INSIDE_SPARK
    size = f"{result['rows']:,} x {result['rules']:,} in Spark {result['version']}, local[2]"
    yield f"| {size} | seconds | pairs/s | times faster | at least | goal | |"
    yield "|---|---|---|---|---|---|---|"
    yield f"| Spark SQL, the table in its memory | {number(seconds['sql'])} | {number(pairs / seconds['sql'])} | | | | |"
    ours = f"{number(seconds['kernel'])} | {number(pairs / seconds['kernel'])} | {number(ratio)}"
    yield f"| our kernel, reading Parquet each time | {ours} | {least} | {goal} | {told} |"


def cold(result: dict[str, Any], _full: bool) -> Iterator[str]:
    ours, theirs = result["cold"]["ours"], result["cold"]["theirs"]
    told = "with few rules and one question, Polars is faster" if theirs < ours else "also so this engine is faster"
    yield (
        f"Cold, with everything that is done once (rules read, circuit and expressions built, compiled code loaded), "
        f"{result['rows']:,} x {result['rules']:,} takes {ours:.2g} s here and {theirs:.2g} s in Polars: {told}. "
        f"The kernel pays off when rules are many or stay."
    )


def section(results: dict[str, Any], full: bool) -> str:
    """All tables that the results have, as Markdown. At small size nothing is judged."""
    lines: list[str] = [] if full else ["Small sizes; what is asked is asked at full size.", ""]
    for part, title, write in (
        ("kernel", "### The engine", kernel),
        ("snapshot", "### The snapshot", snapshot),
        ("nation", "### The kernel inside Spark", nation),
        ("cold", "### Cold, with few rules", cold),
    ):
        if part == "cold" and any(name in results for name in PEERS):
            lines += ["### Against other engines", "", *peers(results, full), "", loads(results, PEERS), ""]
        if part in results:
            lines += [title, "", *write(results[part], full), "", loads(results, (part,)), ""]
    if "agree" in results:
        lines += ["### Agreement", "", "```", results["agree"]["told"].strip(), "```", ""]
    if "growth" in results:
        lines += ["### Growth", "", "![Seconds by enterprises and by rules](performance/growth.svg)", ""]
    return "\n".join(lines)


def loads(results: dict[str, Any], parts: tuple[str, ...]) -> str:
    """Where and under which load parts were measured."""
    found = [results[part] for part in parts if part in results]
    load = ", ".join(f"{result['load']:.1f}" for result in found if "load" in result)
    machines = dict.fromkeys(f"{result['machine']}, {result['on']}" for result in found)
    return f"Measured on {'; '.join(machines)}; load of the machine at the end {load}."


def write(results: dict[str, Any]) -> None:
    """Put the section between its marks on the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{section(results, full=True)}\n{END}{after}", encoding="utf-8")
