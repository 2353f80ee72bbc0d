"""What every page is looked at for: by axe-core, and by the functions of ``checks.js``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
CHECKS = Path(__file__).parent / "checks.js"

#: The smallest target for a thumb, in CSS pixels (the look's own rule; WCAG 2.2, 2.5.5).
LEAST_TARGET = 44
#: Names of formats, tools and standards that a Chinese page says in Latin letters.
KNOWN_NAMES = [
    "CSV",
    "XLSX",
    "XLS",
    "xlsx",
    "xls",
    "PDF",
    "JPG",
    "JPEG",
    "PNG",
    "Excel",
    "WPS",
    "UTF",
    "GBK",
    "GB",
    "MB",
    "KB",
    "HTTPS",
    "SQL",
    "JSON",
    "Python",
    "Cookie",
    "JavaScript",
    "Tab",
    "WCAG",
    "AA",
    "LPR",
]


def prepare(context: BrowserContext) -> None:
    """Put the checkers into every page of a context that is to open (it has to bypass the pages' content policy)."""
    context.add_init_script(path=CHECKS)


def findings(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds by the rules of WCAG 2.2 AA and its own best practices, or by these rules alone."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # all style sheets are our own, so none has to be fetched once more
    options: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']][:3]}"
        for each in found["violations"]
    ]


def faults(page: Page, *checks: str, **arguments: Any) -> list[str]:
    """What these functions of ``checks.js`` find; ``arguments`` gives one its argument by its name."""
    found: dict[str, list[str]] = page.evaluate(
        "([checks, given]) => Object.fromEntries(checks.map(each => [each, window.checks[each](given[each])]))",
        [list(checks), arguments],
    )
    return [f"{check}: {fault}" for check, each in found.items() for fault in each]


def fits(page: Page) -> bool:
    """Whether nothing has to be scrolled sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
