"""How well something was understood: shares right, F1 by label, confusions, spans."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Score:
    """How often a label was right: precision, recall and their harmonic mean, each 0 to 1."""

    label: str
    precision: float
    recall: float
    f1: float
    count: int


def by_label(wanted: Sequence[str], got: Sequence[str]) -> list[Score]:
    """A score for each label that was wanted, in alphabetical order."""
    right = Counter(one for one, other in zip(wanted, got, strict=True) if one == other)
    wants, gots = Counter(wanted), Counter(got)
    return [
        _score(label, right[label], gots[label] - right[label], wants[label] - right[label])
        for label in sorted(wants)
    ]


def macro_f1(wanted: Sequence[str], got: Sequence[str]) -> float:
    """The mean F1 over the labels that were wanted or got, as scikit-learn counts it."""
    labels = set(wanted) | set(got)
    scores = by_label(wanted, got)
    return sum(score.f1 for score in scores) / len(labels) if labels else 0.0


def confusions(wanted: Sequence[str], got: Sequence[str]) -> list[tuple[str, str, int]]:
    """Wanted label, label that was got instead, how often; most often first."""
    pairs = Counter((one, other) for one, other in zip(wanted, got, strict=True) if one != other)
    return [(one, other, count) for (one, other), count in pairs.most_common()]


@dataclass(frozen=True, slots=True)
class Span:
    """One entity as a set says it; equal when kind and place are."""

    kind: str
    start: int
    end: int


def spans(wanted: Iterable[frozenset[Span]], got: Iterable[frozenset[Span]]) -> list[Score]:
    """A score for each kind of entity, and last one for all together ("all")."""
    right: Counter[str] = Counter()
    false: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for ones, others in zip(wanted, got, strict=True):
        right.update(span.kind for span in ones & others)
        false.update(span.kind for span in others - ones)
        missed.update(span.kind for span in ones - others)
    kinds = sorted(set(right) | set(false) | set(missed))
    scores = [_score(kind, right[kind], false[kind], missed[kind]) for kind in kinds]
    whole = _score("all", right.total(), false.total(), missed.total())
    return [*scores, whole]


def _score(label: str, right: int, false: int, missed: int) -> Score:
    precision = right / (right + false) if right + false else 0.0
    recall = right / (right + missed) if right + missed else 0.0
    both = 2 * right + false + missed
    return Score(label, precision, recall, 2 * right / both if both else 0.0, right + missed)
