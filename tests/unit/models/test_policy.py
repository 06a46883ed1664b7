"""Which version of a text holds on a day, and what is found when a clause is named."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from models.policy import (
    Document,
    Standing,
    count_articles,
    find_article,
    find_cited,
    find_holding,
    standings,
    versions_of,
)
from tests.documents import LEAVE, stored, text_of

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Sessions

TODAY = date(2026, 8, 20)
SEVEN = (LEAVE[0], "职工每年休假7天。")


async def standing(sessions: Sessions, day: date = TODAY) -> list[str]:
    """How the versions stand, the newest first."""
    async with sessions() as work:
        versions = await versions_of(work, "休假办法", "湖北")
        stand = standings(versions, day)
        return [stand[version.id].value for version in versions]


async def put(sessions: Sessions, document_id: int, **values: object) -> None:
    async with sessions.begin() as work:
        document = await work.get_one(Document, document_id)
        for key, value in values.items():
            setattr(document, key, value)


@pytest.mark.parametrize(
    ("starts", "day", "expected"),
    [
        ("2026-01-01", TODAY, "in_force"),
        ("2026-08-20", TODAY, "in_force"),
        ("2026-08-21", TODAY, "coming"),
        ("2019-01-01", date(2019, 6, 1), "coming"),
        ("", TODAY, "undated"),
    ],
)
async def test_a_version_stands_by_its_dates(
    sessions: Sessions, now: datetime, starts: str, day: date, expected: str
):
    await stored(sessions, text_of(starts=starts), now)
    assert await standing(sessions, day) == [expected]


async def test_a_newer_version_takes_over_on_its_first_day(sessions: Sessions, now: datetime):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    await stored(sessions, text_of(*SEVEN, issued="2026-08-01", starts="2026-09-01"), now)
    assert await standing(sessions) == ["coming", "in_force"]
    assert await standing(sessions, date(2026, 9, 1)) == ["in_force", "superseded"]


async def test_a_newer_version_without_a_day_takes_over_from_none(
    sessions: Sessions, now: datetime
):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    await stored(sessions, text_of(*SEVEN, issued="2026-08-01"), now)
    assert await standing(sessions) == ["undated", "in_force"]


async def test_a_withdrawn_version_gives_its_place_back(sessions: Sessions, now: datetime):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    newer = await stored(sessions, text_of(*SEVEN, issued="2025-01-01", starts="2025-01-01"), now)
    await put(sessions, newer.document.id, withdrawn_at=now)
    assert await standing(sessions) == ["withdrawn", "in_force"]


async def test_after_its_last_day_a_version_is_expired(sessions: Sessions, now: datetime):
    only = await stored(sessions, text_of(starts="2020-02-01"), now)
    await put(sessions, only.document.id, in_force_to=date(2026, 8, 19))
    assert await standing(sessions) == ["expired"]
    assert await standing(sessions, date(2026, 8, 19)) == ["in_force"]


async def test_a_stem_means_its_newest_words(sessions: Sessions, now: datetime):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    await stored(sessions, text_of(*SEVEN, starts="2020-02-01"), now)
    async with sessions() as work:
        found = await find_article(work, "休假办法(2020-01-01)", "第二条")
        assert await count_articles(work) == (1, 2)
    assert found is not None
    assert (found[0].revision, found[1].body) == (2, SEVEN[1])
    assert await standing(sessions) == ["in_force", "superseded"]


async def test_a_named_clause_is_that_of_the_version_in_force(sessions: Sessions, now: datetime):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    await stored(sessions, text_of(*SEVEN, issued="2026-08-01", starts="2026-09-01"), now)
    async with sessions() as work:
        before = await find_cited(work, "按休假办法", "第二条", TODAY)
        after = await find_cited(work, "按休假办法", "第二条", date(2026, 9, 2))
    assert before is not None
    assert after is not None
    assert (before.article.body, before.standing) == (LEAVE[1], Standing.IN_FORCE)
    assert (after.article.body, after.standing) == (SEVEN[1], Standing.IN_FORCE)


async def test_a_clause_that_only_an_old_version_has_is_found_as_replaced(
    sessions: Sessions, now: datetime
):
    await stored(sessions, text_of(*LEAVE, "旧的第三条。", starts="2020-02-01"), now)
    await stored(sessions, text_of(*SEVEN, issued="2025-01-01", starts="2025-01-01"), now)
    async with sessions() as work:
        found = await find_cited(work, "休假办法", "第三条", TODAY)
    assert found is not None
    assert (found.standing, found.holds) == (Standing.SUPERSEDED, False)


async def test_what_a_card_rests_on_holds_as_long_as_its_words_do(
    sessions: Sessions, now: datetime
):
    await stored(sessions, text_of(starts="2020-02-01"), now)
    await stored(sessions, text_of(*SEVEN, issued="2025-01-01", starts="2025-01-01"), now)
    async with sessions() as work:
        same = await find_holding(work, "休假办法(2020-01-01)", "第一条", TODAY)
        other = await find_holding(work, "休假办法(2020-01-01)", "第二条", TODAY)
        nothing = await find_holding(work, "休假办法(1999-01-01)", "第二条", TODAY)
    assert same is not None
    assert other is not None
    assert nothing is None
    assert (same.document.stem, same.holds) == ("休假办法(2025-01-01)", True)
    assert (other.document.stem, other.holds) == ("休假办法(2020-01-01)", False)


async def test_the_longest_title_is_the_one_that_was_named(sessions: Sessions, now: datetime):
    await stored(sessions, text_of("短。", title="休假办法", starts="2020-02-01"), now)
    await stored(sessions, text_of("长。", title="职工休假办法", starts="2020-02-01"), now)
    async with sessions() as work:
        found = await find_cited(work, "按职工休假办法", "第一条", TODAY)
    assert found is not None
    assert found.article.body == "长。"
