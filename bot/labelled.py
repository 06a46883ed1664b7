"""Labelled sets: files with a line of JSON for each message or question."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from bot.running import CannotRunError

if TYPE_CHECKING:
    from pathlib import Path

Row = TypeVar("Row", bound=BaseModel)
WIDTH = 30


def bar(share: float) -> str:
    """A share from 0 to 1 as a bar for the terminal."""
    return ("█" * round(share * WIDTH)).ljust(WIDTH, "░")


def read_set(file: Path, shape: type[Row]) -> list[Row]:
    """The lines of a set; CannotRunError names the first that is broken."""
    if not file.is_file():
        raise CannotRunError(f"{file} is not a file: name one with a line of JSON for each item")
    rows: list[Row] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            rows.append(shape.model_validate_json(line))
        except ValidationError as exc:
            raise CannotRunError(f"{file.name}, line {number}: {exc.errors()[0]['msg']}") from exc
    if not rows:
        raise CannotRunError(f"{file.name} has no lines")
    return rows
