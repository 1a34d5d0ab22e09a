"""What the exchange has to offer: pools of a fixed price, some of them without enough in them."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi import encode

# Where QuoterV2 is; the chains not named have it where Base does. The router and the pools are there too.
BASE_EXCHANGE = "0x3d4e44Eb1374240CE5F1B871ab261CD16335B76a"
EXCHANGES = dict.fromkeys((1, 137), "0x61fFE014bA17989E743c5F6cB21bF9697530B21e")

WRAPPED_NATIVE_UNIT = SECOND_TOKEN_UNIT = 10**18
TOKEN_UNIT = 10**6

CREATE_POOL = "createPool(address,address,uint24,uint256,uint256,uint256,uint256)"


@dataclass(frozen=True)
class Side:
    """One of a pool's tokens: how much of it is worth the other side's units, and how much there is."""

    token: str
    units: int
    reserve: int

    def as_json(self) -> dict[str, str]:
        """Amounts as decimal strings, which no reader rounds."""
        return {"token": self.token, "units": str(self.units), "reserve": str(self.reserve)}


@dataclass(frozen=True)
class Pool:
    """Two tokens and a fee in millionths, which is what tells pools of the same tokens apart."""

    fee: int
    sides: tuple[Side, Side]

    @property
    def creation(self) -> bytes:
        """The arguments of the call that makes it."""
        first, second = self.sides
        kinds = ["address", "address", "uint24", "uint256", "uint256", "uint256", "uint256"]
        tokens = [first.token, second.token, self.fee]
        return encode(kinds, [*tokens, first.units, second.units, first.reserve, second.reserve])

    def amount_in(self, token_in: str, amount_out: int) -> int:
        """What a swap takes: the price and the fee, rounded up once."""
        spent, given = self.sides if self.sides[0].token == token_in else self.sides[::-1]
        return -(-amount_out * spent.units * 10**6 // (given.units * (10**6 - self.fee)))

    def as_json(self) -> dict[str, object]:
        """What a test must know to tell what a swap will take."""
        return {"fee": self.fee, "sides": [side.as_json() for side in self.sides]}


def make_pools(wrapped_native: str, token: str, second_token: str) -> tuple[Pool, ...]:
    """Every pool there is; none has a fee of 10000."""
    unit = WRAPPED_NATIVE_UNIT

    def native(price: int, reserve: int) -> tuple[Side, Side]:
        return Side(wrapped_native, unit, reserve * unit), Side(
            token, price * TOKEN_UNIT, price * reserve * TOKEN_UNIT
        )

    def second(reserve: int) -> tuple[Side, Side]:
        return Side(second_token, SECOND_TOKEN_UNIT, reserve * SECOND_TOKEN_UNIT), Side(
            token, TOKEN_UNIT, reserve * TOKEN_UNIT
        )

    return (
        Pool(500, native(2_500, 100)),
        Pool(3_000, native(2_400, 100)),
        # Nobody has put anything in.
        Pool(100, native(2_500, 0)),
        Pool(100, second(250_000)),
        # Enough for the smallest payments only.
        Pool(500, second(1)),
        Pool(
            3_000,
            (
                Side(second_token, 2_500 * SECOND_TOKEN_UNIT, 250_000 * SECOND_TOKEN_UNIT),
                Side(wrapped_native, unit, 100 * unit),
            ),
        ),
    )
