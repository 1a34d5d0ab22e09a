"""python Tests/Faults --upstream URL [--seed N] [--rate P]: a node that cannot be relied on, before one that can.

It prints one line of JSON when it listens, and ends when its standard input does. GET says what it has done so far.
The standard library is all it needs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import threading

from faulty.proxy import Proxy


def main() -> None:
    """Serve until the parent is gone."""
    parser = argparse.ArgumentParser(prog="Tests/Faults", description=__doc__)
    parser.add_argument("--upstream", required=True, metavar="URL", help="the node, on http")
    parser.add_argument("--seed", default=str(random.randrange(2**32)), help="what the faults follow from")
    parser.add_argument("--rate", type=float, default=0.4, help="the part of the requests that goes wrong")
    options = parser.parse_args()
    proxy = Proxy(options.upstream, options.seed, options.rate)
    threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps({"url": proxy.url, "seed": options.seed}), flush=True)
    proxy.serve_forever()


def _end_with_input() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
