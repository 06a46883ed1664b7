"""Cards written at the desk, and wordings added there, as the index takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.question import CardStatus, CardWording, DeskCard
from nlp.cards import Card, CardLines, card_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from models.db import Work


@dataclass(frozen=True, slots=True)
class DeskCards:
    """The verified cards of the desk, and the live wordings by the slug of their card."""

    cards: tuple[Card, ...] = ()
    wordings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def added_to(self, others: Iterable[Card]) -> tuple[Card, ...]:
        """All cards, each with the wordings that were added to it; the desk's come last."""
        return tuple(self._worded(card) for card in (*others, *self.cards))

    def _worded(self, card: Card) -> Card:
        more = tuple(
            words for words in self.wordings.get(card.slug, ()) if words not in card.questions
        )
        return replace(card, questions=(*card.questions, *more)) if more else card


async def read_cards(work: Work) -> DeskCards:
    """What the index takes from the desk: nothing unverified, nothing taken back."""
    verified = select(DeskCard).where(DeskCard.status == CardStatus.VERIFIED)
    rows = await work.scalars(verified.order_by(DeskCard.id))
    cards = tuple(as_card(row) for row in rows)
    live = select(CardWording).where(CardWording.live).order_by(CardWording.id)
    wordings: dict[str, list[str]] = defaultdict(list)
    for row in await work.scalars(live):
        wordings[row.slug].append(row.words)
    return DeskCards(cards, {slug: tuple(words) for slug, words in wordings.items()})


def as_card(row: DeskCard) -> Card:
    """The card of a row, whatever its status."""
    lines = CardLines.model_validate(row.lines)
    status = "verified" if row.status == CardStatus.VERIFIED else "unverified"
    return card_of(
        lines.model_copy(update={"status": status}), row.law, tuple(row.documents), row.unit
    )
