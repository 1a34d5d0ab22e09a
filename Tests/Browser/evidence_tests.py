"""The page of evidence, as a file that a browser opens."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from browser import Browser
from relay import ROOT

WORDS = (
    "request transfer --chain base --from 0x5CbDd86a2FA8Dc4bDdd8a8f69dBa48572EeC07FB --to "
    "0x5eA054aEea285Ebc3A92eCB1f722f44304F72581 --amount 1.05USDC --policy policy.json --reference invoice-114 "
    "-o transfer.json",
    "sign transfer.json -c conditions.json -k key.hex --policy policy.json --now 2026-03-10T08:30:49Z --yes "
    "-o payment.json",
    "evidence payment.json --request transfer.json -c conditions.json --policy policy.json -o evidence",
)


class EvidenceTests(unittest.TestCase):
    """One folder of evidence, made as the manual does."""

    binaries: Path
    pictures: Path
    browser: Browser
    page: str

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.mkdtemp(prefix="airlock-evidence-")
        cls.addClassCleanup(shutil.rmtree, folder, True)
        workspace = Path(folder) / "workspace"
        shutil.copytree(ROOT / "docs/example", workspace)
        (workspace / "key.hex").chmod(0o600)
        for words in WORDS:
            subprocess.run([cls.binaries / "airlock", *words.split()], cwd=workspace, check=True, capture_output=True,
                           env={"HOME": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})
        cls.page = f"file://{workspace}/evidence/index.html"
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self) -> None:
        self.browser.complaints()
        self.browser.requested()

    def tearDown(self) -> None:
        self.assertEqual(self.browser.complaints(), [], "the console")
        self.assertEqual(self.browser.requested() - {""}, set(), "no host")

    def test_accessible(self) -> None:
        """Wide and narrow, light and dark, axe finds nothing, and nothing stands beside the window."""
        for scheme in ("light", "dark"):
            self.browser.scheme(scheme)
            for width in (1280, 390, 320):
                with self.subTest(scheme=scheme, width=width):
                    self.browser.size(width, 900)
                    self.browser.open(self.page)
                    self.assertIn("invoice-114", self.browser.text())
                    self.assertLessEqual(self.browser.overflow(), 0)
                    self.assertEqual(self.browser.accessibility(), [])
            self.browser.driver.save_screenshot(str(self.pictures / f"evidence-{scheme}.png"))

    def test_printed(self) -> None:
        """It prints, black on white whatever the screen has."""
        self.browser.scheme("dark")
        self.browser.open(self.page)
        self.browser.command("Emulation.setEmulatedMedia", media="print")
        self.addCleanup(self.browser.command, "Emulation.setEmulatedMedia", media="")
        self.assertEqual(self.browser.run("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
        self.assertTrue(self.browser.command("Page.printToPDF")["data"].startswith("JVBER"))


if __name__ == "__main__":
    unittest.main()
