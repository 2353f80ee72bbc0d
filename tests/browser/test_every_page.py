"""Every page of the address book is opened and looked at: narrow and wide, in both languages, and as it is printed.

By default one example of each page is opened as most people see it: on a phone, in Chinese. All examples in all their
looks take minutes: they are marked ``walk`` and run by ``make walk``.

The addresses come from the URL configuration itself. Which of them are pages is told by how they answer: what takes
POST alone, hands out a file, answers machines or only leads on is no page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from .addresses import kind, patterns
from .checks import KNOWN_NAMES, LEAST_TARGET, faults, findings, prepare
from .world import DESK, EXAMPLES, LANGUAGES, PEOPLE, PHONE, Example, World, as_person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

#: Each language is walked in one of the two schemes of colour, so that axe sees both.
SCHEMES = {"zh-hans": "light", "en": "dark"}
#: The width of the text on a sheet of A4 with the margins of the style sheet, in CSS pixels.
PAPER = {"width": 672, "height": 930}
#: What else visitors come to see: pages of refusal, by who is refused what.
REFUSALS = (("shop", "/no-such-page/"), ("owner", "/desk/"), ("officer", "/desk/rosters/999999/"))
#: Pages whose looks from right to left stand for the others: one of each layout.
SAMPLES_FROM_THE_RIGHT = (
    "home",
    "question_about",
    "results",
    "why",
    "policy",
    "article",
    "desk",
    "draft",
    "owner_home",
)


@dataclass(frozen=True)
class Stop:
    """One page of the walk: whose it is, the url name, the example that gives its address."""

    by: str
    name: str
    example: Example | str

    def address(self, world: World) -> str:
        return self.example if isinstance(self.example, str) else self.example.address(self.name, world.ids)

    def __str__(self) -> str:
        query = self.example.query if isinstance(self.example, Example) else self.example
        return f"{self.name}{f' {query}' if query else ''}, opened by {self.by}"


class Found:
    """Faults with the pages that have them. What differs in the quoted words alone is one fault, told by its first."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, list[Stop]]] = {}

    def at(self, stop: Stop, faults: list[str], look: str = "") -> None:
        for fault in faults:
            line = f"{look}: {fault}" if look else fault
            key = re.sub(r"“.*?”|\d+", "", line)
            self._found.setdefault(key, (line, []))[1].append(stop)

    def nothing(self) -> None:
        """Fail when there is something."""
        lines = []
        for line, stops in self._found.values():
            first, *others = dict.fromkeys(map(str, stops))
            lines.append(f"{line}\n    on {first}{f' and {len(others)} more pages' if others else ''}")
        assert not lines, f"{len(lines)} faults\n" + "\n".join(lines)


def plan(world: World) -> list[Stop]:
    """The pages to open, each by the first who may, or by whom the example names."""
    clients = {name: world.client(name) for name in PEOPLE}
    stops: list[Stop] = []
    lost: list[str] = []
    for name, needs_arguments in patterns():
        if needs_arguments and name not in EXAMPLES:
            lost.append(f"{name}: needs arguments; give it an example in tests/browser/world.py")
            continue
        for example in EXAMPLES.get(name, [Example()]):
            address = example.address(name, world.ids)
            answers = ((by, kind(clients[by].get(address))) for by in ((example.by,) if example.by else PEOPLE))
            by, found = next(((by, found) for by, found in answers if found != "refused"), ("", "refused"))
            if found == "refused":
                lost.append(f"{name}: {address} lets nobody in ({example.by or 'anybody'} was asked)")
            elif found == "page":
                stops.append(Stop(by, name, example))
    assert not lost, "\n".join(lost)
    return stops + [Stop(by, "refusal", address) for by, address in REFUSALS]


#: The plan of this process: it is the same in every world.
_planned: list[Stop] = []


def visits(
    world: World, browser: Browser, base_url: str, language: str, *, every_example: bool = True, **options: Any
) -> Iterator[tuple[Stop, str, Page]]:
    """Each stop with its address and a page of its person's browser, which serves all stops of that person."""
    if not _planned:
        _planned.extend(plan(world))
    by_person: defaultdict[str, list[Stop]] = defaultdict(list)
    seen: set[str] = set()
    for stop in _planned:
        if every_example or stop.name not in seen:
            by_person[stop.by].append(stop)
        seen.add(stop.name)
    for person, mine in by_person.items():
        context = as_person(browser, base_url, world.client(person, language), **options)
        prepare(context)
        page = context.new_page()
        for stop in mine:
            yield stop, stop.address(world), page
        context.close()


def look_on_the_phone(stop: Stop, page: Page, language: str, found: Found) -> None:
    """The faults of a page that has just been opened on a phone."""
    assert page.locator("html").get_attribute("lang") == LANGUAGES[language], stop
    found.at(stop, findings(page))
    faults(page, "unfold")
    phone = ("sideways", "cut", "targets", "controls", "foreign")
    found.at(stop, faults(page, *phone, targets=LEAST_TARGET, foreign=KNOWN_NAMES))
    page.keyboard.press("Tab")
    found.at(stop, faults(page, "focus"))


def thumb(language: str) -> dict[str, Any]:
    """How a phone opens pages."""
    return {"viewport": PHONE, "has_touch": True, "is_mobile": True, "color_scheme": SCHEMES[language]}


def test_every_page_is_whole_on_a_phone(whole_world: World, browser: Browser, live_server: Any) -> None:
    found = Found()
    language = "zh-hans"
    walk = visits(whole_world, browser, live_server.url, language, every_example=False, **thumb(language))
    for stop, address, page in walk:
        page.goto(address)
        look_on_the_phone(stop, page, language, found)
    found.nothing()


@pytest.mark.walk
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_fits_and_is_whole_in_both_languages(
    whole_world: World, browser: Browser, live_server: Any, language: str
) -> None:
    found = Found()
    for stop, address, page in visits(whole_world, browser, live_server.url, language, **thumb(language)):
        page.set_viewport_size(PHONE)
        page.goto(address)
        look_on_the_phone(stop, page, language, found)
        page.set_viewport_size(DESK)
        found.at(stop, faults(page, "sideways", "cut"), "wide")
    found.nothing()


@pytest.mark.walk
def test_every_page_keeps_its_meaning_on_paper_in_forced_colours_and_from_right_to_left(
    whole_world: World, browser: Browser, live_server: Any
) -> None:
    found = Found()
    sampled: set[str] = set()
    for stop, address, page in visits(whole_world, browser, live_server.url, "zh-hans"):
        page.set_viewport_size(PHONE)
        page.emulate_media(media="screen", forced_colors="active")
        page.goto(f"{address}{'&' if '?' in address else '?'}dir=rtl")
        assert page.locator("html").get_attribute("dir") == "rtl", stop
        faults(page, "unfold")
        found.at(stop, faults(page, "sideways", "cut"), "from right to left")
        found.at(stop, faults(page, "forced"), "forced colours")
        page.set_viewport_size(DESK)
        found.at(stop, faults(page, "sideways", "cut"), "from right to left, wide")
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print", forced_colors="none")
        found.at(stop, faults(page, "sideways", "cut", "furniture", "pale"), "print")
        if stop.name in SAMPLES_FROM_THE_RIGHT and stop.name not in sampled:
            sampled.add(stop.name)
            page.emulate_media(media="screen")
            found.at(stop, findings(page), "from right to left")
    assert sampled == set(SAMPLES_FROM_THE_RIGHT)
    found.nothing()
