"""The question that stands above a card on a page: one of its samples, written as most would."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nlp.cards import Card

_ASKS = re.compile(
    "[吗呢]$|多少|多久|多长|多大|怎么|怎样|如何|什么|哪|谁|几|合法|可不可以|"
    r"(.)[不没]\1|算数|可以"
)
# Words of the dialect; samples hold them so that they are understood.
_BROAD = re.compile("几多|么办|么样|么事|么子|[冇伢咧咋啥唦滴]|毛毛|屋里|不$")
_SHORTEST, _LONGEST = 5, 18
# A pair of characters in fewer samples than this, and in no card's own words, may be misspelt.
_USUAL = 3
# Such a pair counts as much as so many characters more.
_SLIP = 5


@lru_cache(maxsize=2)
def titles(cards: tuple[Card, ...]) -> Mapping[str, str]:
    """For each card's slug its title, or the shortest sample that asks in common words.

    Samples are also misspelt, in dialect, or mere catchwords, as people type them; such a one
    is taken only where a card has no other, and no title of its own. The first call for 1,500
    cards takes half a second.
    """
    own = {pair for card in cards for text in _written(card) for pair in pairwise(text)}
    typed = Counter(
        pair for card in cards for question in card.questions for pair in pairwise(question)
    )

    def flaws(question: str) -> tuple[bool, bool, bool, bool, int]:
        strange = sum(pair not in own and typed[pair] < _USUAL for pair in set(pairwise(question)))
        return (
            _ASKS.search(question) is None,
            _BROAD.search(question) is not None,
            len(question) < _SHORTEST,
            strange > 0 or len(question) > _LONGEST,
            len(question) + _SLIP * strange,
        )

    return MappingProxyType(
        {card.slug: card.title or min(card.questions, key=flaws) for card in cards}
    )


def _written(card: Card) -> Iterable[str]:
    """What a card says in words that were looked over."""
    return (card.law, card.plain, card.exceptions, card.do, card.quote_key)
