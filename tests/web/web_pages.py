"""Pages taken apart: what a reader sees of them, which ids and attributes they have."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from huiqi.registry.credit_code import make_fictitious

CODE = make_fictitious("1", "11", 7)
PASSWORD = "a-long-enough-password"
VOID = {"meta", "link", "input", "br", "img", "hr"}
UNSEEN = {"script", "style", "head"}


class _Reader(HTMLParser):
    """Collects the visible text, apart from what is marked as being in another language."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, bool]] = []
        self.text: list[str] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.attributes += attrs
        if values.get("id"):
            self.ids.append(values["id"] or "")
        for name in ("aria-label", "placeholder", "title"):
            if values.get(name):
                self.text.append(values[name] or "")
        if tag not in VOID:
            foreign = tag != "html" and (tag == "bdi" or "lang" in values)
            self.open.append((tag, foreign or tag in UNSEEN))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(hidden for _, hidden in self.open):
            self.text.append(data.strip())


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def visible(response: Any) -> str:
    """What a reader of the page's own language sees of it, with single spaces."""
    return " ".join(" ".join(read(response.content.decode()).text).split())


def visitor(language: str = "zh-hans") -> Client:
    client = Client()
    client.cookies["huiqi_language"] = language
    return client
