from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from sandbox.cloud_rig import eventually
from sandbox.fed_rig import aws

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

    from sandbox.cloud_rig import Cloud

pytestmark = [pytest.mark.sandbox, pytest.mark.browser]

HOSTILE = "<img src=x onerror=document.title='owned'><script>document.title='owned'</script>"


@pytest.fixture
def page(cloud: Cloud, browser: Chrome) -> Chrome:
    """The page, freshly loaded and connected."""
    cloud.clear()
    said(browser)  # what an earlier page said is not ours
    browser.get(cloud.sandbox.api_url)
    eventually(lambda: "running" in browser.find_element(By.ID, "state").text)
    return browser


def said(browser: Chrome) -> list[Any]:
    """Return what the browser's console says since it was last asked."""
    return list(browser.get_log("browser"))  # type: ignore[no-untyped-call] # selenium gives it no types


def text_of(browser: Chrome, element_id: str) -> str:
    """Return an element's visible text."""
    return browser.find_element(By.ID, element_id).text


def test_the_page_shows_addresses_deliveries_events_metrics_and_traces(cloud: Cloud, page: Chrome) -> None:
    """A delivery appears in every part of the page by itself, and the browser has nothing to complain of."""
    _, delivery_id = cloud.github()
    assert cloud.sandbox.github_url is not None
    assert cloud.sandbox.github_url in text_of(page, "addresses")
    eventually(lambda: delivery_id in text_of(page, "deliveries"))
    eventually(lambda: "github.com push" in text_of(page, "events").replace("  ", " "))
    eventually(lambda: "Accepted" in text_of(page, "metrics"))
    eventually(lambda: "accepted" in text_of(page, "traces"))
    assert said(page) == []


def test_a_fault_is_placed_and_lifted_with_the_buttons(cloud: Cloud, page: Chrome) -> None:
    """The form places exactly what it says; the button beside the fault lifts it."""
    Select(page.find_element(By.NAME, "fault")).select_by_value("delay")
    page.find_element(By.NAME, "seconds").send_keys("0.5")
    page.find_element(By.CSS_SELECTOR, "#fault-form button[type=submit]").click()
    (fault,) = eventually(lambda: cloud.get("/api/faults")["faults"])
    assert (fault["operation"], fault["fault"], fault["seconds"]) == ("PutEvents", "delay", 0.5)
    eventually(lambda: "Lift" in text_of(page, "faults"))
    page.find_element(By.CSS_SELECTOR, "#faults tbody button").click()
    eventually(lambda: cloud.get("/api/faults")["faults"] == [])


def test_a_refused_fault_shows_the_sentence(page: Chrome) -> None:
    """Delay without seconds: the API's own words appear."""
    Select(page.find_element(By.NAME, "fault")).select_by_value("delay")
    page.find_element(By.CSS_SELECTOR, "#fault-form button[type=submit]").click()
    eventually(lambda: "seconds" in text_of(page, "fault-problem"))


def test_a_hostile_payload_is_text_and_nothing_else(cloud: Cloud, page: Chrome) -> None:
    """Markup in an event is shown as it is, and does not run."""
    cloud.through_proxy()("events").put_events(
        Entries=[{"Source": HOSTILE[:200], "DetailType": "hostile", "Detail": json.dumps({HOSTILE: HOSTILE})}]
    )
    eventually(lambda: "onerror" in text_of(page, "events"))
    for entry in page.find_elements(By.CSS_SELECTOR, "#events summary"):
        entry.click()
    assert page.title == "hookwatch sandbox"
    assert page.find_elements(By.CSS_SELECTOR, "#events img, #events script") == []


def test_nothing_is_fetched_from_elsewhere(cloud: Cloud, page: Chrome) -> None:
    """Every resource that the browser loaded is ours, and the policy would not have let it be otherwise."""
    names = page.execute_script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert names
    assert all(name.startswith((cloud.sandbox.api_url, "data:")) for name in names)
    policy = cloud.call("GET", "/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_light_and_dark(page: Chrome, scheme: str) -> None:
    """Text and ground differ enough in both colour schemes (WCAG AA, 4.5 to 1), for every colour in use."""
    page.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    )
    names = ["--ink", "--soft", "--good", "--warn", "--bad", "--link", "--card"]
    colours = page.execute_script(
        "const style = getComputedStyle(document.documentElement);"
        "return arguments[0].map((name) => style.getPropertyValue(name).trim())",
        names,
    )
    *inks, card = [luminance(colour) for colour in colours]
    for name, ink in zip(names, inks, strict=False):
        bright, dim = max(ink, card), min(ink, card)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5, name


def luminance(colour: str) -> float:
    """Return the relative luminance of #rgb or #rrggbb, as WCAG 2 defines it."""
    digits = colour.lstrip("#")
    wide = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    parts = [int(wide[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_page_shows_the_queues_and_what_they_feed(cloud: Cloud, page: Chrome) -> None:
    """Each queue has its depth, its dead-letter queue and the function that reads it."""
    eventually(lambda: "hookwatch-parked-dlq" in text_of(page, "queues"))
    (parked,) = [row for row in text_of(page, "queues").splitlines() if row.startswith("hookwatch-parked ")]
    assert parked.endswith("hookwatch-parked-dlq hookwatch-replay")
    dead = cloud.get("/api/health")["outputs"]["ParkingDlqUrl"]
    aws(cloud, "sqs").send_message(QueueUrl=dead, MessageBody="x")
    eventually(lambda: "hookwatch-parked-dlq 1 0" in text_of(page, "queues"))
    assert said(page) == []
