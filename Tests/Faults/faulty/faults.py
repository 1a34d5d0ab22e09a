"""The faults: each takes an exchange and gives the answer, or breaks the connection.

What none of them does is to tell a whole, consistent and lasting lie: against a node that does, only another node helps.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from faulty.exchange import Answer, Exchange, Gone

SEND = "eth_sendRawTransaction"
NONCE = "eth_getTransactionCount"
CHAIN = "eth_chainId"


def drop(exchange: Exchange) -> Answer:
    """The request never reaches the node."""
    raise Gone


def withhold(exchange: Exchange) -> Answer:
    """The node has done what it was asked, and nobody hears of it."""
    exchange.forward()
    raise Gone


def delay(exchange: Exchange) -> Answer:
    """It takes a while."""
    time.sleep(exchange.chance.uniform(0.05, 0.4))
    return Answer(exchange.forward())


def hang(exchange: Exchange) -> Answer:
    """The node has done what it was asked, and says so when nobody waits any more."""
    answer = exchange.forward()
    time.sleep(7)
    return Answer(answer)


def cut(exchange: Exchange) -> Answer:
    """The connection breaks in the middle of the answer."""
    answer = exchange.forward()
    return Answer(answer, cut_at=exchange.chance.randrange(len(answer)))


def shorten(exchange: Exchange) -> Answer:
    """The answer is half of a document, and claims to be whole."""
    answer = exchange.forward()
    return Answer(answer[: exchange.chance.randrange(len(answer))])


def corrupt(exchange: Exchange) -> Answer:
    """Some bytes of the answer are others."""
    return Answer(_with_other_bytes(exchange, exchange.forward()))


def garble(exchange: Exchange) -> Answer:
    """Some bytes of the request are others."""
    return Answer(exchange.forward(_with_other_bytes(exchange, exchange.body)))


def repeat(exchange: Exchange) -> Answer:
    """The node is asked twice, and the second answer is passed on."""
    exchange.forward()
    return Answer(exchange.forward())


def limit(exchange: Exchange) -> Answer:
    """Asked too often."""
    if exchange.chance.random() < 0.5:
        return Answer(b"slow down", 429, "text/plain")
    error = {"code": -32005, "message": "project ID request rate exceeded"}
    return Answer(json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode(), 429)


def gateway(exchange: Exchange) -> Answer:
    """What stands before the node has lost it."""
    return Answer(b"<html><body>Bad Gateway</body></html>", exchange.chance.choice([502, 503, 504, 200]), "text/html")


def stray(exchange: Exchange) -> Answer:
    """The answer is one to another request."""
    answer = exchange.forward().replace(b'"id":', b'"id":9')
    return Answer(answer)


def stale(exchange: Exchange) -> Answer:
    """The answer was true before: that of a node that lags."""
    known = exchange.memory.answers

    def before(question: dict[str, Any], result: Any) -> Any:
        return known.get(json.dumps([question["method"], question.get("params")]), result)

    return Answer(exchange.rewritten(before))


def chain_id(exchange: Exchange) -> Answer:
    """The node claims to be of another chain."""
    other = hex(exchange.chance.choice([1, 137, 8453]))
    return Answer(exchange.rewritten(lambda question, result: other if question["method"] == CHAIN else result))


def nonce(exchange: Exchange) -> Answer:
    """The node counts the account's transactions wrong."""
    difference = exchange.chance.choice([-2, -1, 1, 2, 1000])

    def wrong(question: dict[str, Any], result: Any) -> Any:
        return hex(max(0, int(result, 16) + difference)) if question["method"] == NONCE else result

    return Answer(exchange.rewritten(wrong))


def forget(exchange: Exchange) -> Answer:
    """The node has never heard of what it is asked about."""
    return Answer(exchange.rewritten(lambda question, result: None if isinstance(result, dict) else result))


def no_batch(exchange: Exchange) -> Answer:
    """The node takes one question at a time."""
    error = {"code": -32600, "message": "batch requests are not supported"}
    return Answer(json.dumps({"jsonrpc": "2.0", "id": None, "error": error}).encode())


def shuffle(exchange: Exchange) -> Answer:
    """The answers to a batch come in another order, which they may."""
    answers = json.loads(exchange.forward())
    exchange.chance.shuffle(answers)
    return Answer(json.dumps(answers).encode())


def lose(exchange: Exchange) -> Answer:
    """One answer of a batch is missing, or there twice."""
    answers = json.loads(exchange.forward())
    picked = exchange.chance.choice(answers)
    if exchange.chance.random() < 0.5:
        answers.append(picked)
    else:
        answers.remove(picked)
    return Answer(json.dumps(answers).encode())


def _with_other_bytes(exchange: Exchange, content: bytes) -> bytes:
    altered = bytearray(content)
    for _ in range(exchange.chance.randint(1, 3)):
        # A digit more often than not: that is what may still be read.
        altered[exchange.chance.randrange(len(altered))] = exchange.chance.choice(b"0123456789abcdef{\"\x00\xff")
    return bytes(altered)


def _always(exchange: Exchange) -> bool:
    return True


def _asks(method: str) -> Callable[[Exchange], bool]:
    return lambda exchange: exchange.asks(method)


def _is_batch(exchange: Exchange) -> bool:
    return exchange.is_batch


# Each with how often it is picked among those that fit, and to what it can happen.
FAULTS: list[tuple[Callable[[Exchange], Answer], float, Callable[[Exchange], bool]]] = [
    (drop, 4, _always),
    (withhold, 4, _always),
    (withhold, 20, _asks(SEND)),
    (delay, 4, _always),
    (hang, 0.3, _always),
    (cut, 4, _always),
    (shorten, 3, _always),
    (corrupt, 6, _always),
    (garble, 4, _always),
    (repeat, 3, _always),
    (repeat, 10, _asks(SEND)),
    (limit, 4, _always),
    (gateway, 4, _always),
    (stray, 3, _always),
    (stale, 6, _always),
    (forget, 3, _always),
    (chain_id, 6, _asks(CHAIN)),
    (nonce, 10, _asks(NONCE)),
    (no_batch, 2, _is_batch),
    (shuffle, 3, _is_batch),
    (lose, 4, _is_batch),
]
