"""Opens eth-account's keystores and mnemonics with the tool, and the tool's keystores with eth-keyfile.

usage: key_files.py TOOL COUNT SEED
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from eth_account import Account
from eth_account.hdaccount import Mnemonic
from eth_account.types import Language
from eth_keyfile import create_keyfile_json, decode_keyfile_json
from eth_keys import keys

Account.enable_unaudited_hdwallet_features()
PRINTABLE = "".join(chr(code) for code in range(0x20, 0x7F))


class Case:
    """A folder with what the tool is given. A check answers what is wrong, or nothing."""

    def __init__(self, folder: Path, tool: str, rng: random.Random) -> None:
        self.folder, self.tool, self.rng = folder, tool, rng

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, newline="")
        path.chmod(0o600)
        return name

    def text(self) -> str:
        return "".join(self.rng.choices(PRINTABLE, k=self.rng.choice([1, 8, 64, 65, 200])))

    def run(self, *words: str) -> str:
        """What the tool says, on both streams when it is refused."""
        outcome = subprocess.run(
            [self.tool, "key", *words], cwd=self.folder, env={"HOME": str(self.folder)}, capture_output=True,
            text=True, timeout=120, stdin=subprocess.DEVNULL, start_new_session=True, check=False)
        return outcome.stdout if outcome.returncode == 0 else f"exit {outcome.returncode}: {outcome.stderr}"

    def keystore(self) -> str | None:
        """Theirs opens here, and what is made of it here opens there."""
        # Now and then one with zero bytes at its beginning.
        secret = keys.PrivateKey((bytes(self.rng.choice([0, 0, 1, 2])) + self.rng.randbytes(32))[:32])
        old, new = self.text(), self.text()
        kdf = self.rng.choice(["scrypt", "pbkdf2"])
        work = 2 ** self.rng.randint(1, 12) if kdf == "scrypt" else self.rng.randint(1, 3000)
        theirs = create_keyfile_json(secret.to_bytes(), old.encode(), kdf=kdf, iterations=work)
        if self.rng.random() < 0.3:
            del theirs["address"]
        self.write("theirs", json.dumps(theirs, indent=self.rng.choice([None, 2])))
        self.write("old", self.rng.choice(["", "\ufeff"]) + old + self.rng.choice(["", "\n", "\r\n"]))
        self.write("new", new)
        said = self.run(
            "import", "theirs", "--light", "--weak-password", "--password-file", "old", "--new-password-file", "new",
            "-o", "ours")
        if said != secret.public_key.to_checksum_address() + "\n":
            return f"theirs: {said}{theirs}"
        opened = decode_keyfile_json(json.loads((self.folder / "ours").read_text()), new.encode())
        return None if opened == secret.to_bytes() else f"ours: {(self.folder / 'ours').read_text()}"

    def mnemonic(self) -> str | None:
        """The same words, passphrase and path make the same account."""
        words = Mnemonic(Language.ENGLISH).to_mnemonic(self.rng.randbytes(self.rng.choice([16, 20, 24, 28, 32])))
        passphrase = self.rng.choice(["", self.text()])
        levels = [f"{self.rng.choice([0, 1, 44, 60, 2**31 - 1])}{self.rng.choice(['', chr(39)])}"
                  for _ in range(self.rng.randint(0, 6))]
        path = "/".join(["m", *levels])
        self.write("words", words + self.rng.choice(["", "\n"]))
        self.write("passphrase", passphrase)
        said = self.run("address", "words", "--passphrase-file", "passphrase", "--path",
                        path.replace("'", self.rng.choice(["'", "h"])))
        expected = Account.from_mnemonic(words, passphrase, path).address
        return None if said == expected + "\n" else f"{words} / {passphrase!r} / {path}: {said}, not {expected}"


def main() -> int:
    """Runs all cases; each has randomness of its own, so that one can be looked at alone."""
    tool, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with tempfile.TemporaryDirectory(prefix="airlock-differential-") as folder:
        checks: list[Callable[[], str | None]] = []
        for index in range(count):
            path = Path(folder) / str(index)
            path.mkdir()
            case = Case(path, tool, random.Random(f"{seed}/{index}"))
            checks.append(case.mnemonic if index % 2 else case.keystore)
        with ThreadPoolExecutor(2) as pool:
            wrong = [answer for answer in pool.map(lambda check: check(), checks) if answer]
    print(f"differential: {count - len(wrong)} of {count} key files are eth-account's too (seed {seed})")
    for answer in wrong[:3]:
        print(answer)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
