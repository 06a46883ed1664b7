"""Every card that answers, from files and from the desk, and how often each one did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import func, select

from bot.desk import words
from bot.desk.forms import Line, Search, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import Right, needs
from bot.desk.view import SHORT, page, paging
from handlers.actions.desk_cards import as_card
from models.question import CardStatus, DeskCard, GivenAnswer
from nlp.cards import Card, Theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from bot.desk.parts import DeskParts
    from models.db import Work

STATUSES: Mapping[str, str] = {status: label.words for status, label in words.CARD.items()}
ORIGINS: Mapping[str, str] = {"file": "随程序发布", "desk": "工作台写的"}


class CardSearch(Search):
    """Which cards; "" for every one."""

    law: Line = ""
    theme: Line = ""
    status: Literal["", "verified", "unverified", "withdrawn"] = ""
    origin: Literal["", "file", "desk"] = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """A card as it stands at the desk; `row` is None for one from a file."""

    card: Card
    row: DeskCard | None

    @property
    def status(self) -> str:
        """Whether it is quoted."""
        return self.card.status if self.row is None else self.row.status

    @property
    def origin(self) -> str:
        """Where it comes from."""
        return "file" if self.row is None else "desk"

    @property
    def label(self) -> words.Label:
        """The status in words."""
        return words.CARD[self.status]


@dataclass(frozen=True, slots=True)
class Uses:
    """How often a card answered, and how often people said that it helped or did not."""

    answered: int = 0
    useful: int = 0
    useless: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One card in the list."""

    kept: Kept
    uses: Uses


@needs(Right.KNOWLEDGE)
async def show(request: web.Request) -> web.StreamResponse:
    """The list."""
    search = read_query(request, CardSearch)
    async with request.app[PARTS].sessions() as work:
        everything = await all_cards(work, request.app[PARTS])
        found = [kept for kept in everything if _fits(kept, search)]
        start = (search.page - 1) * SHORT
        shown = found[start : start + SHORT]
        uses = await uses_of(work, [kept.card.slug for kept in shown])
    values = {
        "search": search,
        "rows": [Row(kept, uses.get(kept.card.slug, Uses())) for kept in shown],
        "laws": [(law, law) for law in sorted({kept.card.law for kept in everything})],
        "themes": [(theme, theme) for theme in get_args(Theme)],
        "statuses": STATUSES,
        "origins": ORIGINS,
        "paging": paging(
            search,
            len(found),
            law=search.law,
            theme=search.theme,
            status=search.status,
            origin=search.origin,
        ),
    }
    return page(request, "cards.html", values)


async def all_cards(work: Work, parts: DeskParts) -> list[Kept]:
    """The cards of the desk, the newest first, and then those of the files."""
    rows = list(await work.scalars(select(DeskCard).order_by(DeskCard.id.desc())))
    desk = {row.slug: Kept(as_card(row), row) for row in rows}
    live = {card.slug: card for card in parts.clauses.cards}
    own = [Kept(live.get(slug, kept.card), kept.row) for slug, kept in desk.items()]
    return [*own, *(Kept(card, None) for slug, card in live.items() if slug not in desk)]


async def uses_of(work: Work, slugs: Sequence[str]) -> dict[str, Uses]:
    """How often each of these cards answered; those that never did are missing."""
    query = (
        select(
            GivenAnswer.slug,
            func.count(),
            func.count().filter(GivenAnswer.useful.is_(True)),
            func.count().filter(GivenAnswer.useful.is_(False)),
        )
        .where(GivenAnswer.slug.in_(slugs))
        .group_by(GivenAnswer.slug)
    )
    return {slug: Uses(*counts) for slug, *counts in (await work.execute(query)).all()}


def _fits(kept: Kept, search: CardSearch) -> bool:
    card = kept.card
    wanted = (
        (search.law, card.law),
        (search.theme, card.theme),
        (search.status, kept.status),
        (search.origin, kept.origin),
    )
    if any(asked and asked != has for asked, has in wanted):
        return False
    if search.status == "" and kept.status == CardStatus.WITHDRAWN:
        return False
    told = (card.slug, card.cited, card.plain, *card.questions)
    return not search.q or any(search.q in each for each in told)
