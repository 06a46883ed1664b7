"""Finding the clause card that answers a question, or none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Self

import yaml
from pydantic import TypeAdapter

from nlp.cards import Card
from nlp.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """How people name the things of the cards.

    `forms` leads every variant to the word that stands for it. `topics` are the words a question
    can be about; a card that is silent on one of them does not answer it.
    """

    forms: Mapping[str, str]
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A card, how well it fits (0 to about 1) and the words that it shares with the question."""

    card: Card
    score: float
    why: tuple[str, ...]


_SYNONYMS: TypeAdapter[dict[str, tuple[str, ...]]] = TypeAdapter(dict[str, tuple[str, ...]])
_FRAME = re.compile(
    r"请问(?:一下)?|想问(?:一下|下)?|问(?:一下|下)|我想知道|麻烦|您好|你好|谢谢|[啊呀呢吧哦嘛啦哟咯诶的了]"
)
_BREAK = re.compile(r"[\W_]+")
_PLACE = re.compile(
    r"北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南"
    r"|陕西|甘肃|青海|台湾|内蒙|广西|西藏|宁夏|新疆|香港|澳门|武汉|深圳|广州|杭州|南京|成都|西安|长沙|郑州|苏州|宜昌|襄阳"
    r"|荆州|黄石|十堰|孝感|黄冈|咸宁|恩施|随州|荆门|鄂州|仙桃|潜江|天门"
)
# What is asked for: a card whose own questions never ask for it does not tell it.
_ASPECTS = (
    ("多少天", ("多少天", "多久")),
    ("多久", ("多久", "多少天")),
    ("几倍", ("几倍", "两倍", "三倍")),
    ("多少钱", ("多少钱", "收费多少")),
    ("哪家", ("哪家",)),
    ("哪天", ("哪天",)),
    ("电话", ("电话",)),
    ("基数", ("基数",)),
    ("今年", ("今年",)),
)
# Measured on the cards' own questions, each asked without itself: characters and pairs of
# characters rank better than words, and a word no card knows counts half.
_ASKED_SHARE = 0.7
_QUESTION_SHARE = 0.6
_UNKNOWN = 0.5
_STRONG = 0.24
# A short question shares few words with any card, so each must count for more.
_SHORT, _STRONG_WHEN_SHORT = 14, 0.5
_RIVAL = 0.9


def load_vocabulary(lexicon_dir: Path) -> Vocabulary:
    """Read synonyms.yaml and words.txt of the lexicon."""
    lines = (lexicon_dir / "synonyms.yaml").read_text(encoding="utf-8")
    forms = {
        variant: form
        for form, variants in _SYNONYMS.validate_python(yaml.safe_load(lines)).items()
        for variant in (form, *variants)
    }
    words = (lexicon_dir / "words.txt").read_text(encoding="utf-8").splitlines()
    return Vocabulary(forms, tuple(word for word in words if word and word[0] != "#"))


class CardIndex:
    """Cards by the characters of their sample questions and answers."""

    def __init__(self, cards: Sequence[Card], vocabulary: Vocabulary) -> None:
        self._cards = tuple(cards)
        self._forms = vocabulary.forms
        self._form = _any_of(vocabulary.forms)
        self._topic = _any_of({self._plain(word) for word in vocabulary.topics})
        asked = [[self._plain(question) for question in card.questions] for card in cards]
        told = [self._plain("。".join((x.law, *x.questions, x.plain))) for x in cards]
        self._questions = tuple("。".join(some) for some in asked)
        self._topics = tuple(frozenset(self._topic.findall(text)) for text in told)
        self._asked = _Postings([(at, _terms(text)) for at, x in enumerate(asked) for text in x])
        self._told = _Postings([(at, _terms(text)) for at, text in enumerate(told)])

    @classmethod
    def build(cls, cards: Sequence[Card], vocabulary: Vocabulary) -> Self:
        """Index the cards, the unverified too, for staff search them all."""
        return cls(cards, vocabulary)

    @property
    def size(self) -> int:
        """How many cards there are."""
        return len(self._cards)

    def search(self, question: str, limit: int) -> list[Found]:
        """The cards that fit best, best first; none that shares no character."""
        plain = self._plain(question)
        terms = _terms(plain)
        asked = self._asked.scores(terms, _QUESTION_SHARE)
        scores = {
            at: _ASKED_SHARE * asked.get(at, 0.0) + (1 - _ASKED_SHARE) * score
            for at, score in self._told.scores(terms, 1.0).items()
        }
        best = sorted(scores, key=lambda at: (-scores[at], at))[:limit]
        topics = dict.fromkeys(self._topic.findall(plain))
        return [
            Found(
                self._cards[at],
                round(scores[at], 4),
                tuple(topic for topic in topics if topic in self._topics[at]),
            )
            for at in best
        ]

    def answer(self, question: str) -> Found | None:
        """The card that says it, or None when no verified card surely does.

        The caller still asks the card whether it is in force on the day.
        """
        found = self.search(question, 2)
        if not found or not self._tells(found[0].card, question):
            return None
        best, *others = found
        least = _STRONG if len(question) > _SHORT else _STRONG_WHEN_SHORT
        strong = best.score >= least and all(x.score <= _RIVAL * best.score for x in others)
        return best if strong and best.card.status == "verified" else None

    def _tells(self, card: Card, question: str) -> bool:
        at = self._cards.index(card)
        plain = self._plain(question)
        topics = set(self._topic.findall(plain))
        place = _PLACE.search(plain)
        return (
            bool(topics)
            and topics <= self._topics[at]
            and (place is None or place[0] == card.scope)
            and all(
                any(word in self._questions[at] for word in told)
                for asked, told in _ASPECTS
                if asked in plain
            )
        )

    def _plain(self, text: str) -> str:
        bare = _FRAME.sub("", normalise(text).lower())
        return self._form.sub(lambda found: self._forms[found[0]], bare)


class _Postings:
    """For each term the texts that hold it; a text belongs to the card at a place."""

    def __init__(self, texts: Sequence[tuple[int, frozenset[str]]]) -> None:
        self._owners = tuple(owner for owner, _ in texts)
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, (_, terms) in enumerate(texts):
            for term in terms:
                self._places[term].append(place)
        count = len(texts)
        self._weights = {
            term: log(1 + (count - len(places) + 0.5) / (len(places) + 0.5))
            for term, places in self._places.items()
        }
        self._unknown = _UNKNOWN * log(1 + (count + 0.5) / 0.5)
        self._masses = tuple(sum(self._weights[term] for term in terms) for _, terms in texts)

    def scores(self, terms: frozenset[str], question_share: float) -> dict[int, float]:
        """For each card the part in common of question and text, by the weight of the terms.

        `question_share` 1 measures against the question alone, 0 against the text alone.
        """
        own = sum(self._weights.get(term, self._unknown) for term in terms)
        common: dict[int, float] = defaultdict(float)
        for term in terms:
            for place in self._places.get(term, ()):
                common[place] += self._weights[term]
        best: dict[int, float] = {}
        for place, mass in common.items():
            owner = self._owners[place]
            whole = own**question_share * self._masses[place] ** (1 - question_share)
            best[owner] = max(best.get(owner, 0.0), mass / whole)
        return best


def _terms(plain: str) -> frozenset[str]:
    parts = _BREAK.split(plain)
    pairs = (part[at : at + 2] for part in parts for at in range(len(part) - 1))
    return frozenset((*pairs, *(sign for part in parts for sign in part)))


def _any_of(words: Mapping[str, str] | set[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(x) for x in sorted(words, key=lambda x: (-len(x), x))))
