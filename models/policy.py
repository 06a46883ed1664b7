"""Full texts of laws and rules, by version and article, and which of them holds on a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, cast

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, aliased, mapped_column

from models.db import Base, Id, Moment, Work

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement


class Document(Base):
    """One version of one text; `stem`, its name in citations, is title and day of issue.

    A text imported again under the same stem with other words is the next `revision`, from 1.
    Versions of one text share title and scope. `in_force_from` is the day the text itself names,
    which for an amended law is that of its first version; None when nobody knows it.
    `in_force_to` is its last day, None when no end is known. `withdrawn_at` takes it out of use,
    as after a mistake; `changed_at` moves with every change.
    """

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("stem", "revision"),
        Index("ix_document_title", "title", "scope"),
    )

    id: Mapped[Id]
    stem: Mapped[str]
    revision: Mapped[int]
    title: Mapped[str]
    issuer: Mapped[str]
    scope: Mapped[str]
    issued: Mapped[date]
    in_force_from: Mapped[date | None]
    in_force_to: Mapped[date | None]
    source: Mapped[str]
    appendix: Mapped[str]
    digest: Mapped[str]
    imported_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    withdrawn_at: Mapped[Moment | None]

    @property
    def name(self) -> str:
        """What tells it from every other version."""
        return self.stem if self.revision == 1 else f"{self.stem}#{self.revision}"

    @property
    def starts(self) -> date | None:
        """The first day on which this version can hold: never before it was issued."""
        return None if self.in_force_from is None else max(self.in_force_from, self.issued)


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


class FileState(StrEnum):
    """What became of one uploaded file."""

    WAITING = "waiting"
    STORED = "stored"
    KNOWN = "known"
    BROKEN = "broken"


class Upload(Base):
    """Files handed in together at the desk; `given` is what was said about them."""

    __tablename__ = "upload"

    id: Mapped[Id]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    given: Mapped[dict[str, str]] = mapped_column(JSONB)
    created_at: Mapped[Moment]


class UploadFile(Base):
    """One of them; `content` is kept until it has been read.

    `reason` says why it is broken. `attempts` counts how often reading was begun, for a file that
    brings the process down.
    """

    __tablename__ = "upload_file"

    id: Mapped[Id]
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str]
    reason: Mapped[str]
    document_id: Mapped[int | None] = mapped_column(
        ForeignKey("document.id", ondelete="SET NULL"), index=True
    )
    articles: Mapped[int]
    attempts: Mapped[int]
    done_at: Mapped[Moment | None]


class NoticeDraft(Base):
    """A notice on what changed between two versions, as staff edit it; never sent by itself."""

    __tablename__ = "notice_draft"
    __table_args__ = (UniqueConstraint("older_id", "newer_id"),)

    id: Mapped[Id]
    older_id: Mapped[int] = mapped_column(ForeignKey("document.id", ondelete="CASCADE"))
    newer_id: Mapped[int] = mapped_column(
        ForeignKey("document.id", ondelete="CASCADE"), index=True
    )
    words: Mapped[str]
    updated_at: Mapped[Moment]
    updated_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Standing(StrEnum):
    """How a version stands on a day."""

    IN_FORCE = "in_force"
    COMING = "coming"
    UNDATED = "undated"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


# Whom to ask first when several versions have the article.
ORDER = (
    Standing.IN_FORCE,
    Standing.UNDATED,
    Standing.COMING,
    Standing.SUPERSEDED,
    Standing.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Cited:
    """An article, the version it stands in, and how that version stands on the day asked for."""

    document: Document
    article: Article
    standing: Standing

    @property
    def holds(self) -> bool:
        """Whether nothing is known against it; the day in force may not be known either."""
        return self.standing in {Standing.IN_FORCE, Standing.UNDATED}


def standings(versions: Sequence[Document], day: date) -> dict[int, Standing]:
    """How each version stands on a day, by its id; of each text all versions must be there."""
    texts: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for version in versions:
        texts[version.title, version.scope].append(version)
    return {
        version.id: _standing(version, text, day) for text in texts.values() for version in text
    }


def _standing(version: Document, text: Sequence[Document], day: date) -> Standing:
    if version.withdrawn_at is not None:
        return Standing.WITHDRAWN
    if version.in_force_to is not None and version.in_force_to < day:
        return Standing.EXPIRED
    if any(_replaces(other, version, day) for other in text):
        return Standing.SUPERSEDED
    if version.starts is None:
        return Standing.UNDATED
    return Standing.IN_FORCE if version.starts <= day else Standing.COMING


def _replaces(other: Document, version: Document, day: date) -> bool:
    """Whether a later version has taken the place of this one.

    Other words for the same issue do so at once, a later issue on its first day.
    """
    if other.withdrawn_at is not None:
        return False
    if other.stem == version.stem:
        return other.revision > version.revision
    return other.issued > version.issued and other.starts is not None and other.starts <= day


def newest_first(document: Document) -> tuple[int, int]:
    """A key to sort versions of one text by."""
    return -document.issued.toordinal(), -document.revision


def in_use() -> ColumnElement[bool]:
    """The newest revision of each stem that was not withdrawn: what a stem in a citation means."""
    later = aliased(Document)
    return Document.withdrawn_at.is_(None) & ~exists().where(
        later.stem == Document.stem,
        later.revision > Document.revision,
        later.withdrawn_at.is_(None),
    )


async def versions_of(work: Work, title: str, scope: str) -> list[Document]:
    """Every version of one text, withdrawn ones too, the newest first."""
    query = select(Document).where(Document.title == title, Document.scope == scope)
    return sorted(await work.scalars(query), key=newest_first)


async def articles_of(work: Work, document_id: int) -> list[Article]:
    """The articles of one version, in their order."""
    query = select(Article).where(Article.document_id == document_id)
    return list(await work.scalars(query.order_by(Article.ordinal, Article.id)))


async def find_article(work: Work, stem: str, number: str) -> tuple[Document, Article] | None:
    """One article of the text that the stem means; None when it is not in use."""
    query = (
        select(Document, Article)
        .join(Article, Article.document_id == Document.id)
        .where(Document.stem == stem, Article.number == number, in_use())
    )
    row = (await work.execute(query)).one_or_none()
    return None if row is None else cast("tuple[Document, Article]", tuple(row))


async def find_holding(work: Work, stem: str, number: str, day: date) -> Cited | None:
    """The article that says on this day what it says in the text of this stem.

    When another version has taken over with the same words, the article there; otherwise the
    one of the stem with its standing. None when it is not imported.
    """
    found = await find_article(work, stem, number)
    if found is None:
        return None
    document, article = found
    versions = await versions_of(work, document.title, document.scope)
    stand = standings(versions, day)
    if stand[document.id] is Standing.SUPERSEDED:
        for version in versions:
            if stand[version.id] is Standing.IN_FORCE:
                same = await find_article(work, version.stem, number)
                if same is not None and same[1].body == article.body:
                    return Cited(*same, Standing.IN_FORCE)
    return Cited(document, article, stand[document.id])


async def find_cited(work: Work, law: str, number: str, day: date) -> Cited | None:
    """One article of the law whose title ends the phrase “按劳动法”.

    Of its versions with this article: the one in force on the day, else what comes nearest to
    it, with its standing. None when it was never imported.
    """
    named = literal(law).endswith(Document.title) & Document.withdrawn_at.is_(None)
    longest = await work.scalar(select(func.max(func.length(Document.title))).where(named))
    if longest is None:
        return None
    query = (
        select(Document, Article)
        .join(Article, Article.document_id == Document.id)
        .where(named, func.length(Document.title) == longest, Article.number == number)
    )
    found = {document.id: (document, article) for document, article in await work.execute(query)}
    every = select(Document).where(named, func.length(Document.title) == longest)
    versions = sorted(await work.scalars(every), key=newest_first)
    stand = standings(versions, day)
    for standing in ORDER:
        for version in versions:
            if stand[version.id] is standing and version.id in found:
                return Cited(*found[version.id], standing)
    return None


async def count_articles(work: Work) -> tuple[int, int]:
    """How many documents and articles are in use."""
    documents = await work.scalar(select(func.count(Document.id)).where(in_use()))
    articles = await work.scalar(
        select(func.count(Article.id))
        .join(Document, Document.id == Article.document_id)
        .where(in_use())
    )
    return documents or 0, articles or 0
