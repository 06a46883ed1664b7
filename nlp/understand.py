"""What a message wants: commands, then rules, then what was learnt from examples."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal, Self

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from nlp.linear import Features, Linear, plain, probabilities
from nlp.urgency import Alarm, Urgency

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from nlp.examples import Examples
    from nlp.learned import Calibration, Head, Reader
    from nlp.tokenise import Cut

    Floats = NDArray[np.float32]

INTENTS = (
    "greet",
    "help",
    "thanks",
    "human",
    "feedback",
    "bind",
    "profile",
    "privacy",
    "aid_hardship",
    "aid_tuition",
    "aid_medical",
    "aid_women",
    "aid_condolence",
    "aid_progress",
    "aid_supplement",
    "aid_withdraw",
    "event_list",
    "event_signup",
    "event_cancel",
    "event_mine",
    "event_checkin",
    "club_join",
    "job_search",
    "cooling",
    "counsel_book",
    "crisis",
    "quiz",
    "survey",
    "pairing",
    "notice_on",
    "notice_off",
    "policy",
    "other",
)
"""Every label a message can have."""

Stage = Literal["urgent", "command", "rule", "characters", "encoder", "none"]


class Outcome(StrEnum):
    """What is done with a meaning: act on it, offer two or three, or say it was not understood."""

    ACT = "act"
    OFFER = "offer"
    NONE = "none"


# Likelihoods, as calibrated by cross-validation on the examples. Those are harder than what
# members write: from here on, messages by other hands are right 96 times of 100.
ACT = 0.77
# Below this not even a guess is offered.
OFFER = 0.35
# The characters alone decide from here on; below, the encoder is asked where there is one.
SETTLED = 0.83
# Labels below this share of a message are not offered.
OFFERED = 0.04
OFFERS = 3


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message wants, how likely that is (calibrated, 0 to 1), and why.

    `stage` is the one that decided. `evidence` are the words that did, `nearest` the most similar
    example of that label. `alternatives` are the next likely intents with their shares. `danger`
    is set when a life may be in danger: `alarming` at once, else as a concern beside the meaning.
    """

    intent: str
    confidence: float
    stage: Stage
    evidence: tuple[str, ...]
    alternatives: tuple[tuple[str, float], ...]
    is_question: bool
    nearest: str = ""
    danger: Urgency | None = None

    @property
    def outcome(self) -> Outcome:
        """What to do with it."""
        if self.confidence >= ACT:
            return Outcome.ACT
        return Outcome.OFFER if self.confidence >= OFFER else Outcome.NONE

    @property
    def settled(self) -> bool:
        """Whether the encoder need not be asked."""
        return self.stage != "characters" or self.confidence >= SETTLED


class LexiconError(ValueError):
    """The lexicon contradicts itself; the message says where."""


Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class IntentLines(BaseModel):
    """What the lexicon says of one label."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: tuple[Word, ...] = ()
    alone: tuple[Word, ...] = ()


class Lexicon(BaseModel):
    """The file intents.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fillers: tuple[Word, ...]
    question: tuple[Word, ...]
    intents: dict[str, IntentLines] = Field(default_factory=dict)

    @classmethod
    def load(cls, lexicon_dir: Path) -> Self:
        """Read intents.yaml; raises LexiconError or pydantic's ValidationError."""
        lines = (lexicon_dir / "intents.yaml").read_text(encoding="utf-8")
        try:
            tree = yaml.safe_load(lines)
        except yaml.YAMLError as exc:
            raise LexiconError(f"intents.yaml: {exc}") from exc
        lexicon = cls.model_validate(tree)
        _check(lexicon)
        return lexicon


_NOT_LETTERS = re.compile(r"[\W_]+")
# A longer message says more than its known words.
_SHORT = 24
_RULE = 0.9
_COMMAND = 0.99
_GUESS = 0.05
_TINY = 1e-9
_QUESTION_END = re.compile(r"(?:[?？]|[吗么呢不没冇]|几多|多少)[。!！~～\s]*$")


class Understander:
    """Lexicon and weights made ready for reading; holds nothing between messages."""

    def __init__(self, lexicon: Lexicon, reader: Reader, intents: Examples, cut: Cut) -> None:
        self._cut = cut
        self._commands = {
            _bare(word): label for label, lines in lexicon.intents.items() for word in lines.exact
        }
        self._alone = tuple(
            (label, _only((*lines.alone, *lexicon.fillers)), _any((*lines.exact, *lines.alone)))
            for label, lines in lexicon.intents.items()
            if lines.alone
        )
        self._question = _any(lexicon.question)
        self._reader = reader
        self._alarm = Alarm(reader.danger, reader.kinds, cut)
        self._nearest = _Nearest(reader.intents, intents)

    def read(self, text: str) -> Meaning:
        """The meaning of a message as it was typed, without the encoder; below a millisecond."""
        words = plain(text)
        asked = self._question.search(words) is not None or _QUESTION_END.search(words) is not None
        danger = self._alarm.read(words)
        known = self._by_rule(_bare(words))
        if known is not None and (danger is None or known[0] == "crisis"):
            label, sure, stage, word = known
            return Meaning(label, sure, stage, (word,), (), asked, danger=danger)
        some = self._reader.intents.features(words)
        if not some.rows:
            return Meaning("other", _GUESS, "none", (), (), asked, danger=danger)
        shares = probabilities(self._reader.intents.scores(some))
        if danger is None:
            shares = self._without_crisis(shares)
        found = self._told(words, some, shares, self._reader.calibration)
        if danger is not None and danger.alarms_beside(found.intent, found.confidence):
            sure = max(danger.likelihood, ACT)
            return Meaning("crisis", sure, "urgent", danger.words, (), asked, danger=danger)
        return replace(found, stage="characters", is_question=asked, danger=danger)

    def weigh(self, text: str, vector: Floats, head: Head) -> Meaning:
        """The meaning with the encoder's word added, for a message that is not settled.

        `vector` is the text's, 384 long; `head` belongs to the same examples as this reader.
        """
        first = self.read(text)
        if first.settled:
            return first
        words = plain(text)
        some = self._reader.intents.features(words)
        shares = head.shares(self._reader.intents.scores(some), vector)
        if first.danger is None:
            shares = self._without_crisis(shares)
        found = self._told(words, some, shares, head.calibration)
        return replace(found, stage="encoder", is_question=first.is_question, danger=first.danger)

    def _without_crisis(self, shares: Floats) -> Floats:
        """Danger is for the alarm to see: where it sees none, 加班累死了 is something else."""
        kept = shares.copy()
        kept[self._reader.intents.labels.index("crisis")] = 0
        result: Floats = kept / kept.sum()
        return result

    def _by_rule(self, bare: str) -> tuple[str, float, Stage, str] | None:
        """Commands, and short messages made only of words that are known to say nothing else."""
        command = self._commands.get(bare)
        if command is not None:
            return command, _COMMAND, "command", bare
        if 0 < len(bare) <= _SHORT:
            for label, only, some in self._alone:
                word = some.search(bare)
                if word is not None and only.fullmatch(bare) is not None:
                    return label, _RULE, "rule", word[0]
        return None

    def _told(
        self, text: str, some: Features, shares: Floats, calibration: Calibration
    ) -> Meaning:
        labels = self._reader.intents.labels
        best, *others = (int(at) for at in np.argsort(-shares)[: OFFERS + 1])
        top = float(shares[best])
        sure = calibration.likelihood(top)
        # What is left is spread over the others as the classifier spread it.
        left = min(1.0, (1 - sure) / max(1 - top, _TINY))
        return Meaning(
            labels[best],
            round(sure, 3),
            "characters",
            self._reader.intents.deciding(some, labels[best], self._cut(text)),
            tuple(
                (labels[at], round(min(sure, float(shares[at]) * left), 3))
                for at in others
                if shares[at] >= OFFERED
            ),
            is_question=False,
            nearest=self._nearest.to(some, labels[best]),
        )


class _Nearest:
    """The example of a label that has most in common with a text."""

    def __init__(self, model: Linear, some: Examples) -> None:
        self._by_label: dict[str, list[tuple[str, frozenset[int]]]] = defaultdict(list)
        for text, label in zip(some.texts, some.labels, strict=True):
            self._by_label[label].append((text, frozenset(model.features(plain(text)).rows)))

    def to(self, some: Features, label: str) -> str:
        """The text of the example; "" when none has anything in common."""
        mine = frozenset(some.rows)
        share, best = max(
            (len(mine & theirs) / (len(mine) + len(theirs)), text)
            for text, theirs in self._by_label[label]
        )
        return best if share else ""


def _check(lexicon: Lexicon) -> None:
    strange = sorted(set(lexicon.intents) - set(INTENTS))
    if strange:
        msg = f"intents.yaml: unknown labels {', '.join(strange)}"
        raise LexiconError(msg)
    commands: dict[str, str] = {}
    for label, lines in lexicon.intents.items():
        for word in lines.exact:
            other = commands.setdefault(_bare(word), label)
            if other != label:
                msg = f"intents.yaml: the command {word} leads to {other} and {label}"
                raise LexiconError(msg)


def _bare(text: str) -> str:
    return _NOT_LETTERS.sub("", text.lower()) or text


def _only(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{_alternation(words)})+")


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(_alternation(words))


def _alternation(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: -len(word)))
