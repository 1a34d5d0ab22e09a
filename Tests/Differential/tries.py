"""Proofs of random tries, made by the executable specification.

usage: tries.py COUNT SEED

One JSON object a line: the root, a key, the value or null, and the nodes. The keys are of one to four bytes of few
different nibbles, so that there are extensions, values in branches, and nodes that are part of the node above them.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "Devnet"))

from ethereum.forks.osaka.trie import Trie, _prepare_trie, bytes_to_nibble_list, root, trie_set
from ethereum_types.bytes import Bytes

from devnet.proofs import nodes_to


def main(count: int, seed: int) -> None:
    """Print as many proofs as are asked for, some of keys that are not in the trie."""
    chance = random.Random(seed)

    def key() -> Bytes:
        nibbles = [chance.choice((0, 1, 15)) for _ in range(2 * chance.randint(1, 4))]
        return Bytes(bytes(16 * high + low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True)))

    for _ in range(count):
        trie: Trie[Bytes, Bytes] = Trie(secured=False, default=Bytes(b""))
        for _ in range(chance.choice((0, 1, 2, 3, 10, 60))):
            trie_set(trie, key(), Bytes(chance.randbytes(chance.choice((1, 2, 20, 40, 110)))))
        asked = chance.choice([*trie._data, key(), key()])
        value = trie._data.get(asked)
        case = {
            "root": "0x" + root(trie).hex(),
            "key": "0x" + asked.hex(),
            "value": "0x" + value.hex() if value else None,
            "nodes": nodes_to(_prepare_trie(trie), bytes_to_nibble_list(asked)),
        }
        print(json.dumps(case))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
