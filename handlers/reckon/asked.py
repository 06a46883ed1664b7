"""Which calculator a question wants, and what each has to be told: read from their file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

if TYPE_CHECKING:
    from pathlib import Path

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]+$")]
Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Reads = Literal["service", "date", "plain_day", "year", "days", "money", "hours", "choice"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Option(_Strict):
    """One answer to tap; `words` is the pattern of what people say for it."""

    label: Line
    value: Line
    words: re.Pattern[str]


class Input(_Strict):
    """One thing to be told: how it is read, and the question that asks for it.

    `cue` is the pattern of words beside a date or sum that make it this one; for `days` it holds
    the number itself as {n}. `not_cue` makes it another one. `prefer` decides for
    dates that name no year.
    """

    key: Key
    reads: Reads
    ask: Line
    prefer: Literal["past", "nearest"] = "past"
    cue: str = ""
    not_cue: str = ""
    choices: tuple[Option, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if (self.reads == "choice") != bool(self.choices):
            raise ValueError(f"{self.key}: choices belong to what is chosen")
        re.compile(self.cue.replace("{n}", ""))
        return self


class Calculator(_Strict):
    """When a question is for it, what it reads from it, and the figures that must be in force."""

    slug: Key
    title: Line
    about: re.Pattern[str]
    wants: re.Pattern[str]
    also: re.Pattern[str] | None = None
    carries: tuple[Key, ...]
    personal: re.Pattern[str]
    without: re.Pattern[str]
    reads: tuple[Key, ...]
    figures: tuple[Key, ...]

    def speaks_of_it(self, words: str) -> bool:
        """Whether words without blanks may be a question for it."""
        needed = (
            (self.about, self.wants) if self.also is None else (self.about, self.wants, self.also)
        )
        return all(each.search(words) for each in needed) and not self.without.search(words)


class _File(_Strict):
    calculators: tuple[Calculator, ...] = Field(min_length=1)
    inputs: tuple[Input, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        known = {each.key for each in self.inputs}
        if len(known) < len(self.inputs):
            raise ValueError("two inputs share a key")
        for each in self.calculators:
            strays = {*each.reads, *each.carries} - known
            if strays:
                raise ValueError(f"{each.slug} names no inputs: {', '.join(sorted(strays))}")
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """All calculators in the order they are tried, and inputs by key."""

    calculators: tuple[Calculator, ...]
    inputs: dict[str, Input]


def load_asked(file: Path) -> Asked:
    """Read the file; pydantic.ValidationError says what is wrong with it."""
    lines = _File.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    return Asked(lines.calculators, {each.key: each for each in lines.inputs})
