"""Numbers to call when somebody is in danger, with where each is published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from pathlib import Path


class Hotline(BaseModel):
    """One number; `kinds` are the dangers it is named for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: Annotated[str, Field(pattern=r"^[0-9-]{3,16}$")]
    name: str
    kinds: tuple[str, ...]
    source: str


class Hotlines(BaseModel):
    """Every number, in the order it is to be shown."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hotlines: tuple[Hotline, ...]

    def named_for(self, kind: str) -> tuple[Hotline, ...]:
        """The numbers for one kind of danger."""
        return tuple(line for line in self.hotlines if kind in line.kinds)


def load_hotlines(file: Path) -> Hotlines:
    """Read the file; pydantic.ValidationError says what is wrong with it."""
    return Hotlines.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
