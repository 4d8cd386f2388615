"""A headless Chromium for tests, and what they ask of a page in it."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking "
    "disable-component-update disable-sync disable-dev-shm-usage"
)
in_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium with chromedriver on this machine"),
]
"""The marks of a test file that drives the browser."""


def started(profile: Path, downloads: Path) -> Iterator[Any]:
    """The browser, which ends with the generator; what it saves goes to `downloads`."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS.split():
        options.add_argument(f"--{flag}")
    options.add_argument(f"--user-data-dir={profile}")
    options.add_argument("--window-size=1400,1000")
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    driver.set_script_timeout(20)
    driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)}
    )
    driver.downloads = downloads
    try:
        yield driver
    finally:
        driver.quit()


def load(browser: Any, page: Path, link: str = "") -> float:
    """Open `page` afresh and wait until it says that it is ready; the seconds that took."""
    browser.get("about:blank")
    browser.get_log("browser"), browser.get_log("performance")
    began = time.perf_counter()
    browser.get(page.as_uri() + link)
    wait(browser, "return document.documentElement.dataset.ready === 'true'")
    return time.perf_counter() - began


def wait(browser: Any, condition: str, seconds: float = 10) -> None:
    until = time.perf_counter() + seconds
    while not browser.execute_script(condition):
        assert time.perf_counter() < until, (condition, browser.get_log("browser"))
        time.sleep(0.02)


def complaints(browser: Any) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser")]


AXE = Path(__file__).parents[1] / "script_lint" / "node_modules" / "axe-core" / "axe.min.js"
"""What looks for barriers (deque's axe-core), where `make lint-script` has installed it."""


def barriers(browser: Any) -> list[str]:
    """What axe finds on the page that is open, as `rule: where`; skips the test where axe is not installed."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: npm ci --prefix tests/script_lint")
    browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = browser.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {resultTypes: ['violations']}).then((result) => done(result.violations),"
        " (error) => done([{id: String(error), nodes: []}]));"
    )
    return [f"{one['id']}: {node['target'][0]}" for one in found for node in one["nodes"]] + [
        one["id"] for one in found if not one["nodes"]
    ]
