"""What stands on a letter: every kind in its form, all text as it was typed, the standards that the file claims."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st
from pypdf import PdfReader

from huiqi.documents.letters.composing import Check, Sheet, chinese_number
from huiqi.documents.letters.kinds import DAY, LETTER, Field, Kind, kinds, read_content
from huiqi.documents.letters.rendering import FONTS, families, render_draft, render_pdf, render_pictures, unprintable
from huiqi.law.articles import articles

CHECK = Check("K7QM-2WXF-9D3T", "https://huiqi.example.gov.cn/verify/")


def filled(field: Field) -> str:
    return "2026-11-24" if field.type == DAY else f"{field.label.zh}的内容"


def sheet_of(kind: Kind, **changed: str) -> Sheet:
    content = {field.name: filled(field) for field in kind.fields} | changed
    return Sheet(
        kind=kind,
        content=read_content(kind, content),
        organ="喀什地区工业和信息化局",
        addressee="喀什某家具有限公司",
        number="喀什工信〔2026〕12号",
        day=dt.date(2026, 11, 24),
        check=CHECK,
    )


def text_of(pdf: bytes) -> str:
    """The text of a PDF without white space, which a layout may add and take away."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.key)
def test_a_letter_of_each_kind_holds_all_its_fields_and_claims_the_standards(kind: Kind) -> None:
    sheet = sheet_of(kind)
    pdf = render_pdf(sheet)
    text = text_of(pdf)
    for field in kind.fields:
        shown = "2026年11月24日" if field.type == DAY else filled(field)
        assert shown in text, field.name
    for said in (sheet.organ, sheet.addressee + "：", sheet.number, "2026年11月24日", CHECK.code, sheet.title):
        assert re.sub(r"\s", "", said) in text, said
    assert "草稿" not in text and "____" not in text and "{" not in text
    read = PdfReader(io.BytesIO(pdf))
    about = read.trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", about) and re.search(r"pdfaid:conformance>A<", about)
    assert re.search(r"pdfuaid:part>1<", about)
    root = read.trailer["/Root"]
    assert "/StructTreeRoot" in root and root["/MarkInfo"]["/Marked"] and root["/Lang"].lower() == "zh-cn"
    assert read.metadata is not None and read.metadata.title == sheet.title
    assert all(abs(float(page.mediabox.width) - 595.28) < 1 for page in read.pages)


@pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.key)
def test_a_kind_rests_on_articles_and_its_sentences_use_its_own_fields(kind: Kind) -> None:
    assert kind.articles and all(articles()[number - 1].number == number for number in kind.articles)
    names = {field.name for field in kind.fields} | {"you"}
    used = {part.what for part in kind.body if part.does == "put"}
    sentences = [kind.title, *(part.what for part in kind.body if part.does == "say")]
    for sentence in sentences:
        found = set(re.findall(r"\{(\w+)\}", sentence))
        assert found <= names, sentence
        used |= found
    assert used | {"attachments", "copies", "contact", "you"} == names | used
    assert names - used <= {"attachments", "copies", "contact", "you"}, "a field that stands nowhere"


def test_the_written_reply_asks_for_all_that_a_reply_has_to_say() -> None:
    reply = kinds()["reply"]
    mandatory = {field.name for field in reply.fields if field.required}
    assert {"request", "facts", "finding", "basis", "decision", "remedies"} <= mandatory
    assert reply.two_persons and kinds()["non_acceptance"].two_persons
    assert {key for key, kind in kinds().items() if kind.form != LETTER} == {"transfer", "supervision"}


SIGNS = st.text(st.sampled_from("#$\\*_`<>@[](){}=/-+~'\"&%!?:;,.|^ 汉字ab12"), min_size=1, max_size=40)


@limits(max_examples=25)
@given(SIGNS, SIGNS)
def test_what_is_typed_is_what_is_read_and_never_markup(line: str, paragraph: str) -> None:
    kind = kinds()["reply"]
    sheet = sheet_of(kind, matter=line, facts=paragraph)
    parts = [part["text"] for part in sheet.parts()]
    assert sheet.content["facts"] in parts or not sheet.content["facts"]
    text = text_of(render_pdf(sheet))
    for typed in (sheet.content["matter"], sheet.content["facts"]):
        assert plain(typed) in plain(text)


def plain(text: str) -> str:
    """Without white space, and without the marks that the sheet sets in their printed forms (quotation marks, dashes)."""
    return re.sub(r"[\s'\"‘’“”\-–—\u00ad\u2010-\u2015]", "", text)


@pytest.mark.parametrize(
    "typed", ["#panic()", "\\ #set page(width: 1cm)", "$x^2$", "= 标题", '#image("/etc/passwd")', "{contact}", "{you"]
)
def test_marks_of_other_languages_appear_as_typed(typed: str) -> None:
    text = text_of(render_pdf(sheet_of(kinds()["acceptance"], matter=typed)))
    assert plain(typed) in plain(text)


def test_a_draft_is_marked_and_shows_what_is_still_missing() -> None:
    kind = kinds()["reply"]
    draft = dataclasses.replace(sheet_of(kind, facts="", received=""), number="", check=None, day=None)
    text = text_of(render_draft(draft))
    assert "草稿" in text and "（未填）" in text and CHECK.code not in text
    pictures = render_pictures(draft)
    assert pictures and all(each.startswith(b"\x89PNG") for each in pictures)


def test_headings_are_numbered_in_order_also_where_one_is_left_out() -> None:
    kind = kinds()["non_acceptance"]

    def headings(sheet: Sheet) -> list[str]:
        return [part["text"] for part in sheet.parts() if part["is"] == "heading"]

    assert [each[0] for each in headings(sheet_of(kind))] == ["一", "二", "三", "四"]
    without = headings(sheet_of(kind, elsewhere=""))
    assert [each[0] for each in without] == ["一", "二", "三"] and "可以提出诉求的机关" not in str(without)
    assert [chinese_number(n) for n in (1, 10, 11, 20, 21)] == ["一", "十", "十一", "二十", "二十一"]


def test_a_person_is_addressed_as_one_and_an_organisation_as_one() -> None:
    sheet = sheet_of(kinds()["acceptance"])
    said = "".join(str(part) for part in sheet.parts())
    assert "你单位" in said and "您" not in said
    said = "".join(str(part) for part in dataclasses.replace(sheet, to_organisation=False).parts())
    assert "您" in said and "你单位" not in said


def test_a_letter_with_red_header_ends_on_an_even_page() -> None:
    """GB/T 9704, 7.4: the colophon stands on the last, even page."""
    for lines in (1, 12, 30, 55):
        sheet = sheet_of(kinds()["transfer"], summary="\n".join(f"第{number}段。" for number in range(lines)))
        pages = PdfReader(io.BytesIO(render_pdf(sheet))).pages
        assert len(pages) % 2 == 0
        assert "印发" in pages[-1].extract_text()


def test_the_signature_never_stands_alone_on_a_page() -> None:
    for lines in range(1, 22, 2):
        sheet = sheet_of(kinds()["acceptance"], attachments="")
        sheet = dataclasses.replace(sheet, content=sheet.content | {"matter": "长" * 60})
        body = "\n".join(f"第{number}段。" for number in range(lines))
        reply = sheet_of(kinds()["reply"], facts=body, attachments="")
        for each in (sheet, reply):
            last = PdfReader(io.BytesIO(render_pdf(each))).pages[-1].extract_text()
            assert "特此通知" in last or "感谢" in last


def test_the_fonts_that_come_with_the_service_have_a_licence_and_are_the_last_resort() -> None:
    assert (FONTS / "OFL.txt").read_text(encoding="utf-8").find("SIL OPEN FONT LICENSE") > 0
    assert {use: names[-1] for use, names in families().items()} == {
        "body": "Noto Serif SC",
        "title": "Noto Serif SC",
        "heading": "Noto Sans SC",
        "number": "Noto Serif SC",
    }
    assert sum(file.stat().st_size for file in FONTS.iterdir()) < 15_000_000


def test_every_character_of_gb_2312_can_be_printed() -> None:
    """The 6,763 characters of the standard, in one letter of many pages."""
    every = "".join(
        bytes([row, cell]).decode("gb2312", "ignore") for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF)
    )
    assert len(every) == 6763
    sheet = sheet_of(kinds()["reply"])
    sheet = dataclasses.replace(sheet, content=sheet.content | {"facts": every})
    assert render_pdf(sheet).startswith(b"%PDF-1.7")


def test_characters_that_no_font_has_are_named() -> None:
    sheet = dataclasses.replace(sheet_of(kinds()["acceptance"]), addressee="喀什龘𠀀公司")
    assert unprintable(sheet) == "龘𠀀"


def test_an_office_puts_its_own_font_first(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "own.ttf").write_bytes((FONTS / "NotoSansSC-Medium.ttf").read_bytes())
    settings.HUIQI_FONTS = str(tmp_path)
    settings.HUIQI_FONT_NAMES = {"body": ("Nobody Has This", "Noto Sans SC")}
    assert families()["body"] == ["Noto Sans SC", "Noto Serif SC"]
    assert render_pdf(sheet_of(kinds()["acceptance"]))
