"""The menu below the chat, within the platform's limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

if TYPE_CHECKING:
    from pathlib import Path


def _at_most(limit: int) -> AfterValidator:
    def check(name: str) -> str:
        if len(name.encode()) > limit:
            raise ValueError(f"“{name}” has more than {limit} bytes")
        return name

    return AfterValidator(check)


class Item(BaseModel):
    """One entry of a sub-menu; a tap says the words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, _at_most(60)]
    say: Annotated[str, _at_most(128)]


class Button(BaseModel):
    """One button with its sub-menu."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, _at_most(16)]
    items: Annotated[tuple[Item, ...], Field(min_length=1, max_length=5)]


_MENU: TypeAdapter[tuple[Button, ...]] = TypeAdapter(
    Annotated[tuple[Button, ...], Field(min_length=1, max_length=3)]
)


def load_menu(file: Path) -> tuple[Button, ...]:
    """Read the file; pydantic.ValidationError says what is wrong with it."""
    return _MENU.validate_python(yaml.safe_load(file.read_text(encoding="utf-8")))
