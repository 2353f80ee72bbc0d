"""How the time grows with the enterprises and with the rules, ours beside Polars, as a picture.

    python -m bench.growth [--full] [--out docs/performance]

Writes ``growth.json`` (the points) and ``growth.svg``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.against import Ours, in_turns
from bench.peers import Work
from bench.workload import arrow, enterprises, rules

RUNS = 3
OURS, POLARS = "Huiqi", "Polars, leaf columns first"
#: (enterprises, rules) along each of the two lines.
SMALL = {
    "enterprises": [(10_000, 200), (30_000, 200), (100_000, 200)],
    "rules": [(20_000, 100), (20_000, 300), (20_000, 1_000)],
}
FULL = {
    "enterprises": [(count, 1_000) for count in (10_000, 30_000, 100_000, 300_000, 1_000_000)],
    "rules": [(100_000, count) for count in (100, 300, 1_000, 3_000, 10_000)],
}
#: Seconds at which the axis has a line.
DECADES = [10.0**power for power in range(-4, 4)]
#: Text and lines that can be read on a light and on a dark page.
STYLE = """<style>
text { fill: #1f2328 } .role-axis line, .role-axis path, .mark-rule line { stroke: #8c959f }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .role-axis line, .role-axis path { stroke: #6e7681 } }
</style>"""


def points(full: bool) -> Iterator[dict[str, Any]]:
    """Seconds from the columns of facts to the counts, in turns."""
    from bench.peers.polars_leaves import Polars

    for along, sizes in (FULL if full else SMALL).items():
        for count, many in sizes:
            table, trees = enterprises(count), rules(many)
            ours, theirs = Ours(trees, table), Polars(Work(arrow(table), trees))
            taken = in_turns({OURS: lambda: ours.count(ours.encode()), POLARS: theirs.count}, RUNS)  # noqa: B023
            for engine, seconds in taken.items():
                size = count if along == "enterprises" else many
                other = f"{many:,} rules" if along == "enterprises" else f"{count:,} enterprises"
                yield {"along": along, "size": size, "with": other, "engine": engine, "seconds": seconds}


def picture(found: list[dict[str, Any]]) -> str:
    """The points as an SVG: two panels, both axes logarithmic."""
    import altair as alt
    import vl_convert

    panels, log = [], alt.Scale(type="log")
    for along in ("enterprises", "rules"):
        here = [point for point in found if point["along"] == along]
        sizes = sorted({point["size"] for point in here})
        panels.append(
            alt.Chart(alt.Data(values=here), title=f"{along.capitalize()}, with {here[0]['with']}")
            .mark_line(point=True, strokeWidth=2)
            .encode(
                x=alt.X("size:Q", title=along, scale=log, axis=alt.Axis(format="~s", values=sizes)),
                y=alt.Y("seconds:Q", title="seconds", scale=log, axis=alt.Axis(format="~g", values=DECADES)),
                color=alt.Color(
                    "engine:N", title=None, scale=alt.Scale(domain=[OURS, POLARS], range=["#d1242f", "#2f81f7"])
                ),
                strokeDash=alt.StrokeDash("engine:N", legend=None, sort=[OURS, POLARS]),
            )
            .properties(width=300, height=240)
        )
    chart = alt.hconcat(*panels).configure(background="transparent", font="sans-serif")
    chart = chart.configure_axis(gridColor="#8c959f", gridOpacity=0.25).configure_view(stroke=None)
    chart = chart.configure_legend(orient="bottom")
    svg = str(vl_convert.vegalite_to_svg(chart.to_json()))
    start = svg.index(">", svg.index("<svg")) + 1
    return svg[:start] + STYLE + svg[start:] + "\n"


def write(found: list[dict[str, Any]], folder: Path) -> None:
    """The points and the picture."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (folder / "growth.svg").write_text(picture(found), encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("docs/performance"))
    asked = parser.parse_args()
    write(list(points(asked.full)), asked.out)
