"""Yearly campaigns as files: what is said, to whom, and on which day."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

if TYPE_CHECKING:
    from pathlib import Path

SHANGHAI = ZoneInfo("Asia/Shanghai")


class SeasonError(Exception):
    """A campaign file cannot be used; the text names file, place and what was expected."""


class Due(BaseModel):
    """A day of the solar year, and a time of that day in Asia/Shanghai."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    at: time

    def in_year(self, year: int) -> datetime:
        """The moment in one year."""
        return datetime(year, self.month, self.day, self.at.hour, self.at.minute, tzinfo=SHANGHAI)


class Audience(BaseModel):
    """Who is meant: everybody, or only women or men."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sex: Literal["all", "F", "M"] = "all"


class Season(BaseModel):
    """One yearly campaign."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: str
    owner: str
    due: Due
    audience: Audience
    text: Annotated[str, Field(min_length=1, max_length=600)]

    @field_validator("due")
    @classmethod
    def _exists_every_year(cls, due: Due) -> Due:
        due.in_year(2027)
        return due


def load_seasons(folder: Path) -> tuple[Season, ...]:
    """Every campaign file of the folder; SeasonError names the first one that is wrong."""
    return tuple(_load(file) for file in sorted(folder.glob("*.yaml")))


def _load(file: Path) -> Season:
    try:
        season = Season.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as exc:
        raise SeasonError(f"{file.name}: {exc}") from exc
    if season.slug != file.stem:
        raise SeasonError(f"{file.name}: slug is {season.slug}, expected {file.stem}")
    return season
