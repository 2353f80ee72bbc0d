"""A file is chosen by thumb and by keyboard, with and without script, by a control that speaks the page's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from huiqi.registry.models import Declaration
from huiqi.registry.reference import load_reference_data

from .checks import findings
from .variety import ways
from .world import PHONE, make_firm, make_person, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Page

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {"zh-CN": ("选择文件", "还没有选文件"), "en": ("Choose a file", "No file chosen yet")}
PROOF: FilePayload = {"name": "十月申报表.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7\n%%EOF"}


@pytest.fixture(params=ways([(True, "zh-CN"), (False, "en")], [(True, "en"), (False, "zh-CN")]), ids=str)
def how(request: pytest.FixtureRequest) -> tuple[bool, str]:
    """Whether there is a script, and the language."""
    script, language = request.param
    return script, language


@pytest.fixture
def browser_options(how: tuple[bool, str]) -> dict[str, Any]:
    script, language = how
    # nothing may scroll by itself while a place is pressed
    still = {"reduced_motion": "reduce"}
    return {"locale": language, "viewport": PHONE, "java_script_enabled": script, "bypass_csp": True, **still}


def test_a_file_is_chosen_and_sent(page: Page, how: tuple[bool, str]) -> None:
    script, language = how
    choose, none_yet = WORDS[language]
    load_reference_data()
    make_person("owner", make_firm(employees=9), "owner")
    sign_in(page, "owner")
    page.goto("/facts/monthly_sales/")
    # held from here on, so that the browser opens no dialogue of its own between the two
    page.on("filechooser", lambda chooser: None)
    field = page.locator("input[type=file]")
    expect(page.get_by_text(choose, exact=True)).to_be_visible()
    assert page.get_by_text(none_yet).is_visible() is script
    # its name for a screen reader says what it is for, and what its button says
    assert page.get_by_label(choose).count() == page.get_by_label(choose).and_(field).count() == 1
    # by hand: a press where the button stands, whatever of the control lies on top there
    button = page.get_by_text(choose, exact=True)
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box is not None
    with page.expect_file_chooser() as by_hand:
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    by_hand.value.set_files({**PROOF, "name": "wrong.pdf"})
    assert field.input_value().endswith("wrong.pdf")
    # by keyboard: from the field before it the focus comes to it, and shows
    page.locator("#id_note").click()
    page.keyboard.press("Tab")
    ring = page.locator(".file") if script else field
    assert page.evaluate("document.activeElement.type") == "file"
    assert ring.evaluate("each => [getComputedStyle(each).outlineStyle, getComputedStyle(each).outlineWidth]") == [
        "solid",
        "3px",
    ]
    with page.expect_file_chooser() as by_key:
        page.keyboard.press("Space")
    by_key.value.set_files(PROOF)
    if script:
        assert page.locator(".file-name").inner_text() == PROOF["name"]
        assert findings(page) == []
    page.locator("#id_value").fill("8.6")
    page.locator("form.card-q button[type=submit]").click()
    page.wait_for_url("**/facts/**")
    page.get_by_text(PROOF["name"]).first.wait_for()
    assert Declaration.objects.get().evidence_name == PROOF["name"]
