"""Chromium without a window, and all that a page did in it: what it asked for, logged and violated."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CHROMIUM = "/usr/bin/chromium"
DRIVER = "/usr/bin/chromedriver"

# Runs before the page's own scripts: the browser tells nobody else of what the policy forbade.
WATCH = """
window.airlockViolations = [];
addEventListener("securitypolicyviolation", (event) =>
    airlockViolations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


def missing() -> str | None:
    """What is not installed here, in words."""
    try:
        import axe_playwright_python  # noqa: F401
        import selenium  # noqa: F401
    except ImportError as error:
        return f"{error}: run make test-dependencies"
    for program in (CHROMIUM, DRIVER):
        if not os.access(program, os.X_OK):
            return f"there is no {program}"
    return None


class Browser:
    """A browser that reaches this machine alone."""

    def __init__(self, *more: str) -> None:
        import axe_playwright_python
        from selenium import webdriver

        # Else selenium looks for a browser elsewhere.
        os.environ["SE_OFFLINE"] = "true"
        self.profile = tempfile.mkdtemp(prefix="airlock-browser-")
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for argument in (
            "--headless=new", "--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage", "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={self.profile}", *more,
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        own = {"PATH": "/usr/bin:/bin", "HOME": self.profile, "TMPDIR": self.profile}
        try:
            self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER, env=own))
        except BaseException:
            shutil.rmtree(self.profile, ignore_errors=True)
            raise
        self.driver.set_script_timeout(60)
        self.axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
        self.command("Page.addScriptToEvaluateOnNewDocument", source=WATCH)
        self.size(1280, 900)

    def close(self) -> None:
        """Ends it, and removes what it wrote."""
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def command(self, name: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, parameters)

    def size(self, width: int, height: int, scale: float = 1) -> None:
        """Gives the page so many CSS pixels; a narrow one is a phone's."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                     mobile=width < 500)

    def scheme(self, name: str) -> None:
        """`light` or `dark`."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def open(self, url: str) -> None:
        """Loads a page anew, though only what stands behind # be another."""
        self.driver.get("about:blank")
        self.driver.get(url)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def run_async(self, body: str, *arguments: Any) -> Any:
        """What a script that may wait returns; its error is thrown."""
        found = self.driver.execute_async_script(
            f"const done = arguments[arguments.length - 1]; const given = [...arguments].slice(0, -1);"
            f"(async () => {{ {body} }})().then((value) => done({{value}}), (error) => done({{error: String(error)}}))",
            *arguments)
        if "error" in found:
            raise AssertionError(found["error"])
        return found.get("value")

    def find(self, selector: str) -> Any:
        """The first element that a CSS selector names."""
        return self.driver.find_element("css selector", selector)

    def text(self, selector: str = "body") -> str:
        """All text of an element, seen or not."""
        return self.run("return document.querySelector(arguments[0])?.textContent ?? ''", selector)

    def wait(self, what: str, is_true: Callable[[], Any], seconds: float = 60) -> Any:
        """What a condition returns, once it is true."""
        end = time.monotonic() + seconds
        while not (found := is_true()):
            if time.monotonic() > end:
                raise AssertionError(f"never: {what}\n{self.run('return document.body.innerText')[:3000]}")
            time.sleep(0.05)
        return found

    def wait_text(self, selector: str, text: str) -> None:
        """Waits until an element holds a text."""
        self.wait(f"{text} in {selector}", lambda: text in self.text(selector))

    def wait_for(self, selector: str) -> Any:
        """The element of a selector, once it is to be seen."""
        def seen() -> Any:
            found = self.driver.find_elements("css selector", selector)
            return next((element for element in found if element.is_displayed()), None)
        return self.wait(selector, seen)

    def press(self, *keys: str) -> None:
        """Types into whatever has the focus."""
        from selenium.webdriver import ActionChains

        ActionChains(self.driver, duration=0).send_keys(*keys).perform()

    def drop(self, *paths: Path) -> None:
        """Drops files on the page, as a person does it."""
        data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.command("Input.dispatchDragEvent", type=kind, x=300, y=300, data=data)

    def focus(self) -> dict[str, Any]:
        """What has the focus, and whether one sees it."""
        return self.run("""
            const element = document.activeElement;
            const outlined = [element, element.closest(".button")].filter(Boolean).flatMap((one) =>
                [getComputedStyle(one), getComputedStyle(one, "::after")]);
            return {
                tag: element.localName, id: element.id, text: (element.innerText || element.value || "").trim(),
                isSeen: outlined.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2),
            };""")

    def accessibility(self) -> list[str]:
        """What axe finds wrong with the page as it is now."""
        found = self.run_async(f"{self.axe}; return (await axe.run()).violations.map((violation) => "
                               "`${violation.id}: ${violation.nodes.map((node) => node.html).join(' ')}`)")
        return found

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return self.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def violations(self) -> list[str]:
        """What the page's policy forbade it since it was loaded."""
        return self.run("return window.airlockViolations ?? []")

    def complaints(self) -> list[str]:
        """What stands in the console since this was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requested(self) -> set[str]:
        """The hosts, with port, that were asked for anything since this was last asked."""
        hosts = set()
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = urlsplit(message["params"]["request"]["url"])
                if url.scheme not in ("chrome", "data", "about", "blob"):
                    hosts.add(url.netloc)
        return hosts
