"""What a message wants: commands and rules over the lexicon, with the words that decided."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from nlp.normalise import normalise
from nlp.urgency import is_urgent

if TYPE_CHECKING:
    from pathlib import Path

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

Stage = Literal["urgent", "command", "rule", "none"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a message wants; below a confidence of 0.5 it was not understood.

    `evidence` are the words that decided, `alternatives` the next likely intents with theirs.
    """

    intent: str
    confidence: float
    stage: Stage
    evidence: tuple[str, ...]
    alternatives: tuple[tuple[str, float], ...]
    is_question: bool


class LexiconError(ValueError):
    """The lexicon contradicts itself; the message says where."""


Word = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class RuleLines(BaseModel):
    """One rule of the lexicon: what must stand in a message, what must not, what it is worth."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    all: tuple[Word, ...] = ()
    seq: tuple[Word, ...] = ()
    none: tuple[Word, ...] = ()
    weight: float

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.all) == bool(self.seq):
            msg = "a rule has either `all` or `seq`"
            raise ValueError(msg)
        return self


class IntentLines(BaseModel):
    """What the lexicon says of one label."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    exact: tuple[Word, ...] = ()
    alone: tuple[Word, ...] = ()
    cues: Mapping[Word, float] = Field(default_factory=dict)
    rules: tuple[RuleLines, ...] = ()


class Lexicon(BaseModel):
    """The file intents.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fillers: tuple[Word, ...]
    masks: tuple[Word, ...]
    concepts: Mapping[str, tuple[Word, ...]]
    intents: Mapping[str, IntentLines]


@dataclass(frozen=True, slots=True)
class _Rule:
    intent: str
    weight: float
    needed: tuple[str, ...]
    forbidden: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True, slots=True)
class _Found:
    """Concept or word → where it stands and how it was written; `inner` lie in longer words."""

    places: Mapping[str, list[tuple[int, str]]]
    inner: frozenset[str]


_NOT_LETTERS = re.compile(r"[\W_]+")
_CONCEPT = re.compile(r"[a-z_]+")
_REACH = 8
_SHORT = 24
_ALONE_WEIGHT = 6.0
_DOUBT = 1.7
_GUESS = 0.2
_QUESTION_END = re.compile(r"(?:[?？]|[吗么呢不没冇]|几多|多少)[。!！~～\s]*$")


class Understander:
    """The lexicon made ready for reading; holds nothing between messages."""

    def __init__(self, lexicon: Lexicon) -> None:
        _check(lexicon)
        self._commands = {
            _bare(word): label for label, lines in lexicon.intents.items() for word in lines.exact
        }
        self._alone = tuple(
            (label, _only((*lines.alone, *lexicon.fillers)), _any(lines.exact or lines.alone))
            for label, lines in lexicon.intents.items()
            if lines.alone
        )
        self._rules: dict[str, list[_Rule]] = defaultdict(list)
        names: dict[str, set[str]] = defaultdict(set)
        for concept, words in lexicon.concepts.items():
            for word in words:
                names[word].add(concept)
        for rule in _rules(lexicon):
            self._rules[rule.needed[0]].append(rule)
            for term in (*rule.needed, *rule.forbidden):
                if term not in lexicon.concepts:
                    names[term].add(term)
        self._masks = frozenset(lexicon.masks)
        for word in lexicon.masks:
            names.setdefault(word, set())
        self._names = {word: tuple(sorted(terms)) for word, terms in names.items()}
        lengths: dict[str, set[int]] = defaultdict(set)
        for word in self._names:
            lengths[word[0]].add(len(word))
        self._lengths = {head: tuple(sorted(some, reverse=True)) for head, some in lengths.items()}

    @classmethod
    def load(cls, lexicon_dir: Path) -> Self:
        """Read intents.yaml; raises LexiconError or pydantic's ValidationError."""
        lines = (lexicon_dir / "intents.yaml").read_text(encoding="utf-8")
        return cls(Lexicon.model_validate(yaml.safe_load(lines)))

    def read(self, text: str) -> Meaning:
        """The meaning of a message as it was typed."""
        plain = normalise(text).lower()
        bare = _bare(plain)
        urgency = is_urgent(plain)
        found = self._find(plain)
        asked = "question" in found.places or _QUESTION_END.search(plain) is not None
        if urgency is not None:
            return Meaning("crisis", 0.95, "urgent", urgency.words, (), asked)
        command = self._commands.get(bare)
        if command is not None:
            return Meaning(command, 0.99, "command", (bare,), (), asked)
        weights, words = self._weigh(found)
        for label, word in self._said_alone(bare):
            weights[label].append(_ALONE_WEIGHT)
            words[label].append(word)
        return _decide(weights, words, asked=asked)

    def _find(self, text: str) -> _Found:
        places: dict[str, list[tuple[int, str]]] = defaultdict(list)
        inner: set[str] = set()
        outer: set[str] = set()
        end = hidden = 0
        for at, head in enumerate(text):
            for length in self._lengths.get(head, ()):
                word = text[at : at + length]
                stop = at + length
                if stop <= hidden or word not in self._names:
                    continue
                (inner if stop <= end else outer).add(word)
                end = max(end, stop)
                for term in self._names[word]:
                    places[term].append((at, word))
                if word in self._masks:
                    hidden = stop
        return _Found(places, frozenset(inner - outer))

    def _weigh(self, found: _Found) -> tuple[dict[str, list[float]], dict[str, list[str]]]:
        weights: dict[str, list[float]] = defaultdict(list)
        words: dict[str, list[str]] = defaultdict(list)
        for term in found.places:
            for rule in self._rules.get(term, ()):
                if _holds(rule, found):
                    weights[rule.intent].append(rule.weight)
                    if rule.weight > 0:
                        words[rule.intent].extend(found.places[part][0][1] for part in rule.needed)
        return weights, words

    def _said_alone(self, bare: str) -> Iterable[tuple[str, str]]:
        if 0 < len(bare) <= _SHORT:
            for label, only, some in self._alone:
                word = some.search(bare)
                if word is not None and only.fullmatch(bare) is not None:
                    yield label, word[0]
                    return


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
        for rule in lines.rules:
            for term in (*rule.all, *rule.seq, *rule.none):
                if _CONCEPT.fullmatch(term) and term not in lexicon.concepts:
                    msg = f"intents.yaml: {label} uses the concept {term}, which is not defined"
                    raise LexiconError(msg)


def _rules(lexicon: Lexicon) -> Iterable[_Rule]:
    for label, lines in lexicon.intents.items():
        for word, weight in lines.cues.items():
            yield _Rule(label, weight, (word,), (), ordered=False)
        for rule in lines.rules:
            yield _Rule(
                label, rule.weight, rule.all or rule.seq, rule.none, ordered=bool(rule.seq)
            )


def _holds(rule: _Rule, found: _Found) -> bool:
    if len(rule.needed) == 1 and rule.needed[0] in found.inner:
        return False
    if not all(term in found.places for term in rule.needed):
        return False
    if any(term in found.places for term in rule.forbidden):
        return False
    if not rule.ordered:
        return True
    return all(
        any(
            0 < later - earlier <= _REACH + len(word)
            for earlier, word in found.places[one]
            for later, _ in found.places[two]
        )
        for one, two in pairwise(rule.needed)
    )


def _decide(
    weights: Mapping[str, list[float]], words: Mapping[str, list[str]], *, asked: bool
) -> Meaning:
    scores = sorted(
        ((label, _sum(some)) for label, some in weights.items()), key=lambda pair: -pair[1]
    )
    ranked = [(label, score) for label, score in scores if score > 0]
    if not ranked:
        return Meaning("other", _GUESS, "none", (), (), asked)
    label, best = ranked[0]
    second = ranked[1][1] if len(ranked) > 1 else 0.0
    total = best + second + _DOUBT
    return Meaning(
        label,
        round(best / total, 3),
        "rule",
        tuple(dict.fromkeys(words[label])),
        tuple((other, round(score / (total + best), 3)) for other, score in ranked[1:4]),
        asked,
    )


def _sum(weights: Iterable[float]) -> float:
    """Evidence adds up, each further piece counting half of the one before."""
    some = tuple(weights)
    favour = sorted((weight for weight in some if weight > 0), reverse=True)
    against = sum(weight for weight in some if weight < 0)
    return sum(weight * 0.5**place for place, weight in enumerate(favour)) + against


def _bare(text: str) -> str:
    return _NOT_LETTERS.sub("", text.lower()) or text


def _only(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(f"(?:{_alternation(words)})+")


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile(_alternation(words))


def _alternation(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: -len(word)))
