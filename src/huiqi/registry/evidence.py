"""A file that shows a declared fact: what it is by its first bytes, how large it may be, and what is taken out of it.

The type is never taken from the name or from what the browser says. Photographs lose what cameras write beside the
picture (place, time, device, owner): JPEG segments APP1 to APP13, APP15 and comments (ITU-T T.81, annex B), and the
text, time and Exif chunks of PNG (ISO/IEC 15948, clause 11).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from huiqi.rules.words import Words

from .models.declarations import MOST_EVIDENCE
from .names import bare_file_name

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_PRIVATE = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
#: Segments of JPEG that a picture does not need: APP1 to APP13, APP15 and comments. APP0 and APP14 tell of colours.
_JPEG_PRIVATE = {*range(0xE1, 0xEE), 0xEF, 0xFE}
#: JPEG markers that stand alone, without a length.
_JPEG_ALONE = {0x01, *range(0xD0, 0xD8)}
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9


@dataclass(frozen=True)
class Evidence:
    """A file as it is kept: its name, its type, its bytes."""

    name: str
    type: str
    content: bytes


class EvidenceProblem(ValueError):
    """A file that cannot be taken; ``what`` is wrong and the ``remedy``."""

    def __init__(self, what: Words, remedy: Words) -> None:
        self.what, self.remedy = what, remedy
        super().__init__(what.en)


_REMEDY = Words("请另存为 PDF，或者拍一张照片", "Save it as a PDF, or take a photograph of it")


def read_evidence(name: str, content: bytes) -> Evidence:
    """The file as it may be kept. Raises EvidenceProblem for an empty, too large, foreign or broken one."""
    most = MOST_EVIDENCE // 1024 // 1024
    if not content:
        raise EvidenceProblem(Words("这个文件是空的", "the file is empty"), _REMEDY)
    if len(content) > MOST_EVIDENCE:
        raise EvidenceProblem(
            Words(f"文件超过 {most} MB", f"the file is larger than {most} MB"),
            Words("请压缩，或者只留有用的几页", "Compress it, or keep the pages that matter"),
        )
    kind = _kind(content)
    if kind is None:
        raise EvidenceProblem(
            Words(
                "内容不是 PDF、JPEG 或 PNG，只改文件名没有用",
                "what it holds is no PDF, JPEG or PNG; another name does not change that",
            ),
            _REMEDY,
        )
    try:
        kept = {JPEG: _bare_jpeg, PNG: _bare_png}.get(kind, bytes)(content)
    except (struct.error, IndexError, ValueError):
        raise EvidenceProblem(
            Words("图片打不开，可能没有传完", "the picture is broken or incomplete"), _REMEDY
        ) from None
    return Evidence(_name(name, kind), kind, kept)


def _kind(content: bytes) -> str | None:
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if content.startswith(_PNG_SIGNATURE) else None


def _name(name: str, kind: str) -> str:
    """A name without folders and control characters, whose ending says what the file is."""
    stem = bare_file_name(name).rsplit(".", 1)[0] or "evidence"
    return stem[:150] + ENDINGS[kind]


def _bare_jpeg(content: bytes) -> bytes:
    kept = bytearray(content[:2])
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no marker where one has to stand")
        marker = content[at + 1]
        if marker == 0xFF:  # a filling byte
            at += 1
            continue
        if marker == _END_OF_IMAGE:
            raise ValueError("ends before the picture")
        if marker in _JPEG_ALONE:
            kept += content[at : at + 2]
            at += 2
            continue
        (length,) = struct.unpack(">H", content[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise ValueError("a segment is cut off")
        if marker not in _JPEG_PRIVATE:
            kept += content[at:end]
        at = end
        if marker == _START_OF_SCAN:
            last = content.rfind(b"\xff\xd9", at)
            if last < 0:
                raise ValueError("the picture is cut off")
            # what stands behind the end of the picture is no part of it
            return bytes(kept + content[at : last + 2])


def _bare_png(content: bytes) -> bytes:
    kept = bytearray(_PNG_SIGNATURE)
    at = len(_PNG_SIGNATURE)
    while True:
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        end = at + 12 + length
        if end > len(content):
            raise ValueError("a chunk is cut off")
        if kind not in _PNG_PRIVATE:
            kept += content[at:end]
        at = end
        if kind == b"IEND":
            return bytes(kept)
