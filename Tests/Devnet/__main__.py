"""python Tests/Devnet start|charge [options]: a chain to test on, and charges to pay on it."""

from __future__ import annotations

import argparse

from devnet import charge, start

COMMANDS = {
    "start": (start, "start a node with the contracts deployed, and print where everything is"),
    "charge": (charge, "print a charge signed by the test operator"),
}


def main() -> None:
    """Hand over to the command that was named."""
    parser = argparse.ArgumentParser(prog="Tests/Devnet", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (module, summary) in COMMANDS.items():
        module.add_options(commands.add_parser(name, help=summary, description=summary))
    options = vars(parser.parse_args())
    module, _ = COMMANDS[options.pop("command")]
    module.run(argparse.Namespace(**options))


if __name__ == "__main__":
    main()
