"""One running hotel and one browser for all tests of a file; two fresh pages of two desks for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.desk_page import DeskPage
from tests.browser.hotel import Hotel, running_hotel

WAIT_MS = 20_000
VIEWPORT = {"width": 1400, "height": 1000}
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[Any]:
    """Remember for the fixtures' ends whether the test failed."""
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the system's own Chromium is."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed: apt-get install chromium fonts-noto-cjk")
    return path


@pytest.fixture(scope="module")
def hotel(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    """Three desks, a relay and PostgreSQL, with some guests."""
    with running_hotel(tmp_path_factory.mktemp("hotel")) as running:
        yield running


@pytest.fixture(scope="module")
def browser(chromium: str, hotel: Hotel) -> Iterator[Browser]:
    """Chromium. Started after the hotel, so that it ends first: Playwright keeps a loop in this thread while it runs."""
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def desks(hotel: Hotel, browser: Browser) -> list[DeskPage]:
    """The pages of the first two desks, each in a browser profile of its own, as two machines would have."""
    return [DeskPage(_new_page(browser), hotel.url(number)) for number in (1, 2)]


def _new_page(browser: Browser) -> Page:
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.set_default_timeout(WAIT_MS)
    return page


@pytest.fixture
def first(desks: list[DeskPage], open_pages: list[DeskPage]) -> DeskPage:
    """The page of the first desk, freshly loaded."""
    return _opened(desks[0], open_pages)


@pytest.fixture
def second(desks: list[DeskPage], open_pages: list[DeskPage]) -> DeskPage:
    """The page of the second desk, freshly loaded."""
    return _opened(desks[1], open_pages)


def _opened(desk: DeskPage, open_pages: list[DeskPage]) -> DeskPage:
    open_pages.append(desk)
    desk.open()
    return desk


@pytest.fixture
def open_pages(hotel: Hotel, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[DeskPage]]:
    """The pages in use. Afterwards none of their scripts has failed, and every plug is back in."""
    pages: list[DeskPage] = []
    yield pages
    if request.node.stash.get(FAILED, False):
        for number, desk in enumerate(pages, 1):
            desk.page.screenshot(path=tmp_path / f"desk-{number}.png", full_page=True)
    errors = [error for desk in pages for error in desk.errors]
    for desk in pages:
        desk.close()
    hotel.put_plugs_back()
    assert errors == []
