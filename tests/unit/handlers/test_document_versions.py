"""Documents are stored once, can be marked and unmarked, and are quoted as they stand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from handlers.actions import documents
from handlers.actions.answers import STRANGER, weigh
from handlers.actions.clauses import Clauses
from handlers.actions.documents import (
    DatesCrossedError,
    NoChangeError,
    NothingToUndoError,
    Notice,
    Register,
)
from handlers.actions.tickets import Staffer
from handlers.catalogue.mentions import mentions_of
from handlers.errors import ChangedMeanwhileError
from models import audit
from models.policy import Article, Document
from models.staff import Staff
from tests.documents import LEAVE, stored, text_of

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.app import Loaded
    from models.db import Sessions, Work

SEVEN = (LEAVE[0], "职工每年休假7天。", "单位应当安排休假。")
STAFFER = Staffer(1, "gonghui", "工会甲")


async def sizes(sessions: Sessions) -> tuple[int, int]:
    async with sessions() as work:
        documents_ = await work.scalar(select(func.count(Document.id)))
        articles = await work.scalar(select(func.count(Article.id)))
    return documents_ or 0, articles or 0


async def test_the_same_words_twice_add_nothing(sessions: Sessions, now: datetime):
    first = await stored(sessions, text_of(starts="2020-02-01"), now)
    again = await stored(sessions, text_of(starts="2020-02-01"), now)
    assert (first.new, again.new) == (True, False)
    assert await sizes(sessions) == (1, 2)


async def test_other_words_are_another_revision_and_the_earlier_one_stays(
    sessions: Sessions, now: datetime
):
    await stored(sessions, text_of(), now)
    second = await stored(sessions, text_of(*SEVEN), now)
    back = await stored(sessions, text_of(), now)
    assert (second.document.revision, second.document.name) == (2, "休假办法(2020-01-01)#2")
    assert (back.new, back.document.revision) == (False, 1)
    assert await sizes(sessions) == (2, 5)


async def test_a_day_in_force_that_was_not_known_is_put_down_later(
    sessions: Sessions, now: datetime
):
    await stored(sessions, text_of(), now)
    again = await stored(sessions, text_of(starts="2020-02-01"), now)
    other = await stored(sessions, text_of(starts="2021-02-01"), now)
    assert again.document.in_force_from == date(2020, 2, 1)
    assert other.document.in_force_from == date(2020, 2, 1)


async def document_in(work: Work) -> Document:
    return (await work.scalars(select(Document).with_for_update())).one()


async def test_every_mark_can_be_taken_back_one_after_the_other(sessions: Sessions, now: datetime):
    await stored(sessions, text_of(starts="2020-02-01", source="来信"), now)
    entry = Register("某工会", "武汉", "来信", date(2020, 3, 1), None)
    async with sessions.begin() as work:
        document = await document_in(work)
        before = documents.state_of(document)
        documents.register(work, document, entry, STAFFER, now)
    async with sessions.begin() as work:
        documents.withdraw(work, await document_in(work), STAFFER, now)
    async with sessions.begin() as work:
        document = await document_in(work)
        assert document.withdrawn_at == now
        last = documents.last_change(await audit.about(work, document.name))
        assert last is not None
        await documents.undo(work, document, last.id, STAFFER, now)
    async with sessions.begin() as work:
        document = await document_in(work)
        assert document.withdrawn_at is None
        history = await audit.about(work, document.name)
        with pytest.raises(NothingToUndoError):
            await documents.undo(work, document, history[-2].id, STAFFER, now)
        assert documents.state_of(document) != before
    actions = [entry.action.partition(".")[2] for entry in history]
    assert actions == ["import", "register", "withdraw", "undo"]


async def test_dates_that_cross_are_refused_and_nothing_changes(sessions: Sessions, now: datetime):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    async with sessions.begin() as work:
        document = await document_in(work)
        crossed = Register("", "湖北", "", date(2020, 2, 1), date(2020, 1, 1))
        with pytest.raises(DatesCrossedError):
            documents.register(work, document, crossed, STAFFER, now)
        with pytest.raises(DatesCrossedError):
            documents.expire(work, document, date(2019, 1, 1), STAFFER, now)
        same = Register(document.issuer, "湖北", "", date(2020, 2, 1), None)
        with pytest.raises(NoChangeError):
            documents.register(work, document, same, STAFFER, now)
    async with sessions() as work:
        assert len(await audit.about(work, document.name)) == 1


async def test_a_notice_tells_what_changed_in_plain_words(sessions: Sessions, now: datetime):
    older = (await stored(sessions, text_of(starts="2020-02-01"), now)).document
    text = text_of(*SEVEN, issued="2026-08-01", starts="2026-09-01")
    newer = (await stored(sessions, text, now)).document
    async with sessions() as work:
        changes = await documents.compare_versions(work, older, newer)
    words = documents.draft_notice(older, newer, changes)
    assert "2026 年 8 月 1 日公布，2026 年 9 月 1 日起施行" in words
    assert "改动 1 条，新增 1 条" in words
    assert "· 第二条：职工每年休假7天。" in words
    assert "· 第三条：单位应当安排休假。" in words


async def test_of_two_officers_the_slower_one_overwrites_nothing(
    sessions: Sessions, now: datetime
):
    older = (await stored(sessions, text_of(), now)).document
    newer = (await stored(sessions, text_of(*SEVEN, issued="2026-08-01"), now)).document
    async with sessions.begin() as work:
        staff = Staff(login="a", name="甲", role="officer", path="/1/", password="x")
        work.add(staff)
        await work.flush()
        staffer = Staffer(staff.id, "a", "甲")
        await documents.keep_notice(work, (older, newer), Notice("第一稿", 0), staffer, now)
    async with sessions.begin() as work:
        with pytest.raises(ChangedMeanwhileError):
            await documents.keep_notice(work, (older, newer), Notice("别的", 0), staffer, now)
        await documents.keep_notice(work, (older, newer), Notice("第二稿", 1), staffer, now)
    async with sessions() as work:
        draft = await documents.find_notice(work, older, newer)
    assert draft is not None
    assert (draft.words, draft.version) == ("第二稿", 2)


@pytest.mark.parametrize(
    ("starts", "ends", "said"),
    [
        ("2020-02-01", None, "现行有效"),
        ("", None, "施行日期没有登记"),
        ("2027-01-01", None, "还没有施行"),
        ("2020-02-01", date(2026, 1, 1), "已经失效"),
    ],
)
async def test_a_quoted_clause_says_how_its_version_stands(
    sessions: Sessions, now: datetime, loaded: Loaded, starts: str, ends: date | None, said: str
):
    kept = await stored(sessions, text_of(starts=starts), now)
    async with sessions.begin() as work:
        (await work.get_one(Document, kept.document.id)).in_force_to = ends
    clauses = Clauses.of(loaded.index, loaded.gates, sessions)
    async with sessions() as work:
        found = (await weigh(work, clauses, "休假办法第二条怎么说", STRANGER, now)).answer
    assert found is not None
    assert "2020-01-01 公布的版本" in found.words
    assert said in found.words
    assert ("现行有效" in found.words) is (said == "现行有效")


LAW = "职工带薪年休假条例"


@pytest.mark.parametrize(("ends", "answered"), [(None, True), (date(2026, 1, 1), False)])
async def test_a_card_whose_text_has_expired_is_not_said(
    sessions: Sessions, now: datetime, loaded: Loaded, ends: date | None, answered: bool
):
    cards = loaded.index.cards
    card = next(each for each in cards if each.law == LAW and each.article == "第三条")
    bodies = ["甲。", "乙。", f"{card.quote_key}{''.join(card.figures)}。"]
    text = text_of(*bodies, title=LAW, issued="2007-12-14", starts="2008-01-01")
    kept = await stored(sessions, text, now)
    async with sessions.begin() as work:
        (await work.get_one(Document, kept.document.id)).in_force_to = ends
    clauses = Clauses.of(loaded.index, loaded.gates, sessions)
    async with sessions() as work:
        found = (await weigh(work, clauses, "工作六年能休几天年假", STRANGER, now)).answer
    assert (found is not None) is answered


def test_a_day_in_force_is_known_from_cards_only_when_all_of_them_agree(loaded: Loaded):
    dates = documents.dates_on_cards(loaded.index.cards)
    assert dates["工会法(2021-12-24)"] == date(2022, 1, 1)
    assert "劳动法(2018-12-29)" not in dates


def test_places_of_the_catalogue_that_rest_on_a_law_are_found(tmp_path: Path):
    (tmp_path / "aid").mkdir()
    (tmp_path / "aid" / "medical.yaml").write_text(
        "title: 大病\nparameters:\n  - {key: days, source: 《休假办法》第二条, value: 5}\n"
        "  - {key: pay, law: 休假办法, article: 第 12 条}\n"
        "  - {key: other, source: 休假办法实施细则第二条}\n",
        encoding="utf-8",
    )
    found = mentions_of("休假办法", tmp_path)
    assert [(each.programme, each.place) for each in found] == [
        ("medical", "parameters.1"),
        ("medical", "parameters.2"),
    ]
    assert [each.names("第二条") for each in found] == [True, False]
    assert [each.names("第十二条") for each in found] == [False, True]
