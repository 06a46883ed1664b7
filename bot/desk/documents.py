"""Laws and rules in a list: what holds, what is to come, what is marked."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from bot.desk import words
from bot.desk.forms import Form, Line, Search, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.sheet import LONGEST, sheet
from bot.desk.view import SHORT, page, paging
from models import audit
from models.policy import Article, Document, Standing, newest_first, standings
from nlp.full_text import SCOPES, Scope

if TYPE_CHECKING:
    from datetime import date

    from aiohttp import web

    from models.db import Work

# The version that stands for its text in the list, the first of these that there is.
LEADS = (
    Standing.IN_FORCE,
    Standing.UNDATED,
    Standing.COMING,
    Standing.EXPIRED,
    Standing.SUPERSEDED,
    Standing.WITHDRAWN,
)
TABS = (
    Standing.IN_FORCE,
    Standing.COMING,
    Standing.UNDATED,
    Standing.EXPIRED,
    Standing.WITHDRAWN,
)
State = Literal["all", "in_force", "coming", "undated", "expired", "withdrawn"]
HEAD = (
    "引用名",
    "标题",
    "适用范围",
    "发布机关",
    "公布日期",
    "施行日期",
    "失效日期",
    "状态",
    "条数",
    "来源",
    "导入时间",
)


class DocumentSearch(Search):
    """Which texts; `q` is a part of title or issuer."""

    state: State = "all"
    scope: Scope | Literal[""] = ""


class DocumentExport(Form):
    """Which texts go into the file."""

    q: Line = ""
    state: State = "all"
    scope: Scope | Literal[""] = ""


@dataclass(frozen=True, slots=True)
class Text:
    """One text with all its versions, the newest first; `lead` is the one to be read."""

    lead: Document
    versions: Sequence[Document]
    stand: dict[int, Standing]

    @property
    def standing(self) -> Standing:
        """How the one to be read stands."""
        return self.stand[self.lead.id]

    @property
    def states(self) -> set[Standing]:
        """Under which states it is listed: its own, and what of it waits for something."""
        return {self.standing} | ({Standing.COMING, Standing.UNDATED} & set(self.stand.values()))

    @property
    def label(self) -> words.Label:
        """The same in words."""
        return words.STANDING[self.standing]

    @property
    def coming(self) -> Document | None:
        """A newer version that waits for its day, or for somebody to look up its day."""
        return next(
            (
                each
                for each in self.versions
                if each.id != self.lead.id
                and each.issued > self.lead.issued
                and self.stand[each.id] in {Standing.COMING, Standing.UNDATED}
            ),
            None,
        )


@needs(Right.DOCUMENTS)
async def show(request: web.Request) -> web.StreamResponse:
    """The list."""
    parts = request.app[PARTS]
    search = read_query(request, DocumentSearch)
    async with parts.sessions() as work:
        texts = _sought(await _texts(work, words.local(parts.clock()).date()), search)
        counts = Counter(state for text in texts for state in text.states)
        found = _in_state(texts, search.state)
        start = (search.page - 1) * SHORT
        shown = found[start : start + SHORT]
        lengths = await lengths_of(work, [text.lead.id for text in shown])
    tabs = [(state.value, words.STANDING[state].words, counts[state]) for state in TABS]
    values = {
        "search": search,
        "scopes": SCOPES,
        "tabs": [("all", "全部", len(texts)), *tabs],
        "rows": shown,
        "lengths": lengths,
        "paging": paging(search, len(found), state=search.state, scope=search.scope),
    }
    return page(request, "documents.html", values)


@needs(Right.DOCUMENTS)
async def export(request: web.Request) -> web.StreamResponse:
    """Every version of the texts in the list, as a file."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    form, now = await read_form(request, DocumentExport), parts.clock()
    search = DocumentSearch(q=form.q, state=form.state, scope=form.scope)
    async with parts.sessions.begin() as work:
        texts = _in_state(_sought(await _texts(work, words.local(now).date()), search), form.state)
        rows = [(version, text) for text in texts for version in text.versions][:LONGEST]
        lengths = await lengths_of(work, [version.id for version, _ in rows])
        actor, count = visitor.staffer.actor, str(len(rows))
        audit.record(
            work, now, actor, "document.export", visitor.login, rows=count, state=form.state
        )
    return sheet("documents", HEAD, [_cells(*row, lengths) for row in rows])


async def lengths_of(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """How many articles each version has."""
    counted = (
        select(Article.document_id, func.count())
        .where(Article.document_id.in_(ids))
        .group_by(Article.document_id)
    )
    return dict((await work.execute(counted)).all())


async def _texts(work: Work, day: date) -> list[Text]:
    """Every text by its title; there are hundreds, not more."""
    versions = list(await work.scalars(select(Document)))
    stand = standings(versions, day)
    texts: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for version in versions:
        texts[version.title, version.scope].append(version)
    return [_text(texts[key], stand) for key in sorted(texts)]


def _text(versions: list[Document], stand: dict[int, Standing]) -> Text:
    ordered = sorted(versions, key=newest_first)
    lead = min(ordered, key=lambda version: LEADS.index(stand[version.id]))
    return Text(lead, ordered, {version.id: stand[version.id] for version in versions})


def _sought(texts: Sequence[Text], search: DocumentSearch) -> list[Text]:
    wanted = "".join(search.q.split()).strip("《》")
    return [
        text
        for text in texts
        if search.scope in {"", text.lead.scope}
        and any(wanted in f"{each.stem}\n{each.issuer}" for each in text.versions)
    ]


def _in_state(texts: Sequence[Text], state: str) -> list[Text]:
    return [text for text in texts if state == "all" or state in text.states]


def _cells(version: Document, text: Text, lengths: dict[int, int]) -> tuple[str, ...]:
    return (
        version.name,
        version.title,
        version.scope,
        version.issuer,
        version.issued.isoformat(),
        version.in_force_from.isoformat() if version.in_force_from else "",
        version.in_force_to.isoformat() if version.in_force_to else "",
        words.STANDING[text.stand[version.id]].words,
        str(lengths.get(version.id, 0)),
        version.source,
        words.stamp(version.imported_at),
    )
