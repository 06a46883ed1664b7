"""Answering a member: the conversation, the window, one answer a click, the way back."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.desk.ticket import meter
from handlers.types import REPLY
from models import audit
from models.conversation import Conversation
from models.delivery import BODY, Delivery, Status
from models.staff import Role
from models.ticket import Ticket, Why
from tests.unit.desk.desk_world import NOW

if TYPE_CHECKING:
    from tests.unit.desk.desk_world import World


async def test_the_conversation_and_the_answer_are_on_the_page(world: World):
    member = await world.member("周小禾", "省财政厅")
    ticket = await world.ticket(member, "我想问探亲假")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
    assert "我想问探亲假" in page.text
    assert "已转给工作人员" in page.text
    assert "周小禾" in page.text
    assert "还能发 5 条，到 11 月 24 日 12:00" in page.text


async def test_an_answer_is_queued_for_the_member_and_the_ticket_taken(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅"))
    officer = await world.staff(Role.OFFICER)
    async with world.browser(officer) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        after = await browser.submit(
            page, f"/desk/tickets/{ticket.number}/reply", sentence="请带上身份证来三楼。"
        )
    assert "已排队" in after.text
    assert "请带上身份证来三楼。" in after.text
    async with world.sessions() as work:
        row = (await work.scalars(select(Delivery))).one()
        held = await work.get_one(Ticket, ticket.id)
    assert REPLY.validate_json(world.ring.open(row.body, BODY)).text == "请带上身份证来三楼。"
    assert held.staff_id == officer.id


async def test_a_double_click_sends_once(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        action = f"/desk/tickets/{ticket.number}/reply"
        both = await asyncio.gather(
            browser.submit(page, action, sentence="马上给您办。"),
            browser.submit(page, action, sentence="马上给您办。"),
        )
    assert [page.status for page in both] == [200, 200]
    async with world.sessions() as work:
        assert await work.scalar(select(func.count(Delivery.id))) == 1


async def test_what_was_typed_stays_when_the_ticket_was_closed_meanwhile(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        act, reply = (f"/desk/tickets/{ticket.number}/{each}" for each in ("act", "reply"))
        await browser.submit(page, act, act="close")
        again = await browser.submit(page, reply, sentence="写了很久的一段话")
    assert again.status == 409
    assert "这个工单已经结束了，不能再回复" in again.text
    assert "写了很久的一段话" in again.text


async def test_an_empty_answer_is_not_sent(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        again = await browser.submit(page, f"/desk/tickets/{ticket.number}/reply", sentence="   ")
    assert again.status == 409
    assert "请先写好回复的内容。" in again.text


async def test_a_closing_can_be_taken_back(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        action = f"/desk/tickets/{ticket.number}/act"
        closed = await browser.submit(page, action, act="close")
        opened = await browser.submit(closed, action, act="reopen")
    assert "重新打开" in closed.text
    assert "工单已重新打开" in opened.text
    async with world.sessions() as work:
        row = await work.get_one(Conversation, ticket.conversation_id)
    assert row.ticket_id == ticket.id


async def test_a_closing_is_not_taken_back_over_a_newer_ticket(world: World):
    member = await world.member("周小禾", "省财政厅")
    old = await world.ticket(member)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        action = f"/desk/tickets/{old.number}/act"
        page = await browser.open(f"/desk/tickets/{old.number}")
        closed = await browser.submit(page, action, act="close")
        async with world.sessions.begin() as work:
            work.add(
                Ticket(
                    number="W26-NEWE-RRRR",
                    conversation_id=old.conversation_id,
                    why=Why.ASKED,
                    urgent=False,
                    opened_at=NOW,
                )
            )
        again = await browser.submit(closed, action, act="reopen")
    assert "对方已经有新的工单（W26-NEWE-RRRR）" in again.text


async def test_the_phone_number_is_shown_for_a_reason_that_is_kept(world: World):
    member = await world.member("周小禾", "省财政厅", serial=101)
    ticket = await world.ticket(member)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        assert "13900000101" not in page.text
        action = f"/desk/tickets/{ticket.number}/phone"
        shown = await browser.submit(page, action, reason="电话回访")
        assert "13900000101" in shown.text
        world.clock.go_on(minutes=11)
        later = await browser.open(f"/desk/tickets/{ticket.number}")
    assert "13900000101" not in later.text
    async with world.sessions() as work:
        entry = (await audit.about(work, member.public_id))[-1]
    assert (entry.action, entry.actor) == ("member.read", "staff:officer")
    assert entry.data["reason"] == "电话回访"


async def test_the_phone_number_stays_shut_without_a_reason(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅", serial=101))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        again = await browser.submit(page, f"/desk/tickets/{ticket.number}/phone", reason=" ")
    assert "请先写一下为什么要看电话。" in again.text
    assert "13900000101" not in again.text


async def test_an_opening_counts_for_the_visit_that_made_it_only(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅", serial=101))
    officer = await world.staff(Role.OFFICER)
    async with world.browser(officer) as browser, world.browser(officer) as elsewhere:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        await browser.submit(page, f"/desk/tickets/{ticket.number}/phone", reason="回访")
        other = await elsewhere.open(f"/desk/tickets/{ticket.number}")
    assert "13900000101" not in other.text


async def test_states_of_deliveries_are_told_in_plain_words(world: World):
    ticket = await world.ticket(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        await browser.submit(page, f"/desk/tickets/{ticket.number}/reply", sentence="您好")
        async with world.sessions.begin() as work:
            row = (await work.scalars(select(Delivery))).one()
            row.status, row.reason = Status.HELD, "45015: response out of time limit"
        after = await browser.open(f"/desk/tickets/{ticket.number}")
    assert "等待对方来信" in after.text
    assert "对方超过 48 小时没有来信" in after.text
    assert "response out of time" not in after.text


async def test_the_thread_is_sent_again_only_when_it_changed(world: World):
    member = await world.member("周小禾", "省财政厅")
    ticket = await world.ticket(member)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        address = next(
            tag["hx-get"] for _, tag in page.tags.tags if "/tickets" in (tag.get("hx-get") or "")
        )
        same = await browser.get(address)
        async with world.sessions() as work:
            conversation = await work.get_one(Conversation, ticket.conversation_id)
        await world.message(conversation, "还有一个问题")
        changed = await browser.get(address)
    assert (same.status, same.text) == (204, "")
    assert "还有一个问题" in changed.text
    assert "textarea" not in changed.text


async def test_older_messages_come_when_asked_for(world: World):
    member = await world.member("周小禾", "省财政厅")
    ticket = await world.ticket(member, "最早的一句")
    async with world.sessions() as work:
        conversation = await work.get_one(Conversation, ticket.conversation_id)
    for place in range(31):
        world.clock.go_on(seconds=5)
        await world.message(conversation, f"第{place}句")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        older = await browser.open(f"/desk/tickets/{ticket.number}?length=60")
    assert "最早的一句" not in page.text
    assert "看更早的消息" in page.text
    assert "最早的一句" in older.text


async def test_words_are_shown_as_words_and_not_as_a_page(world: World):
    ticket = await world.ticket(None, "<script>alert(1)</script>")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_meter_tells_what_may_still_be_sent():
    row = Conversation(
        following=True, msg_left=3, msg_until=NOW + timedelta(hours=45), tap_left=0, tap_until=None
    )
    assert meter(row, NOW).words == "还能发 3 条，到 11 月 24 日 09:00"


def test_a_window_that_is_over_says_when_the_words_will_arrive():
    row = Conversation(following=True, msg_left=3, msg_until=NOW, tap_left=0, tap_until=None)
    assert (meter(row, NOW).left, "下次来信时送达" in meter(row, NOW).words) == (0, True)


def test_somebody_who_left_cannot_be_written_to():
    row = Conversation(following=False, msg_left=5, msg_until=NOW + timedelta(hours=1))
    assert meter(row, NOW).words == "对方没有关注公众号，现在发不出去"
