"""Articles that were candidates for a question, and the parts of why, as a table with bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.question import Near

MOST = 10
PARTS = (
    ("sample", "最像的问法"),
    ("samples", "全部问法"),
    ("text", "条文字面"),
    ("meaning", "意思"),
    ("passage", "条文意思"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One part of a score, from 0 to 1, with its name."""

    title: str
    share: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """One row; `share` is the score beside the best one's, `slug` "" where there is no card.

    `governs`: it stands before a better one because its law goes first.
    """

    place: int
    slug: str
    cited: str
    score: float
    share: float
    nearest: str
    governs: bool
    bars: tuple[Bar, ...]


def candidates(near: Sequence[Near]) -> list[Candidate]:
    """At most ten rows, the best first."""
    best = max((each.score for each in near), default=1.0) or 1.0
    return [
        Candidate(
            place,
            each.slug,
            each.cited,
            each.score,
            each.score / best,
            each.nearest,
            each.governs,
            tuple(Bar(title, min(1.0, getattr(each, part))) for part, title in PARTS),
        )
        for place, each in enumerate(near[:MOST], 1)
    ]
