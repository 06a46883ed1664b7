"""The rooms beside the callback: the desk, and outside `live` the simulated WeChat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.desk import words
from bot.desk.app import DeskParts, Shown, create_desk
from bot.member.app import LibraryParts, create_library
from bot.simulator.app import Account, create_simulator
from handlers.catalogue import sheet
from models.policy import count_articles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from bot.app import Parts
    from handlers.catalogue.schema import Answers

ACCOUNT_NAME = "连心桥·省直工会"
ORIGINAL_ID = "gh_lianxinqiao1"


def create_rooms(parts: Parts) -> Mapping[str, web.Application]:
    """Every room with the prefix it is mounted at."""
    library = LibraryParts(
        parts.sessions,
        parts.services.clauses,
        parts.clock,
        parts.settings.public_url.startswith("https://"),
    )
    rooms = {"/desk/": create_desk(_desk_parts(parts)), "/policy/": create_library(library)}
    if parts.settings.environment != "live":
        rooms["/simulator/"] = create_simulator(
            account_of(parts),
            f"{parts.settings.local_url}/wechat",
            clock=parts.clock,
            store=parts.settings.data_dir / "simulator.json",
        )
    return rooms


def account_of(parts: Parts) -> Account:
    """The service account as the simulator plays it."""
    wechat = parts.settings.wechat
    return Account(
        app_id=wechat.app_id,
        app_secret=wechat.app_secret,
        token=wechat.token,
        encoding_aes_keys=tuple(wechat.encoding_aes_keys),
        original_id=ORIGINAL_ID,
        name=ACCOUNT_NAME,
    )


def _desk_parts(parts: Parts) -> DeskParts:
    def describe(programme: str, answers: Answers) -> list[Shown]:
        rows = sheet.rows(parts.services.knowledge.programmes[programme], answers)
        return [Shown(row.label, row.value, row.sensitive, row.photos) for row in rows]

    async def running() -> dict[str, object]:
        async with parts.sessions() as work:
            documents, articles = await count_articles(work)
        language = parts.services.language.condition
        phrasing = parts.services.phrasing
        return {
            "documents": documents,
            "articles": articles,
            "cards": parts.services.clauses.condition.cards,
            "language": language.edition or "正在载入",
            "encoder": words.encoder(language.encoder, language.learnt, language.to_learn),
            "language_fault": language.fault or "没有",
            "phrasing": words.phrasing(None if phrasing is None else phrasing.condition),
        }

    return DeskParts(
        sessions=parts.sessions,
        ring=parts.ring,
        clock=parts.clock,
        settings=parts.settings.desk,
        secure_cookies=parts.settings.public_url.startswith("https://"),
        programmes=parts.services.knowledge.programmes,
        describe=describe,
        evidence=parts.evidence,
        running=running,
        clauses=parts.services.clauses,
    )
