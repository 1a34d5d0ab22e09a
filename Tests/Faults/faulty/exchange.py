"""One request on its way to the node, and the answer on its way back: what a fault can get its hands on."""

from __future__ import annotations

import http.client
import json
import random
from dataclasses import dataclass, field
from typing import Any


class Gone(Exception):
    """The connection is to be closed without another byte."""


@dataclass
class Answer:
    """What is written back: the status, the body, and how much of the body before the connection breaks."""

    body: bytes
    status: int = 200
    content_type: str = "application/json"
    cut_at: int | None = None


@dataclass
class Memory:
    """What the node has answered before, by the question, so that it can be said again when it is no longer true."""

    answers: dict[str, Any] = field(default_factory=dict)

    def learn(self, exchange: Exchange, answer: bytes) -> None:
        """Keep the first answers of all, and later ones now and then."""
        for question, said in exchange.pairs(answer):
            key = json.dumps([question["method"], question.get("params")])
            if key not in self.answers or exchange.chance.random() < 0.3:
                self.answers[key] = said.get("result")


class Exchange:
    """A request's body, and the way to the node."""

    def __init__(self, body: bytes, upstream: str, chance: random.Random, memory: Memory) -> None:
        self.body = body
        self.chance = chance
        self.memory = memory
        self._upstream = upstream
        try:
            self.document: Any = json.loads(body)
        except ValueError:
            self.document = {}

    @property
    def is_batch(self) -> bool:
        """Whether several questions came in one request."""
        return isinstance(self.document, list)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The question or questions."""
        return self.document if self.is_batch else [self.document]

    def asks(self, method: str) -> bool:
        """Whether one of the questions is of this method."""
        return any(question.get("method") == method for question in self.questions)

    def forward(self, body: bytes | None = None) -> bytes:
        """Ask the node, and learn from what it says."""
        connection = http.client.HTTPConnection(self._upstream, timeout=60)
        try:
            connection.request("POST", "/", body or self.body, {"Content-Type": "application/json"})
            answer = connection.getresponse().read()
        finally:
            connection.close()
        self.memory.learn(self, answer)
        return answer

    def pairs(self, answer: bytes) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Each question with its answer, as far as there is one."""
        try:
            said = json.loads(answer)
        except ValueError:
            return []
        by_id = {each.get("id"): each for each in (said if isinstance(said, list) else [said])}
        return [(each, by_id[each["id"]]) for each in self.questions if each.get("id") in by_id]

    def rewritten(self, change: Any) -> bytes:
        """The node's answer with some results replaced: `change` takes a question and a result."""
        answers = []
        for question, said in self.pairs(self.forward()):
            if "result" in said:
                said = {**said, "result": change(question, said["result"])}
            answers.append(said)
        return json.dumps(answers if self.is_batch else (answers or [{}])[0]).encode()
