"""The dated figures that calculators reckon with, and the clauses where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from nlp.cards import Scope

if TYPE_CHECKING:
    from pathlib import Path

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]+$")]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Status = Literal["verified", "unverified", "expired"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Clause(_Strict):
    """An article to be quoted; `says` are its words that decide, `document` the stem of its text.

    `in_force_to` None means that no end is known.
    """

    key: Key
    law: Line
    document: Line
    article: Line
    in_force_from: date
    in_force_to: date | None = None
    scope: Scope
    says: Line

    def in_force(self, day: date) -> bool:
        """Whether it holds on a day of the calendar in China."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)


class Figure(_Strict):
    """One amount or threshold, from its clause or from a `paper` that is not among the texts.

    `value` is None only where nobody has checked it yet. Only a `verified` figure is certain.
    """

    key: Key
    value: Decimal | None
    unit: Line
    clause: str = ""
    says: str = ""
    paper: str = ""
    in_force_from: date
    in_force_to: date | None = None
    status: Status

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if bool(self.clause) == bool(self.paper):
            raise ValueError(f"{self.key} needs a clause or a paper, and not both")
        if self.status == "verified" and not (self.clause and self.says and self.value):
            raise ValueError(f"{self.key} is verified by nothing")
        return self

    def in_force(self, day: date) -> bool:
        """Whether it may be reckoned with on a day of the calendar in China."""
        until = self.in_force_to
        return self.status != "expired" and self.in_force_from <= day <= (until or date.max)


class Holiday(_Strict):
    """Days off for all: so many from the day of a festival, in the words of the rule."""

    name: Line
    days: Annotated[int, Field(ge=1)]
    day: Line
    says: Line


class _File(_Strict):
    clauses: tuple[Clause, ...]
    figures: tuple[Figure, ...]
    holidays: tuple[Holiday, ...]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        known = [clause.key for clause in self.clauses]
        if len(set(known)) < len(known):
            raise ValueError("two clauses share a key")
        strays = {figure.clause for figure in self.figures if figure.clause} - set(known)
        if strays:
            raise ValueError(f"no such clauses: {', '.join(sorted(strays))}")
        return self


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds on one day; KeyError for what does not."""

    figures: Mapping[str, Figure]
    clauses: Mapping[str, Clause]
    holidays: tuple[Holiday, ...]

    def value(self, key: str) -> Decimal:
        """The value of a figure; KeyError where none is known."""
        value = self.figures[key].value
        if value is None:
            raise KeyError(key)
        return value

    def whole(self, key: str) -> int:
        """The value of a figure that is a whole number."""
        return int(self.value(key))


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was ever in force, as the file has it."""

    clauses: tuple[Clause, ...]
    figures: tuple[Figure, ...]
    holidays: tuple[Holiday, ...]

    def on(self, day: date) -> InForce:
        """What holds on a day of the calendar in China."""
        return InForce(
            {figure.key: figure for figure in self.figures if figure.in_force(day)},
            {clause.key: clause for clause in self.clauses if clause.in_force(day)},
            self.holidays,
        )


def load_figures(file: Path) -> Figures:
    """Read the file; pydantic.ValidationError says what is wrong with it."""
    lines = _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    return Figures(lines.clauses, lines.figures, lines.holidays)
