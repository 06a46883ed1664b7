"""Versions of documents: stored, put right, taken out and brought back, compared."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from handlers.errors import ChangedMeanwhileError, DomainError
from models import audit
from models.policy import Article, Document, NoticeDraft, articles_of
from nlp.amendment import Change, Clause, Kind, compare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from handlers.actions.tickets import Staffer
    from models.audit import AuditEntry
    from models.db import Work
    from nlp.cards import Card
    from nlp.full_text import FullText

IMPORTED = "document.import"
REGISTERED, EXPIRED = "document.register", "document.expire"
WITHDRAWN, RESTORED, UNDONE = "document.withdraw", "document.restore", "document.undo"
CHANGING = (REGISTERED, EXPIRED, WITHDRAWN, RESTORED, UNDONE)
WITHDRAWN_AT = "withdrawn"
LONGEST_QUOTE = 120
MOST_QUOTES = 12
HEADS: Mapping[Kind, str] = {
    Kind.CHANGED: "改动的条文",
    Kind.ADDED: "新增的条文",
    Kind.REMOVED: "删去的条文",
}


class NothingToUndoError(DomainError):
    """这一步后面又有了别的改动，不能直接撤销。请刷新后按现在的情况再改。"""


class DatesCrossedError(DomainError):
    """失效日期不能早于施行日期，请核对后再保存。"""


class NoChangeError(DomainError):
    """填的内容和现在一样，没有要保存的。"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The version of a text in the database; `new` when this import put it there."""

    document: Document
    new: bool


@dataclass(frozen=True, slots=True)
class Register:
    """What is known about a version beside its words, as staff put it down."""

    issuer: str
    scope: str
    source: str
    in_force_from: date | None
    in_force_to: date | None


async def store_document(work: Work, text: FullText, actor: str, now: datetime) -> Stored:
    """Store one version of one text with its articles, once.

    Words that are stored under the same stem already add nothing; a day in force that was not
    known then is put down. Other words under that stem are its next revision.
    """
    await work.execute(select(func.pg_advisory_xact_lock(func.hashtext(text.stem))))
    digest = digest_of(text)
    query = select(Document).where(Document.stem == text.stem).order_by(Document.revision.desc())
    earlier = list(await work.scalars(query))
    known = next((each for each in earlier if each.digest == digest), None)
    if known is not None:
        starts = text.statute.in_force_from
        if known.in_force_from is None and starts is not None:
            _put(work, known, REGISTERED, {"in_force_from": starts.isoformat()}, actor, now)
        return Stored(known, new=False)
    revision = earlier[0].revision + 1 if earlier else 1
    document = _row(text, revision, digest, now)
    work.add(document)
    await work.flush()
    await work.execute(insert(Article), _articles(text, document.id))
    count = str(len(text.statute.articles))
    audit.record(work, now, actor, IMPORTED, document.name, rows=count, source=text.source)
    return Stored(document, new=True)


def digest_of(text: FullText) -> str:
    """What two texts share when their words are the same."""
    words = [f"{article.number}\n{article.text}" for article in text.statute.articles]
    if text.statute.appendix:
        words.append(text.statute.appendix)
    return hashlib.sha256("\n".join(words).encode()).hexdigest()


def _row(text: FullText, revision: int, digest: str, now: datetime) -> Document:
    return Document(
        stem=text.stem,
        revision=revision,
        title=text.statute.title,
        issuer=text.issuer,
        scope=text.scope,
        issued=text.statute.issued,
        in_force_from=text.statute.in_force_from,
        in_force_to=text.in_force_to,
        source=text.source,
        appendix=text.statute.appendix,
        digest=digest,
        imported_at=now,
        changed_at=now,
    )


def _articles(text: FullText, document_id: int) -> list[dict[str, object]]:
    return [
        {
            "document_id": document_id,
            "ordinal": article.ordinal,
            "number": article.number,
            "heading": " ".join(article.heading),
            "body": article.text,
        }
        for article in text.statute.articles
    ]


def register(
    work: Work, document: Document, entry: Register, staffer: Staffer, now: datetime
) -> None:
    """Put down what is known about a version; DatesCrossedError, NoChangeError."""
    if entry.in_force_from and entry.in_force_to and entry.in_force_to < entry.in_force_from:
        raise DatesCrossedError
    wanted = {
        "issuer": entry.issuer,
        "scope": entry.scope,
        "source": entry.source,
        "in_force_from": _iso(entry.in_force_from),
        "in_force_to": _iso(entry.in_force_to),
    }
    current = state_of(document)
    changes = {key: value for key, value in wanted.items() if current[key] != value}
    if not changes:
        raise NoChangeError
    _put(work, document, REGISTERED, changes, staffer.actor, now)


def expire(work: Work, document: Document, last: date, staffer: Staffer, now: datetime) -> None:
    """Put down the last day on which a version holds; DatesCrossedError before its first."""
    if document.starts is not None and last < document.starts:
        raise DatesCrossedError
    if document.in_force_to == last:
        raise NoChangeError
    _put(work, document, EXPIRED, {"in_force_to": last.isoformat()}, staffer.actor, now)


def withdraw(work: Work, document: Document, staffer: Staffer, now: datetime) -> None:
    """Take a version out of use; its text is kept."""
    if document.withdrawn_at is not None:
        raise NoChangeError
    _put(work, document, WITHDRAWN, {WITHDRAWN_AT: now.isoformat()}, staffer.actor, now)


def restore(work: Work, document: Document, staffer: Staffer, now: datetime) -> None:
    """Bring a withdrawn version back into use."""
    if document.withdrawn_at is None:
        raise NoChangeError
    _put(work, document, RESTORED, {WITHDRAWN_AT: ""}, staffer.actor, now)


def last_change(history: Sequence[AuditEntry]) -> AuditEntry | None:
    """The newest act that can be undone, of a history with the oldest first."""
    return next((entry for entry in reversed(history) if entry.action in CHANGING), None)


async def undo(
    work: Work, document: Document, entry_id: int, staffer: Staffer, now: datetime
) -> None:
    """Take the last change back; NothingToUndoError when it is not the last any more."""
    entry = last_change(await audit.about(work, document.name))
    if entry is None or entry.id != entry_id:
        raise NothingToUndoError
    before = {
        key.removeprefix("was_"): value
        for key, value in entry.data.items()
        if key.startswith("was_")
    }
    current = state_of(document)
    if any(current[key] != entry.data[key] for key in before):
        raise NothingToUndoError
    _put(work, document, UNDONE, before, staffer.actor, now)


def state_of(document: Document) -> dict[str, str]:
    """What staff can change, as text; "" for what is not known."""
    withdrawn = document.withdrawn_at
    return {
        "issuer": document.issuer,
        "scope": document.scope,
        "source": document.source,
        "in_force_from": _iso(document.in_force_from),
        "in_force_to": _iso(document.in_force_to),
        WITHDRAWN_AT: "" if withdrawn is None else withdrawn.isoformat(),
    }


def _put(
    work: Work,
    document: Document,
    action: str,
    changes: Mapping[str, str],
    actor: str,
    now: datetime,
) -> None:
    """Change the version, and write down how it was, so that it can be undone."""
    current = state_of(document)
    for key, value in changes.items():
        if key == WITHDRAWN_AT:
            document.withdrawn_at = now if value else None
        elif key.startswith("in_force"):
            setattr(document, key, date.fromisoformat(value) if value else None)
        else:
            setattr(document, key, value)
    document.changed_at = now
    after = state_of(document)
    data = {f"was_{key}": current[key] for key in changes} | {key: after[key] for key in changes}
    audit.record(work, now, actor, action, document.name, **data)


def _iso(day: date | None) -> str:
    return "" if day is None else day.isoformat()


async def compare_versions(work: Work, older: Document, newer: Document) -> tuple[Change, ...]:
    """What the newer version changed."""
    before = [Clause(each.number, each.body) for each in await articles_of(work, older.id)]
    after = [Clause(each.number, each.body) for each in await articles_of(work, newer.id)]
    return await asyncio.to_thread(compare, before, after)


def cards_touched(change: Change, older: Document, cards: Sequence[Card]) -> list[Card]:
    """The clause cards that rest on what this article said."""
    return [
        card for card in cards if older.stem in card.documents and card.article == change.older
    ]


def dates_on_cards(cards: Sequence[Card]) -> dict[str, date]:
    """The day in force of a text by its stem, where all verified cards that rest on it agree."""
    days: dict[str, set[date]] = {}
    for card in cards:
        if card.status == "verified":
            for stem in card.documents:
                days.setdefault(stem, set()).add(card.in_force_from)
    return {stem: some.pop() for stem, some in days.items() if len(some) == 1}


def draft_notice(older: Document, newer: Document, changes: Sequence[Change]) -> str:
    """A notice in plain words, to be read and changed by an officer before anybody sees it."""
    since = f"，{_said(newer.starts)}起施行" if newer.starts else "（施行日期请核实后补上）"
    counted = "，".join(
        f"{words} {count} 条"
        for kind, words in (
            (Kind.CHANGED, "改动"),
            (Kind.ADDED, "新增"),
            (Kind.REMOVED, "删去"),
            (Kind.RENUMBERED, "只调整条号"),
        )
        if (count := sum(change.kind is kind for change in changes))
    )
    lines = [
        f"《{newer.title}》有新的版本了",
        "",
        (
            f"《{newer.title}》的新版本于 {_said(newer.issued)}公布{since}。"
            f"和 {_said(older.issued)}公布的版本相比，{counted or '条文没有变化'}。"
        ),
    ]
    for kind, head in HEADS.items():
        told = [change for change in changes if change.kind is kind]
        if told:
            lines += ["", f"{head}："]
            lines += [_quoted(change) for change in told[:MOST_QUOTES]]
        if len(told) > MOST_QUOTES:
            lines.append(f"……还有 {len(told) - MOST_QUOTES} 条，请看全文。")
    lines += ["", "和您有关的地方拿不准，可以直接在公众号里问我们，也可以发“人工”找工作人员。"]
    return "\n".join(lines)


def _quoted(change: Change) -> str:
    words = " ".join(change.words.split())
    short = words if len(words) <= LONGEST_QUOTE else words[:LONGEST_QUOTE] + "……"
    moved = change.older and change.newer and change.older != change.newer
    name = f"{change.newer}（原{change.older}）" if moved else change.newer or change.older
    return f"· {name}：{short}"


def _said(day: date | None) -> str:
    return "" if day is None else f"{day.year} 年 {day.month} 月 {day.day} 日"


async def find_notice(work: Work, older: Document, newer: Document) -> NoticeDraft | None:
    """The draft for these two versions."""
    query = select(NoticeDraft).where(
        NoticeDraft.older_id == older.id, NoticeDraft.newer_id == newer.id
    )
    return await work.scalar(query)


@dataclass(frozen=True, slots=True)
class Notice:
    """A draft as it was edited; `version` is that of the draft it came from, 0 for none."""

    words: str
    version: int


async def keep_notice(
    work: Work, pair: tuple[Document, Document], notice: Notice, staffer: Staffer, now: datetime
) -> None:
    """Keep the edited draft; ChangedMeanwhileError when somebody else was quicker."""
    older, newer = pair
    await work.execute(select(func.pg_advisory_xact_lock(func.hashtext(newer.name))))
    draft = await find_notice(work, older, newer)
    if (0 if draft is None else draft.version) != notice.version:
        raise ChangedMeanwhileError
    if draft is None:
        work.add(
            NoticeDraft(
                older_id=older.id,
                newer_id=newer.id,
                words=notice.words,
                updated_at=now,
                updated_by=staffer.id,
            )
        )
    else:
        draft.words, draft.updated_at, draft.updated_by = notice.words, now, staffer.id
    audit.record(work, now, staffer.actor, "document.notice", newer.name, about=older.name)
