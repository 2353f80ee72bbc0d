"""The pages keep to the house: no other host, nothing that the content policy forbids, in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.django_db(transaction=True)

#: Pages that everybody may open. That they ask no other host is held by the fixture ``context``.
PUBLIC = ("/", "/policies/", "/law/", "/login/")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_opens_without_help_from_other_hosts(page: Page, address: str) -> None:
    answer = page.goto(address)
    assert answer is not None and answer.ok
    assert page.locator("html").get_attribute("lang", timeout=1_000) in {"zh-hans", "zh-Hans", "zh-CN"}


def test_a_style_that_a_page_would_write_into_itself_is_refused(browser: Browser, live_server: Any) -> None:
    page = browser.new_page()
    page.goto(live_server.url)
    refused = page.evaluate(
        """() => new Promise(resolve => {
            document.addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective));
            const style = document.createElement('style');
            style.textContent = 'body { color: red }';
            document.head.append(style);
        })"""
    )
    page.close()
    assert refused == "style-src-elem"
