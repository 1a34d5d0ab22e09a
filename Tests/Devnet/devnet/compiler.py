"""The contracts' code, compiled when their text changes and kept in a folder that git ignores."""

from __future__ import annotations

import hashlib
import tempfile
from importlib.metadata import version
from pathlib import Path

SOURCES = Path(__file__).parent / "contracts"
CACHE = Path(__file__).parent.parent / ".build"


def creation_code(contract: str) -> bytes:
    """The code that creates a contract, without its constructor's arguments."""
    source = (SOURCES / f"{contract}.vy").read_text()
    key = hashlib.sha256(f"{version('vyper')}\n{source}".encode()).hexdigest()
    cached = CACHE / f"{contract}-{key[:16]}.hex"
    if not cached.exists():
        _keep(cached, _compile(source))
    return bytes.fromhex(cached.read_text())


def _compile(source: str) -> str:
    # Imported here, since most starts find the code in the cache and need no compiler.
    from vyper import compile_code

    return str(compile_code(source, output_formats=["bytecode"])["bytecode"]).removeprefix("0x")


def _keep(path: Path, text: str) -> None:
    """Write aside and rename: tests that start at the same time never read half a file."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
