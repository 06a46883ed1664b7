"""Answering a question on rules from clause cards and the imported texts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from models.policy import Article, Document, find_article, find_cited
from nlp.statute import article_number

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work
    from nlp.retrieve import CardIndex
    from nlp.statute import Statute

# “劳动合同法第三十九条”, “《工会法》第 2 条”
CITED = re.compile(
    r"(?P<law>[\u4e00-\u9fff]{1,24}?(?:法|条例|规定|办法))》?\s*第\s*"
    r"(?P<number>[零〇一二三四五六七八九十百]{1,9}|[0-9]{1,4})\s*条"
)
MOST_QUOTED = 500
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
    named = CITED.search(question)
    if named is not None:
        return await _cited(work, named)
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


async def _cited(work: Work, named: re.Match[str]) -> Answer | None:
    """The article somebody asks for by its number, word for word; None when it is not stored."""
    number = named["number"]
    if number.isascii():
        number = article_number(int(number)).removeprefix("第").removesuffix("条")
    found = await find_cited(work, named["law"].removeprefix("中华人民共和国"), f"第{number}条")
    if found is None:
        return None
    document, article = found
    path = f"/policy/{quote(document.stem)}/{quote(article.number)}"
    body = article.body if len(article.body) <= MOST_QUOTED else article.body[:MOST_QUOTED] + "……"
    version = f"（{document.issued:%Y-%m-%d} 公布的版本）"
    words = f"《{document.title}》{article.number}：\n{body}\n{version}"
    return Answer(words, document.stem, article.number, 1.0, path)


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
