"""Full texts of laws and rules, by version and article."""

from __future__ import annotations

from datetime import date
from typing import cast

from sqlalchemy import ForeignKey, UniqueConstraint, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id, Moment, Work


class Document(Base):
    """One version of one text; `stem`, its file name without ending, names it in citations."""

    __tablename__ = "document"

    id: Mapped[Id]
    stem: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    issued: Mapped[date]
    in_force_from: Mapped[date | None]
    digest: Mapped[str]
    imported_at: Mapped[Moment]


class Article(Base):
    """One 条 with its 款 and 项 as lines."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("document_id", "number"),)

    id: Mapped[Id]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    ordinal: Mapped[int]
    number: Mapped[str]
    heading: Mapped[str]
    body: Mapped[str]


async def find_article(work: Work, stem: str, number: str) -> tuple[Document, Article] | None:
    """One article of one document version; None when it was never imported."""
    query = (
        select(Document, Article)
        .join(Article, Article.document_id == Document.id)
        .where(Document.stem == stem, Article.number == number)
    )
    row = (await work.execute(query)).one_or_none()
    return None if row is None else cast("tuple[Document, Article]", tuple(row))


async def find_cited(work: Work, law: str, number: str) -> tuple[Document, Article] | None:
    """One article of the newest version of the law whose title ends the phrase “按劳动法”."""
    query = (
        select(Document, Article)
        .join(Article, Article.document_id == Document.id)
        .where(literal(law).endswith(Document.title), Article.number == number)
        .order_by(func.length(Document.title).desc(), Document.issued.desc())
        .limit(1)
    )
    row = (await work.execute(query)).one_or_none()
    return None if row is None else cast("tuple[Document, Article]", tuple(row))


async def count_articles(work: Work) -> tuple[int, int]:
    """How many documents and articles are stored."""
    documents = await work.scalar(select(func.count()).select_from(Document))
    articles = await work.scalar(select(func.count()).select_from(Article))
    return documents or 0, articles or 0
