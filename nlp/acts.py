"""What somebody does with a message, told by how it is built: marks beside its characters."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from nlp.linear import grams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as exc:
        msg = f"{pattern} is no regular expression: {exc}"
        raise ValueError(msg) from exc
    return pattern


Name = Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]
Pattern = Annotated[str, StringConstraints(min_length=1), AfterValidator(_compiles)]


class ActLines(BaseModel):
    """The file acts.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acts: dict[Name, tuple[Pattern, ...]]
    subjects: dict[Name, tuple[str, ...]]


class Acts:
    """Reads a plain text (`nlp.linear.plain`) into its grams and the marks of what it does."""

    def __init__(
        self, acts: Mapping[str, Sequence[str]], subjects: Mapping[str, Sequence[str]]
    ) -> None:
        self._acts = {name: re.compile("|".join(some)) for name, some in acts.items()}
        self._subjects = {
            name: re.compile("|".join(map(re.escape, some))) for name, some in subjects.items()
        }
        known = repr((sorted(acts.items()), sorted(subjects.items())))
        self.fingerprint = hashlib.sha256(known.encode()).hexdigest()[:16]

    @classmethod
    def load(cls, lexicon_dir: Path) -> Self:
        """Read acts.yaml; raises pydantic's ValidationError, or ValueError for broken YAML."""
        text = (lexicon_dir / "acts.yaml").read_text(encoding="utf-8")
        try:
            lines = ActLines.model_validate(yaml.safe_load(text))
        except yaml.YAMLError as exc:
            msg = f"acts.yaml: {exc}"
            raise ValueError(msg) from exc
        return cls(lines.acts, lines.subjects)

    def __call__(self, plain: str) -> list[str]:
        """The grams of a text, then a mark for each act and each act with a subject."""
        return grams(plain) + self.marks(plain)

    def marks(self, plain: str) -> list[str]:
        """⟨stop⟩, ⟨stop×event⟩ …; no word of a message looks like one."""
        done = [name for name, pattern in self._acts.items() if pattern.search(plain)]
        about = [name for name, words in self._subjects.items() if words.search(plain)]
        alone = [f"⟨{name}⟩" for name in (*done, *about)]
        return alone + [f"⟨{act}×{subject}⟩" for subject in about for act in done]
