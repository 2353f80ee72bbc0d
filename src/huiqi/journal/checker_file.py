"""The program that checks a proof or an export: three of our modules as one file, for whoever does not want to trust us."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import checker, content, merkle


def source() -> str:
    """The text of the program. It needs Python's standard library alone."""
    return "".join(_pieces())


def _pieces() -> Iterator[str]:
    """The three modules as one file: their import of each other is taken out and their names are given as namespaces."""
    yield '"""Checks an export (.jsonl) or a proof (.json) of a Huiqi journal: python checker.py FILE"""\n'
    yield "from __future__ import annotations\nimport types\n\n"
    for module in (merkle, content, checker):
        name = module.__name__.rpartition(".")[2]
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        source = source.replace("from __future__ import annotations\n", "").replace(
            "from . import content, merkle\n", ""
        )
        yield source
        if module is not checker:
            yield f"\n{name} = types.SimpleNamespace(**globals())\n\n"
    yield '\n\nif __name__ == "__main__":\n    sys.exit(main())\n'
