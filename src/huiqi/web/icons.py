"""One set of icons: a 24 px grid, 2 px line, drawn in the colour of the text beside them.

Every icon stands beside a word, so all are hidden from screen readers. ``check`` and ``alert`` cut their mark out in
the colour of the surface, which a class gives them, because the content security policy forbids style attributes.
"""

from __future__ import annotations

from django.utils.safestring import SafeString

SHAPES = {
    # the verdicts
    "yes": '<circle cx="12" cy="12" r="10" class="solid"/><path d="m7.5 12.4 3 3 6-6.4" class="cut"/>',
    "offer": '<circle cx="12" cy="12" r="9.5"/><path d="m7.8 12.3 2.9 2.9 5.6-6.1"/>',
    "near": '<path d="M12 2.5a9.5 9.5 0 1 0 9.5 9.5"/><circle cx="18.7" cy="5.3" r="2.3" class="solid"/><path d="M8.5 12h7M12 8.5v7"/>',
    "no": '<circle cx="12" cy="12" r="9.5"/><path d="M8 12h8"/>',
    "ask": '<circle cx="12" cy="12" r="9.5" stroke-dasharray="3.2 2.8"/><path d="M9.4 9.6a2.7 2.7 0 1 1 3.9 2.5c-.8.4-1.3 1-1.3 1.8M12 16.8v.1"/>',
    "closed": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 2.8V6M16 2.8V6"/>',
    # everything else
    "alert": '<path d="M12 3.2 22 20.5H2Z" class="fill"/><path d="M12 9.5v5M12 17.4v.1" class="cut"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.2l3.2 2"/>',
    "down": '<path d="m6 9.5 6 6 6-6"/>',
    "go": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "back": '<path d="M19 12H5M11 6l-6 6 6 6"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8 10.5V7.5a4 4 0 0 1 8 0v3"/>',
    "print": '<path d="M7 8.5V3h10v5.5M7 17H4V8.5h16V17h-3"/><path d="M7 14h10v7H7Z"/>',
    "share": '<path d="M12 15V3.5M7.5 8 12 3.5 16.5 8"/><path d="M5 12.5v8h14v-8"/>',
    "search": '<circle cx="10.8" cy="10.8" r="6.8"/><path d="m16 16 5 5"/>',
    "shield": '<path d="M12 2.8 20 6v6c0 4.6-3.3 8-8 9.3C7.3 20 4 16.6 4 12V6Z"/><path d="m8.5 12 2.5 2.5 4.5-5"/>',
    "page": '<path d="M6 2.8h8l4.5 4.6v13.8H6Z"/><path d="M14 2.8v4.8h4.5M9 13h6.5M9 16.8h6.5"/>',
}

#: Icons that point in the direction of reading and turn round on right-to-left pages.
DIRECTED = {"go", "back"}


def icon(name: str) -> SafeString:
    """The icon as inline SVG. KeyError for a name that is not in the set."""
    classes = "i i-go" if name in DIRECTED else "i"
    # every part of this markup is a constant of this module, so it is safe as it stands
    return SafeString(
        f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{SHAPES[name]}</svg>'
    )
