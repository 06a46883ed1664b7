"""Why a message was understood as it was, as it is kept with the message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from nlp.understand import Meaning


@dataclass(frozen=True, slots=True)
class Grounds:
    """What decided: the stage, its words, the nearest example, and what else it might have been.

    `edition` is that of the language files; `danger` is "" or what threatened.
    """

    stage: str
    words: tuple[str, ...]
    nearest: str
    alternatives: tuple[tuple[str, float], ...]
    danger: str
    edition: str

    @classmethod
    def of(cls, meaning: Meaning, edition: str) -> Self:
        """The grounds of a meaning."""
        danger = meaning.danger
        return cls(
            meaning.stage,
            meaning.evidence,
            meaning.nearest,
            meaning.alternatives,
            "" if danger is None else danger.kind.value,
            edition,
        )


GROUNDS: TypeAdapter[Grounds] = TypeAdapter(Grounds)
