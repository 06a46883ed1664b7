"""Example sentences: what the classifiers learn from, and what is wrong with them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlp.linear import grams, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

ABSENT = "absent"
"""The file of dangers that are none."""


class ExampleError(ValueError):
    """The examples cannot be used; the text names file and line."""


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts with their labels, in the order of the files."""

    texts: tuple[str, ...]
    labels: tuple[str, ...]

    def fingerprint(self) -> str:
        """The same for the same texts and labels in the same order."""
        joined = "\n".join(
            f"{label}\t{text}" for text, label in zip(self.texts, self.labels, strict=True)
        )
        return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that share most of what they say; `share` from 0 to 1."""

    one: str
    one_label: str
    other: str
    other_label: str
    share: float


def load(folder: Path, known: Iterable[str]) -> Examples:
    """Every `<label>.txt` of the folder, one text a line; raises ExampleError.

    Lines that begin with # are comments. `known` are the labels there must be, and no others.
    """
    files = sorted(folder.glob("*.txt"))
    found, wanted = {file.stem for file in files}, set(known)
    if found != wanted:
        odd = ", ".join(sorted(found ^ wanted))
        raise ExampleError(f"{folder.name}: the files and the labels differ in {odd}")
    texts: list[str] = []
    labels: list[str] = []
    seen: dict[str, str] = {}
    for file in files:
        for text in _lines(file):
            place = f"{file.name}: {text}"
            other = seen.setdefault(plain(text), place)
            if other != place:
                raise ExampleError(f"{place} stands already at {other}")
            texts.append(text)
            labels.append(file.stem)
    return Examples(tuple(texts), tuple(labels))


def near(ones: Examples, others: Examples | None = None, least: float = 0.7) -> Iterator[Pair]:
    """Pairs that are nearly the same, most alike first: within one set, or between two.

    The share is that of the characters and pairs of characters they have in common (Dice).
    """
    against = ones if others is None else others
    places: dict[str, list[int]] = defaultdict(list)
    sets = [frozenset(grams(plain(text))) for text in against.texts]
    for at, some in enumerate(sets):
        for gram in some:
            places[gram].append(at)
    pairs: list[Pair] = []
    for at, text in enumerate(ones.texts):
        mine = frozenset(grams(plain(text)))
        common: dict[int, int] = defaultdict(int)
        for gram in mine:
            for place in places[gram]:
                common[place] += 1
        for place, count in common.items():
            share = 2 * count / (len(mine) + len(sets[place]))
            if share >= least and (others is not None or place > at):
                pairs.append(
                    Pair(text, ones.labels[at], against.texts[place], against.labels[place], share)
                )
    yield from sorted(pairs, key=lambda pair: -pair.share)


def folds(labels: Sequence[str], count: int) -> list[int]:
    """The fold of each example: labels spread evenly, the same at every call."""
    turn: dict[str, int] = defaultdict(int)
    places: list[int] = []
    for label in labels:
        # Neighbouring lines of a file are often written in one mood: 7 steps apart are not.
        places.append((turn[label] * 7 + turn[label] // count) % count)
        turn[label] += 1
    return places


def _lines(file: Path) -> Iterator[str]:
    for line in file.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text and not text.startswith("#"):
            yield text
