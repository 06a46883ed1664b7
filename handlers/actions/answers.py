"""Answering a question on rules from clause cards and the imported texts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from models.policy import Article, Document, find_article

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work
    from nlp.retrieve import CardIndex
    from nlp.statute import Statute

SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, where it stands, and the page with the full text ("" when not imported)."""

    words: str
    document: str
    article: str
    score: float
    path: str


async def answer(work: Work, cards: CardIndex, question: str, now: datetime) -> Answer | None:
    """The answer with its clause; None when no clause in force clearly says it."""
    found = cards.answer(question)
    if found is None:
        return None
    card = found.card
    if card.status != "verified" or not card.in_force(now.astimezone(SHANGHAI).date()):
        return None
    path = ""
    for stem in card.documents:
        if await find_article(work, stem, card.article) is not None:
            path = f"/policy/{quote(stem)}/{quote(card.article)}"
            break
    since = f"{card.in_force_from:%Y-%m-%d} 起施行"
    words = f"{card.plain}\n依据：《{card.law}》{card.article}，{since}，适用范围：{card.scope}。"
    return Answer(words, card.documents[0], card.article, found.score, path)


async def store_document(work: Work, stem: str, statute: Statute, now: datetime) -> bool:
    """Store one version of one text with its articles; False when it is stored already."""
    digest = hashlib.sha256(
        "\n".join(f"{article.number}\n{article.text}" for article in statute.articles).encode()
    ).hexdigest()
    known = await work.scalar(select(Document).where(Document.stem == stem))
    if known is not None and known.digest == digest:
        return False
    if known is not None:
        await work.execute(delete(Document).where(Document.id == known.id))
    document = Document(
        stem=stem,
        title=statute.title,
        issued=statute.issued,
        in_force_from=statute.in_force_from,
        digest=digest,
        imported_at=now,
    )
    work.add(document)
    await work.flush()
    rows = [
        {
            "document_id": document.id,
            "ordinal": article.ordinal,
            "number": article.number,
            "heading": " ".join(article.heading),
            "body": article.text,
        }
        for article in statute.articles
    ]
    await work.execute(insert(Article), rows)
    return True
