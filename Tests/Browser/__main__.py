"""The page of the relay, and that of evidence, in a real browser.

usage: python Tests/Browser BINARIES [--pictures FOLDER] [--manual] [TEST ...]
"""

from __future__ import annotations

import argparse
import sys
import unittest
from pathlib import Path

import browser
import evidence_tests
import page_tests
import pictures
from relay import ROOT


def main() -> int:
    """Runs the tests, or says what is missing for them."""
    parser = argparse.ArgumentParser(prog="Tests/Browser")
    parser.add_argument("binaries", type=Path, help="the folder of airlock and airlock-relay")
    parser.add_argument("--pictures", type=Path, default=ROOT / ".build/browser", help="where screenshots are left")
    parser.add_argument("--manual", action="store_true", help="only make the pictures of the manual")
    parser.add_argument("tests", nargs="*", help="names of tests; all otherwise")
    arguments = parser.parse_intermixed_args()
    if (what := browser.missing()) is not None:
        print(f"browser: skipped: {what}")
        return 0
    arguments.pictures.mkdir(parents=True, exist_ok=True)
    if arguments.manual:
        pictures.make(arguments.binaries, arguments.pictures)
        return 0
    cases = (page_tests.PageTests, evidence_tests.EvidenceTests)
    for case in cases:
        case.binaries, case.pictures = arguments.binaries.resolve(), arguments.pictures
    all_names = [f"{case.__module__}.{case.__name__}.{name}" for case in cases
                 for name in unittest.defaultTestLoader.getTestCaseNames(case)]
    names = [name for name in all_names if not arguments.tests or name.rsplit(".", 1)[1] in arguments.tests]
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=sys.stderr, verbosity=2).run(suite)
    well = result.testsRun - len(result.failures) - len(result.errors)
    print(f"browser: {well} of {result.testsRun} tests")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
