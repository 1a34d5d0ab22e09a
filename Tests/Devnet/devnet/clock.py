"""The time that blocks carry: this machine's, moved as tests wish, and always later than the block before."""

from __future__ import annotations

import time
from dataclasses import dataclass

from devnet.refusal import Refusal


@dataclass
class Clock:
    """The wall clock plus an offset; the timestamp of one next block may be set exactly."""

    offset: int = 0
    exact: int | None = None

    def next_timestamp(self, previous: int) -> int:
        """The timestamp of a block that follows one of this timestamp."""
        return self.exact if self.exact is not None else max(int(time.time()) + self.offset, previous + 1)

    def increase(self, seconds: int) -> None:
        """Move the time of all later blocks on."""
        self.offset += seconds

    def set_next(self, timestamp: int, previous: int) -> None:
        """Fix the next block's timestamp; time runs on from there."""
        if timestamp <= previous:
            raise Refusal(f"timestamp {timestamp} is not later than the last block's, {previous}")
        self.exact = timestamp
        self.offset = timestamp - int(time.time())

    def tick(self) -> None:
        """A block was mined: an exact timestamp is used up."""
        self.exact = None
