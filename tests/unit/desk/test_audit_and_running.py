"""The audit and the running state: facts without contents."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from models import audit
from models.delivery import Outgoing, Status, send_later
from models.staff import Role

if TYPE_CHECKING:
    from tests.unit.desk.desk_world import World


async def entries(world: World, count: int) -> None:
    """Some acts on some tickets."""
    for place in range(count):
        async with world.sessions.begin() as work:
            actor = "staff:fang" if place % 2 else "member"
            subject = f"W26-{place:04d}-AAAA"
            audit.record(work, world.clock(), actor, "ticket.close", subject, reason=f"第{place}")


async def test_the_audit_is_found_by_subject_and_by_actor(world: World):
    await entries(world, 4)
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        whole = await browser.open("/desk/audit")
        subject = await browser.open("/desk/audit?subject=W26-0001-AAAA")
        actor = await browser.open("/desk/audit?actor=fang")
    assert "共 4 条" in whole.text
    assert "原因：第1" in subject.text
    assert "共 1 条" in subject.text
    assert [f"W26-000{n}-AAAA" in actor.text for n in range(4)] == [False, True, False, True]


async def test_the_newest_acts_come_first_and_the_rest_on_further_pages(world: World):
    await entries(world, 23)
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        first = await browser.open("/desk/audit")
        second = await browser.open("/desk/audit?page=2")
    assert first.text.index("W26-0022-AAAA") < first.text.index("W26-0003-AAAA")
    assert "W26-0002-AAAA" not in first.text
    assert "W26-0002-AAAA" in second.text


async def test_a_whole_record_is_confirmed_and_the_check_itself_recorded(world: World):
    await entries(world, 3)
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        page = await browser.open("/desk/audit")
        checked = await browser.submit(page, "/desk/audit")
    assert "检查了 3 条记录，一条不缺，也没有被改过。" in checked.text
    assert "检查审计完整性" in checked.text


async def test_a_changed_record_is_named(world: World):
    await entries(world, 3)
    async with world.sessions.begin() as work:
        await work.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER keep_audit_entries"))
        await work.execute(text("UPDATE audit_entry SET actor = 'nobody' WHERE id = 2"))
    async with world.browser(await world.staff(Role.AUDITOR)) as browser:
        page = await browser.open("/desk/audit")
        checked = await browser.submit(page, "/desk/audit")
    assert "第 2 条记录对不上" in checked.text


async def test_stuck_and_failed_messages_are_listed_without_their_words(world: World):
    conversation = await world.conversation(None)
    stuck = await world.message(conversation, "我的银行卡号是多少")
    failed = await world.message(conversation, "另一句话")
    async with world.sessions.begin() as work:
        await work.execute(
            text("UPDATE message SET done_at = NULL WHERE id = :id"), {"id": stuck.id}
        )
        await work.execute(
            text("UPDATE message SET failed = 'KeyError' WHERE id = :id"), {"id": failed.id}
        )
    async with world.browser(await world.staff(Role.ADMIN)) as browser:
        early = await browser.open("/desk/running")
        world.clock.go_on(seconds=31)
        page = await browser.open("/desk/running")
    assert "都处理完了。" in early.text
    assert f'<td data-label="消息">{stuck.id}</td>' in page.text
    assert "KeyError" in page.text
    assert "银行卡" not in page.text
    assert "另一句话" not in page.text


async def test_deliveries_are_counted_by_state_and_reason(world: World):
    conversation = await world.conversation(None)
    for status, reason in (
        (Status.HELD, "window"),
        (Status.HELD, "window"),
        (Status.UNKNOWN, "interrupted"),
        (Status.FAILED, "None: HTTP 502"),
    ):
        async with world.sessions.begin() as work:
            outgoing = Outgoing(conversation.id, b'{"parts":[]}')
            row = await send_later(work, world.ring, outgoing, world.clock())
            row.status, row.reason = status, reason
    world.clock.at += timedelta(minutes=1)
    async with world.browser(await world.staff(Role.ADMIN)) as browser:
        page = await browser.open("/desk/running")
    assert '可发的条数用完了</td><td data-label="条数">2</td>' in page.text
    assert "网络没有给出结果" in page.text
    assert '<div class="tile-count">1</div><div>条发送结果未知</div>' in page.text
    assert "系统不会自动再发" in page.text


async def test_facts_of_the_installation_are_shown_under_their_names(world: World):
    world.facts.update(articles=1250, secret="never")
    async with world.browser(await world.staff(Role.ADMIN)) as browser:
        page = await browser.open("/desk/running")
    assert "<dt>政策条文（条）</dt><dd>1250</dd>" in page.text
    assert "never" not in page.text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.COUNSELLOR])
async def test_the_audit_is_not_for_those_it_is_about(world: World, role: Role):
    async with world.browser(await world.staff(role)) as browser:
        pages = [await browser.open(f"/desk/{path}") for path in ("audit", "running")]
    assert [page.status for page in pages] == [403, 403]
