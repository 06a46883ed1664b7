"""One card: what it says, by which questions it is found, whether it helped, whether it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import select

from bot.desk.card_list import ORIGINS, Uses, all_cards, uses_of
from bot.desk.forms import Query, read_query
from bot.desk.group import read_by_members
from bot.desk.parts import PARTS
from bot.desk.rights import Right, needs
from bot.desk.view import page
from models.policy import find_article
from models.question import CardWording, QuestionGroup
from models.staff import Staff
from nlp.cards import WHOLE

if TYPE_CHECKING:
    from bot.desk.card_list import Kept
    from models.db import Work
    from nlp.cards import Card


@dataclass(frozen=True, slots=True)
class Stands:
    """Whether quote and figures stand in the text; `imported` is False when there is no text."""

    imported: bool
    missing: tuple[str, ...] = ()


@needs(Right.KNOWLEDGE)
async def show(request: web.Request) -> web.StreamResponse:
    """The page of one card."""
    read_query(request, Query)
    parts, slug = request.app[PARTS], request.match_info["slug"]
    async with parts.sessions() as work:
        everything = await all_cards(work, parts)
        kept = next((each for each in everything if each.card.slug == slug), None)
        if kept is None:
            raise web.HTTPNotFound
        wordings = select(CardWording).where(CardWording.slug == slug, CardWording.live)
        added = [row.words for row in await work.scalars(wordings.order_by(CardWording.id))]
        values = {
            "kept": kept,
            "card": kept.card,
            "whole": WHOLE,
            "answer": await read_by_members(work, kept.card),
            "own": [words for words in kept.card.questions if words not in added],
            "added": added,
            "uses": (await uses_of(work, [slug])).get(slug, Uses()),
            "stands": await _stands(work, kept.card),
            "origin": ORIGINS[kept.origin],
            "group": await _group(work, kept),
            "checker": await _checker(work, kept),
        }
    return page(request, "card.html", values)


async def _stands(work: Work, card: Card) -> Stands:
    """The card against the imported text, as it is now."""
    found = await find_article(work, card.documents[0], card.article)
    if found is None:
        return Stands(imported=False)
    claims = (*card.figures, card.quote_key)
    return Stands(True, tuple(words for words in claims if words not in found[1].body))


async def _group(work: Work, kept: Kept) -> str:
    """The number of the group it was written for; "" when there is none."""
    if kept.row is None or kept.row.group_id is None:
        return ""
    return (await work.get_one(QuestionGroup, kept.row.group_id)).number


async def _checker(work: Work, kept: Kept) -> str:
    """Who checked it; "" for a card of a file, or one that was not checked."""
    if kept.row is None or kept.row.checked_by is None:
        return ""
    return (await work.get_one(Staff, kept.row.checked_by)).name
