"""A sandbox and a headless Chromium for the page's tests."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from hookwatch.sandbox.cloud_model import SandboxConfig
from sandbox.cloud_rig import GITHUB_SECRET, TEMPLATE, TWILIO_TOKEN, Cloud, run_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A sandbox of the page's own."""
    yield from run_sandbox(SandboxConfig(template=TEMPLATE, github_secret=GITHUB_SECRET, twilio_token=TWILIO_TOKEN))


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    """Debian's Chromium (packages chromium and chromium-driver)."""
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    assert binary is not None, "install the packages chromium and chromium-driver, or deselect: -m 'not browser'"
    assert driver is not None, "install the packages chromium and chromium-driver, or deselect: -m 'not browser'"
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,2000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()
