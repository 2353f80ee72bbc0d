"""``visible_to(actor)`` is the only way to a queryset from pages, the API, exports, search and jobs: read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import huiqi

SOURCE = Path(huiqi.__file__).parent
#: Models of the package that signs people in have no ``visible_to``. These modules ask them about one person, and no other
#: module may ask them at all.
OF_ALLAUTH = {"Authenticator", "SocialAccount", "Kept"}
ASK_ALLAUTH = {"web/identity.py", "web/views/security.py", "web/views/administration.py"}
#: What makes a row and asks for none.
MAKES = ("create", "create_user")
MANAGERS = {"objects", "_default_manager", "_base_manager"}


def places() -> list[Path]:
    """The modules that answer people and machines."""
    faces = [path for folder in ("web", "api", "chapters") for path in (SOURCE / folder).rglob("*.py")]
    return [path for path in faces if "migrations" not in path.parts] + sorted(SOURCE.rglob("tasks.py"))


def other_ways(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each use of a manager that does not begin with ``visible_to``."""
    tree = ast.parse(source)
    lawful = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("visible_to", *MAKES)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in MANAGERS and id(node) not in lawful:
            yield node.lineno, ast.unparse(node)
        called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if called and node.func.id in ("get_object_or_404", "get_list_or_404"):  # type: ignore[attr-defined]
            first = node.args[0]  # type: ignore[attr-defined]
            if isinstance(first, ast.Name) and first.id[:1].isupper():
                yield node.lineno, f"{node.func.id}({first.id})"  # type: ignore[attr-defined]


def test_every_queryset_of_the_faces_begins_with_visible_to() -> None:
    assert places()
    found = [
        f"{path.relative_to(SOURCE)}:{line} {text}"
        for path in places()
        for line, text in other_ways(path.read_text(encoding="utf-8"))
        if not (text.split(".")[0] in OF_ALLAUTH and str(path.relative_to(SOURCE)) in ASK_ALLAUTH)
    ]
    assert not found, "\n".join(found)


def test_the_test_itself_sees_other_ways() -> None:
    for source in ("x = Draft.objects.filter(pk=1)", "y = Draft.objects", "z = get_object_or_404(Draft, pk=1)"):
        assert list(other_ways(source)), source
    assert not list(other_ways("x = Draft.objects.visible_to(actor).filter(pk=1)"))
