"""From a sheet to a PDF or to pictures, by typst. Nothing is fetched, and no text is ever read as markup.

The PDF is PDF/A-2a (ISO 19005-2) and PDF/UA-1 (ISO 14289-1): it can be kept for ever, and read aloud.
"""

from __future__ import annotations

import functools
import io
import json
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings
from django.utils import timezone

from .composing import Sheet, chinese_day, lines_of

TEMPLATE = Path(__file__).parent / "letter.typ"
FONTS = Path(__file__).parent / "fonts"
STANDARDS: list[typst.PDFStandard] = ["a-2a", "ua-1"]

#: Families that come with the service; they stand at the end of every list.
_OWN = {"body": "Noto Serif SC", "title": "Noto Serif SC", "heading": "Noto Sans SC", "number": "Noto Serif SC"}
#: Lines a page. The usual number is taken unless a tighter page saves one.
USUAL_LINES, MOST_LINES = 22, 24
#: Pictures of a draft: pixels an inch.
SHARPNESS = 96


class Unprintable(ValueError):
    """The letter holds characters that none of the fonts has: ``characters``."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__(f"no font has {characters}")


@functools.cache
def fonts(folder: str) -> typst.Fonts:
    """The fonts of the office's folder (none when empty) and those that come with the service."""
    paths: list[Any] = [Path(folder), FONTS] if folder else [FONTS]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def families() -> dict[str, list[str]]:
    """For body, title, heading and page number the families to be tried, in order, of those that there are."""
    there = set(fonts(settings.HUIQI_FONTS).families())
    wanted = settings.HUIQI_FONT_NAMES
    return {use: [*(name for name in wanted.get(use, ()) if name in there), own] for use, own in _OWN.items()}


def render_pdf(sheet: Sheet) -> bytes:
    """The letter as a PDF. Raises Unprintable."""
    try:
        made = _compile(sheet, format="pdf", pdf_standards=STANDARDS, timestamp=timezone.now().replace(microsecond=0))
    except typst.TypstError as problem:
        found = unprintable(sheet)
        if found:
            raise Unprintable(found) from problem
        raise
    assert isinstance(made, bytes)
    return made


def render_draft(sheet: Sheet) -> bytes:
    """The draft as a PDF, marked 草稿 on every page. It follows no standard, so that it shows whatever there is."""
    made = _compile(sheet, format="pdf")
    assert isinstance(made, bytes)
    return made


def render_pictures(sheet: Sheet, ppi: float = SHARPNESS) -> list[bytes]:
    """The pages as PNG."""
    made = _compile(sheet, format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def unprintable(sheet: Sheet) -> str:
    """The characters of a sheet that none of the fonts has, each once. Empty when all can be printed."""
    found: list[str] = []
    # every family is a string, also when there is one only: a list in brackets with one member would be that member
    body = f"({', '.join(json.dumps(family, ensure_ascii=False) for family in families()['body'])},)"
    for letter in dict.fromkeys(json.dumps(_data(sheet), ensure_ascii=False)):
        if letter.isspace():
            continue
        probe = f"#set document(title: [.])\n#set text(font: {body})\n#str.from-unicode({ord(letter)})"
        try:
            typst.compile(
                probe.encode(),
                format="pdf",
                font_paths=fonts(settings.HUIQI_FONTS),
                ignore_system_fonts=True,
                pdf_standards=["a-2b"],
                timestamp=0,
            )
        except typst.TypstError:
            found.append(letter)
    return "".join(found)


def _compile(sheet: Sheet, **options: Any) -> Any:
    data = _data(sheet)
    pages = {lines: _pages(data | {"lines": lines}) for lines in range(USUAL_LINES, MOST_LINES + 1)}
    lines = min(pages, key=lambda lines: (pages[lines], lines))
    return typst.compile(TEMPLATE, **_given(data | {"lines": lines}), **options)


def _pages(data: dict[str, Any]) -> int:
    """How many pages the letter has with this layout."""
    return int(typst.query(TEMPLATE, "<pages>", field="value", one=True, **_given(data)))


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "root": TEMPLATE.parent,
        "font_paths": fonts(settings.HUIQI_FONTS),
        "ignore_system_fonts": True,
        "sys_inputs": {"letter": json.dumps(data, ensure_ascii=False)},
    }


def _data(sheet: Sheet) -> dict[str, Any]:
    """What the template is given."""
    day = sheet.day or timezone.localdate()
    return {
        "form": sheet.kind.form,
        "draft": sheet.number == "",
        "organ": sheet.organ,
        "title": sheet.title,
        "number": sheet.number or f"〔{day.year}〕　号",
        "keywords": [sheet.kind.name.zh, *([sheet.number] if sheet.number else [])],
        "addressee": sheet.addressee,
        "parts": sheet.parts(),
        "attachments": lines_of(sheet.content.get("attachments", "")),
        "copies": sheet.content.get("copies", "").rstrip("。"),
        "contact": sheet.content.get("contact", ""),
        "date": chinese_day(day),
        "check": _check(sheet),
        "fonts": families(),
    }


def _check(sheet: Sheet) -> dict[str, Any] | None:
    if sheet.check is None:
        return None
    drawn = io.BytesIO()
    segno.make(f"{sheet.check.address}{sheet.check.code}/", error="m", micro=False).save(drawn, kind="svg", border=0)
    shown = sheet.check.address.split("://", 1)[-1]
    return {
        "qr": drawn.getvalue().decode(),
        "alt": f"核验用的二维码，核验码 {sheet.check.code}",
        "lines": [
            f"核验码：{sheet.check.code}",
            "扫码，或者打开下面的网址核验：",
            shown.rstrip("/"),
        ],
    }
