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
    return _code(contract, "bytecode")


def runtime_code(contract: str) -> bytes:
    """The code of a contract that has no constructor, as an account holds it."""
    return _code(contract, "bytecode_runtime")


def _code(contract: str, kind: str) -> bytes:
    # Contracts import one another: a change of any text changes them all.
    texts = "\n".join(path.read_text() for path in sorted(SOURCES.glob("*.vy")))
    key = hashlib.sha256(f"{version('vyper')}\n{kind}\n{texts}".encode()).hexdigest()
    cached = CACHE / f"{contract}-{key[:16]}.hex"
    if not cached.exists():
        _keep(cached, _compile(contract, kind))
    return bytes.fromhex(cached.read_text())


def _compile(contract: str, kind: str) -> str:
    # Imported here, since most starts find the code in the cache and need no compiler.
    from vyper import compile_from_file_input
    from vyper.compiler.input_bundle import FilesystemInputBundle

    bundle = FilesystemInputBundle([SOURCES])
    source = bundle.load_file(f"{contract}.vy")
    return str(compile_from_file_input(source, bundle, output_formats=[kind])[kind]).removeprefix("0x")


def _keep(path: Path, text: str) -> None:
    """Write aside and rename: tests that start at the same time never read half a file."""
    path.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, delete=False) as file:
        file.write(text)
    Path(file.name).replace(path)
