"""One running hotel and one browser for all tests of a file; two fresh pages of two desks for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

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


@pytest.fixture
def open_desk(
    hotel: Hotel, browser: Browser, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[int], DeskPage]]:
    """Opens the page of a desk. Afterwards no script of a page has failed, and every plug is back in."""
    desks: list[DeskPage] = []

    def open_(number: int) -> DeskPage:
        context = browser.new_context(viewport=VIEWPORT)
        context.set_default_timeout(WAIT_MS)
        desk = DeskPage(context.new_page(), hotel.url(number))
        desks.append(desk)
        desk.open()
        return desk

    yield open_
    if request.node.stash.get(FAILED, False):
        for number, desk in enumerate(desks, 1):
            desk.page.screenshot(path=tmp_path / f"desk-{number}.png", full_page=True)
    for desk in desks:
        desk.page.context.close()
    hotel.put_plugs_back()
    assert [error for desk in desks for error in desk.errors] == []


@pytest.fixture
def first(open_desk: Callable[[int], DeskPage]) -> DeskPage:
    """The page of the first desk."""
    return open_desk(1)


@pytest.fixture
def second(open_desk: Callable[[int], DeskPage]) -> DeskPage:
    """The page of the second desk."""
    return open_desk(2)
