"""What calculators are given, and what they give: a result with its steps, or what they lack."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from handlers.reckon.figures import Clause, InForce
from handlers.reckon.spans import Length, between, first_and_last


@dataclass(frozen=True, slots=True)
class Lacking:
    """The key of the input that decides and was not told."""

    key: str


@dataclass(frozen=True, slots=True)
class Result:
    """The answer first, then how it came about, what was assumed, and where it stands."""

    head: str
    steps: tuple[str, ...]
    cautions: tuple[str, ...]
    clauses: tuple[Clause, ...]


Outcome = Result | Lacking


@dataclass(frozen=True, slots=True)
class Case:
    """What was told by input key, the day it is asked on (in China), and what holds on it.

    `roster` is the kind of unit that the roster knows or the question named, "" for none.
    `unknown` are inputs that the member could not tell.
    """

    told: Mapping[str, str]
    today: date
    law: InForce
    roster: str = ""
    unknown: frozenset[str] = frozenset()

    def lacks(self, key: str) -> bool:
        """Whether an input was neither told nor given up."""
        return key not in self.told and key not in self.unknown

    @property
    def kind(self) -> str:
        """企业, 机关, 事业, 社团, or "" when nobody knows."""
        return self.told.get("kind") or self.roster

    def fen(self, key: str) -> int | None:
        """A sum in fen; None when it was not told."""
        return int(self.told[key]) if key in self.told else None

    def day(self, key: str) -> date | None:
        """The first day that a date may be; None when it was not told."""
        return first_and_last(self.told[key])[0] if key in self.told else None

    def is_exact(self, key: str) -> bool:
        """Whether a date was told to the day."""
        first, last = first_and_last(self.told[key])
        return first == last

    def said_service(self, key: str) -> str:
        """What was told of the years of work, the month of entry before all; "" for nothing."""
        return self.told.get("entered") or self.told.get(key, "")

    def service(self, key: str, until: date) -> tuple[Length, Length] | None:
        """The least and the most that somebody may have worked until a day; None if not told."""
        said = self.said_service(key)
        if not said:
            return None
        if said.startswith("P"):
            length = Length.from_iso(said)
            return length, length
        first, last = first_and_last(said)
        return between(last, until), between(first, until)


def yuan(fen: Decimal | int) -> str:
    """12,345.60 → “12345.6 元”; rounded to fen."""
    rounded = (Decimal(fen) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{rounded:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} 元"


def plain(number: Decimal | int) -> str:
    """A number without idle zeros: 3.5, 10."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_GLUED = re.compile(r"(?<=[\u4e00-\u9fff])(?=[0-9])|(?<=[0-9%])(?=[\u4e00-\u9fff])")


def spaced(line: str) -> str:
    """The line with a space between Chinese and digits."""
    return _GLUED.sub(" ", line)
