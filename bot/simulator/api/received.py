"""One call as it arrived, and the shapes an answer may have."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from bot.simulator.refusal import Refusal

ESCAPE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[0-9a-fA-F]{4}")


class Body(BaseModel):
    """The JSON of a call; a misspelt key is refused, where the platform would overlook it."""

    model_config = ConfigDict(extra="forbid", frozen=True)


B = TypeVar("B", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """One call; `now` is the time of the platform's limits, `base` the simulator's address."""

    path: str
    query: Mapping[str, str]
    body: bytes
    upload: Upload | None
    now: datetime
    base: str
    strict_escapes: bool

    def read(self, shape: type[B]) -> B:
        """The JSON body; raises Refusal 44002, 40033, 47001 or 40035."""
        if not self.body:
            raise Refusal(44002)
        if self.strict_escapes and ESCAPE.search(self.body):
            raise Refusal(40033)
        try:
            given = json.loads(self.body)
        except ValueError as exc:
            raise Refusal(47001) from exc
        if not isinstance(given, dict):
            raise Refusal(47001)
        return valid(shape, given)


@dataclass(frozen=True, slots=True)
class File:
    """An answer that is no JSON."""

    content: bytes
    content_type: str
    name: str


def valid(shape: type[B], given: object) -> B:
    """`given` in its shape; raises Refusal 40035 that names the first wrong field."""
    try:
        return shape.model_validate(given)
    except ValidationError as exc:
        raise Refusal(40035, ".".join(str(step) for step in exc.errors()[0]["loc"])) from exc


Json = dict[str, object]
