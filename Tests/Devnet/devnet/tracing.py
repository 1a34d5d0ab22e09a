"""geth's callTracer: the tree of calls that a message makes, with the events of those that succeed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ethereum.forks.osaka.blocks import Log
from ethereum.forks.osaka.vm import Evm
from ethereum.forks.osaka.vm.instructions import Ops
from ethereum.trace import EvmTracer, OpEnd, OpStart, TraceEvent, set_evm_trace

from devnet.hexadecimal import data, quantity
from devnet.refusal import INVALID_PARAMS, Refusal

CONFIG = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}
LOGS = (Ops.LOG0, Ops.LOG1, Ops.LOG2, Ops.LOG3, Ops.LOG4)


def check_config(config: dict[str, Any]) -> None:
    """One tracer is played, in one way: another would be a misspelling."""
    if config != CONFIG:
        raise Refusal(f"tracer not found: {config}", INVALID_PARAMS)


@dataclass
class _Frame:
    evm: Evm
    kind: str
    operation: Ops | None = None
    calls: list[_Frame] = field(default_factory=list)
    logs: list[tuple[Log, int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        message = self.evm.message
        # A delegate call has its caller's caller in the specification, and its caller in geth.
        sender = message.caller
        if self.kind == "DELEGATECALL" and message.parent_evm is not None:
            sender = message.parent_evm.message.current_target
        receiver = message.code_address if message.code_address is not None else message.current_target
        rendered: dict[str, Any] = {
            "from": data(sender),
            "gas": quantity(message.gas),
            "gasUsed": quantity(int(message.gas) - int(self.evm.gas_left)),
            "to": data(receiver),
            "input": data(message.data),
            "type": self.kind,
        }
        if self.kind != "STATICCALL":
            rendered["value"] = quantity(message.value)
        if self.evm.output:
            rendered["output"] = data(self.evm.output)
        if self.evm.error:
            rendered["error"] = type(self.evm.error).__name__
        if self.calls:
            rendered["calls"] = [each.as_json() for each in self.calls]
        if self.logs and not self.evm.error:
            rendered["logs"] = [
                {
                    "address": data(log.address),
                    "topics": [data(topic) for topic in log.topics],
                    "data": data(log.data),
                    "position": quantity(position),
                }
                for log, position in self.logs
            ]
        return rendered


class CallTracer:
    """Listens while a message runs. The specification has one listener at a time, and the node one request."""

    def __init__(self) -> None:
        self._frames: dict[int, _Frame] = {}
        self._top: _Frame | None = None
        self._before: EvmTracer | None = None

    def __enter__(self) -> CallTracer:
        self._before = set_evm_trace(self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            set_evm_trace(self._before)

    def as_json(self, gas: int, gas_used: int, output: bytes, error: str | None) -> dict[str, Any]:
        """The tree, whose top says what the whole message took."""
        if self._top is None:
            raise Refusal("tracing failed: nothing ran")
        top = self._top.as_json() | {"gas": quantity(gas), "gasUsed": quantity(gas_used)}
        if output:
            top["output"] = data(output)
        return top | ({"error": error} if error else {})

    def _hear(self, evm: object, event: TraceEvent) -> None:
        if not isinstance(evm, Evm):
            return
        frame = self._frames.get(id(evm)) or self._begin(evm)
        if isinstance(event, OpStart) and isinstance(event.op, Ops):
            frame.operation = event.op
        elif isinstance(event, OpEnd) and frame.operation in LOGS:
            frame.logs.append((evm.logs[-1], len(frame.calls)))

    def _begin(self, evm: Evm) -> _Frame:
        parent = evm.message.parent_evm
        above = self._frames.get(id(parent)) if parent is not None else None
        kind = "CALL"
        if above is not None and above.operation is not None:
            kind = above.operation.name
        elif not evm.message.target:
            kind = "CREATE"
        frame = _Frame(evm, kind)
        self._frames[id(evm)] = frame
        if above is None:
            self._top = frame
        else:
            above.calls.append(frame)
        return frame
