"""The cache of compiled contracts."""

from __future__ import annotations

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from devnet import compiler


class CacheTest(unittest.TestCase):
    """Compiled once for each text."""

    def test_code_is_compiled_once_and_again_when_its_text_changes(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            sources, cache = Path(folder) / "sources", Path(folder) / "cache"
            sources.mkdir()
            source, library = sources / "Empty.vy", sources / "Library.vy"
            library.write_text("ANSWER: constant(uint256) = 41\n")
            source.write_text("import Library\n")
            with (
                mock.patch.multiple(compiler, SOURCES=sources, CACHE=cache),
                mock.patch.object(compiler, "_compile", wraps=compiler._compile) as compiled,
            ):
                first = compiler.creation_code("Empty")
                self.assertEqual(compiler.creation_code("Empty"), first)
                self.assertEqual(compiled.call_count, 1)
                source.write_text("import Library\nanswer: public(constant(uint256)) = Library.ANSWER\n")
                second = compiler.creation_code("Empty")
                library.write_text("ANSWER: constant(uint256) = 42\n")
                third = compiler.creation_code("Empty")
                self.assertEqual(len({first, second, third}), 3)
                self.assertEqual(compiled.call_count, 3)
                self.assertIn(compiler.runtime_code("Empty"), third)
                self.assertEqual(len(list(cache.iterdir())), 4)
