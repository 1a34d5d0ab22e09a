"""devnet_createCharge: a charge for this chain, without starting another process for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devnet.accounts import PAYER
from devnet.charge import Intent, charge_document, read_hex, read_time
from devnet.deployment import Deployment
from devnet.parameters import ObjectParameter
from devnet.refusal import INVALID_PARAMS, Refusal

# Each member of the parameter: the intent's field, and how its text is read.
MEMBERS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "contract": ("contract", str),
    "sender": ("sender", str),
    "chainId": ("chain_id", int),
    "recipientAmount": ("recipient_amount", int),
    "feeAmount": ("fee_amount", int),
    "deadline": ("deadline", lambda value: read_time(str(value))),
    "recipient": ("recipient", str),
    "recipientCurrency": ("recipient_currency", str),
    "refundDestination": ("refund_destination", str),
    "id": ("id", read_hex),
    "operator": ("operator", str),
    "operatorKey": ("operator_key", read_hex),
    "prefix": ("prefix", read_hex),
}


class ChargeMethods:
    """Charges whose contract, chain and payer are this devnet's unless said otherwise."""

    def __init__(self, deployment: Deployment) -> None:
        self._defaults: dict[str, Any] = {
            "chain_id": deployment.chain.chain_id,
            "contract": deployment.transfers,
            "sender": PAYER.address,
        }

    def devnet_createCharge(self, members: ObjectParameter) -> dict[str, Any]:
        """A signed charge document; `recipientAmount` must be given. Amounts: numbers or decimal strings."""
        try:
            values, fields = dict(members), dict(self._defaults)
            as_text = not values.pop("deadlineInSeconds", False)
            for key, value in values.items():
                field, read = MEMBERS[key]
                fields[field] = read(value)
            return charge_document(Intent(**fields), as_text)
        except (KeyError, TypeError, ValueError, OverflowError) as problem:
            raise Refusal(f"invalid charge: {type(problem).__name__}: {problem}", INVALID_PARAMS) from None
