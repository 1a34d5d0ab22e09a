"""Start a devnet: deploy, listen, and print one line of JSON that says where everything is."""

from __future__ import annotations

import argparse
import json

from devnet.charge_methods import ChargeMethods
from devnet.control_methods import ControlMethods
from devnet.deployment import Options, deploy
from devnet.ethereum_methods import EthereumMethods
from devnet.jsonrpc import Dispatcher
from devnet.server import Server, end_with_parent

CHOICES = tuple(Options.__dataclass_fields__)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    usual = Options()
    parser.add_argument("--port", type=int, default=0, help="(any that is free)")
    parser.add_argument("--no-automine", action="store_true", help="mine by evm_mine only")
    parser.add_argument("--ignore-stdin", action="store_true", help="do not end when standard input ends")
    parser.add_argument("--chain-id", type=int, default=usual.chain_id)
    parser.add_argument("--base-fee", type=int, default=usual.base_fee, help="wei, of the first block")
    parser.add_argument("--block-gas-limit", type=int, default=usual.block_gas_limit)
    parser.add_argument("--payer-balance", type=int, default=usual.payer_balance, help="wei")
    parser.add_argument("--payer-tokens", type=int, default=usual.payer_tokens, help="atomic units")
    parser.add_argument("--payer-second-tokens", type=int, default=usual.payer_second_tokens)
    parser.add_argument(
        "--payer-wrapped", type=int, default=usual.payer_wrapped, help="wei of the wrapped native currency"
    )
    parser.add_argument(
        "--fund",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="an account given as much as the payer (many)",
    )
    parser.add_argument("--token-symbol", default=usual.token_symbol)
    parser.add_argument(
        "--reset-first", action="store_true", help="the token's allowances change only through zero"
    )
    parser.add_argument(
        "--least-tip", type=int, default=usual.least_tip, help="wei; a block takes nothing that pays less"
    )
    parser.add_argument("--safes", action="store_true", help="Safes 1.3.0 and 1.4.1 with three known owners")
    parser.add_argument(
        "--l1-fee", type=int, metavar="WEI", help="an OP-stack gas price oracle that answers this"
    )


def run(options: argparse.Namespace) -> None:
    """Serve until the parent is gone."""
    end_with_parent(options.ignore_stdin)
    deployment = deploy(Options(**{name: getattr(options, name) for name in CHOICES}))
    node = EthereumMethods(deployment.chain, automine=not options.no_automine)
    server = Server(options.port, Dispatcher(node, ControlMethods(node), ChargeMethods(deployment)))
    print(json.dumps(deployment.as_json(server.url)), flush=True)
    server.serve_forever()
