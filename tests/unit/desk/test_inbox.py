"""The inbox: who is seen by whom, in which order, and what leaves as a file."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from models import audit
from models.staff import Role
from models.ticket import Why

if TYPE_CHECKING:
    from tests.unit.desk.desk_world import Page, World

MASK = "内容仅心理咨询师可见"


def numbers(page: Page) -> list[str]:
    """The tickets on a page, in order."""
    return [
        tag["id"][2:] for name, tag in page.tags.tags if name == "a" and "t-" in tag.get("id", "")
    ]


async def test_the_urgent_come_first_and_then_the_oldest(world: World):
    first = await world.ticket(None)
    world.clock.go_on(minutes=5)
    second = await world.ticket(None)
    world.clock.go_on(minutes=7)
    urgent = await world.ticket(None, "我不想活了", Why.URGENT)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
    assert numbers(page) == [urgent.number, first.number, second.number]
    assert "12 分钟前" in page.text


async def test_an_officer_sees_members_of_their_units_and_strangers(world: World):
    ours = await world.ticket(await world.member("周小禾", "省财政厅", 101))
    theirs = await world.ticket(await world.member("苏一帆", "省水利厅", 102))
    stranger = await world.ticket(None)
    officer = await world.staff(Role.OFFICER, path="/1/2/")
    async with world.browser(officer) as browser:
        page = await browser.open("/desk/")
        hidden = await browser.open(f"/desk/tickets/{theirs.number}")
        guessed = await browser.open("/desk/tickets/W26-3333-4444")
    assert numbers(page) == [ours.number, stranger.number]
    assert "苏一帆" not in page.text
    assert "共 2 个工单" in page.text
    assert (hidden.status, guessed.status) == (404, 404)
    assert hidden.text.replace(theirs.number, "") == guessed.text.replace("W26-3333-4444", "")


async def test_no_act_reaches_a_ticket_of_another_unit(world: World):
    theirs = await world.ticket(await world.member("苏一帆", "省水利厅", 102))
    officer = await world.staff(Role.OFFICER, path="/1/2/")
    async with world.browser(officer) as browser:
        page = await browser.open("/desk/")
        csrf = page.tags.forms["/desk/sign-out"]["csrf"]
        answers = [
            await browser.post(f"/desk/tickets/{theirs.number}/{act}", {"csrf": csrf, **fields})
            for act, fields in (
                ("reply", {"sentence": "x"}),
                ("act", {"act": "close"}),
                ("phone", {"reason": "x"}),
            )
        ]
        thread = await browser.get(f"/desk/tickets/{theirs.number}/thread")
    assert [page.status for page in (*answers, thread)] == [404] * 4


async def test_words_of_danger_are_read_by_the_counsellor_only_and_only_in_the_ticket(
    world: World,
):
    ticket = await world.ticket(None, "我不想活了", Why.URGENT)
    path = f"/desk/tickets/{ticket.number}"
    seen = {}
    for role in (Role.OFFICER, Role.ADMIN, Role.COUNSELLOR):
        async with world.browser(await world.staff(role)) as browser:
            texts = [(await browser.open(each)).text for each in ("/desk/", path)]
            seen[role] = ["我不想活了" in text for text in texts] + [MASK in texts[0]]
    assert seen == {
        Role.OFFICER: [False, False, True],
        Role.ADMIN: [False, False, True],
        Role.COUNSELLOR: [False, True, True],
    }


async def test_what_follows_an_alarm_is_hidden_too_until_the_ticket_is_closed(world: World):
    conversation = await world.conversation(None)
    await world.message(conversation, "早上好")
    world.clock.go_on(minutes=1)
    ticket = await world.ticket_in(conversation, "我不想活了", Why.URGENT)
    world.clock.go_on(minutes=1)
    await world.message(conversation, "我在三楼的楼顶")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        await browser.submit(page, f"/desk/tickets/{ticket.number}/act", act="close")
        world.clock.go_on(minutes=1)
        await world.message(conversation, "今天的活动几点开始")
        after = await browser.open(f"/desk/tickets/{ticket.number}")
    assert "早上好" in page.text
    assert "三楼的楼顶" not in after.text
    assert "今天的活动几点开始" in after.text


async def test_the_counsellor_s_look_is_written_down(world: World):
    ticket = await world.ticket(None, "我不想活了", Why.URGENT)
    async with world.browser(await world.staff(Role.COUNSELLOR)) as browser:
        await browser.open(f"/desk/tickets/{ticket.number}")
    async with world.sessions() as work:
        entry = (await audit.about(work, ticket.number))[-1]
    assert (entry.action, entry.actor) == ("ticket.words", "staff:counsellor")


async def test_an_officer_still_reads_their_own_answer_to_an_urgent_ticket(world: World):
    ticket = await world.ticket(None, "我不想活了", Why.URGENT)
    path = f"/desk/tickets/{ticket.number}"
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(path)
        own = await browser.submit(page, f"{path}/reply", sentence="我马上给您打电话")
    async with world.browser(await world.staff(Role.OFFICER, login="other")) as browser:
        other = await browser.open(path)
    assert "我马上给您打电话" in own.text
    assert "我马上给您打电话" not in other.text


async def test_the_counsellor_sees_urgent_tickets_only(world: World):
    calm = await world.ticket(None)
    urgent = await world.ticket(None, "我不想活了", Why.URGENT)
    async with world.browser(await world.staff(Role.COUNSELLOR)) as browser:
        page = await browser.open("/desk/")
        other = await browser.open(f"/desk/tickets/{calm.number}")
    assert numbers(page) == [urgent.number]
    assert other.status == 404


@pytest.mark.parametrize("typed", ["周小禾", "NUMBER", "number without dashes"])
async def test_a_ticket_is_found_by_name_and_by_number(world: World, typed: str):
    wanted = await world.ticket(await world.member("周小禾", "省财政厅", 101))
    await world.ticket(await world.member("周小荷", "省财政厅", 102))
    words = {
        "NUMBER": wanted.number,
        "number without dashes": wanted.number.replace("-", "").lower(),
    }.get(typed, typed)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/?q={words}")
    assert numbers(page) == [wanted.number]


async def test_a_part_of_a_name_finds_nobody(world: World):
    await world.ticket(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/?q=小禾")
    assert "没有找到符合的工单" in page.text


async def test_mine_and_closed_are_lists_of_their_own(world: World):
    mine, closed, other = [await world.ticket(None) for _ in range(3)]
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{mine.number}")
        await browser.submit(page, f"/desk/tickets/{mine.number}/reply", sentence="您好")
        page = await browser.open(f"/desk/tickets/{closed.number}")
        await browser.submit(page, f"/desk/tickets/{closed.number}/act", act="close")
        found = [numbers(await browser.open(f"/desk/?show={each}")) for each in ("mine", "closed")]
        still = numbers(await browser.open("/desk/"))
    assert found == [[mine.number], [closed.number]]
    assert still == [mine.number, other.number]


async def test_who_was_answered_waits_again_when_they_write(world: World):
    ticket = await world.ticket(None)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
        world.clock.go_on(minutes=1)
        await browser.submit(page, f"/desk/tickets/{ticket.number}/reply", sentence="您好")
        answered = await browser.open("/desk/")
        world.clock.go_on(minutes=1)
        await world.message(await world.conversation_of(ticket), "那我什么时候来？")
        world.clock.go_on(minutes=3)
        waiting = await browser.open("/desk/")
    assert "已回复" in answered.text
    assert "3 分钟前" in waiting.text
    assert "那我什么时候来？" in waiting.text


async def test_an_empty_inbox_says_what_will_come(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
    assert "现在没有工单" in page.text


async def test_the_list_goes_on_on_the_next_page(world: World):
    for _ in range(21):
        await world.ticket(None)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        first = await browser.open("/desk/")
        second = await browser.open("/desk/?page=2")
    assert (len(numbers(first)), len(numbers(second))) == (20, 1)
    assert "第 1 页，共 2 页" in first.text


async def test_the_list_is_sent_again_only_when_it_changed(world: World):
    await world.ticket(None)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        address = next(
            tag["hx-get"] for _, tag in page.tags.tags if "/tickets" in (tag.get("hx-get") or "")
        )
        same = await browser.get(address)
        newer = await world.ticket(None)
        changed = await browser.get(address)
    assert same.status == 204
    assert newer.number in changed.text


async def test_no_cell_of_the_file_is_a_formula(world: World):
    for serial, name in enumerate(("=1+1", "+2", "-3", "@x", "\tx", "＝1", "周小禾"), start=101):
        await world.ticket(await world.member(name, "省财政厅", serial))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/")
        file = await browser.submit(page, "/desk/tickets.csv")
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert rows[0][:3] == ["编号", "姓名", "单位"]
    assert [row[1] for row in rows[1:]] == ["'=1+1", "'+2", "'-3", "'@x", "'\tx", "'＝1", "周小禾"]
    assert file.headers["Content-Disposition"] == 'attachment; filename="tickets.csv"'


async def test_a_file_that_leaves_is_written_down(world: World):
    await world.ticket(None)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/?show=open")
        await browser.submit(page, "/desk/tickets.csv")
    async with world.sessions() as work:
        entries = await audit.about(work, "officer")
    assert [(each.action, each.data) for each in entries] == [
        ("ticket.export", {"rows": "1", "show": "open"})
    ]
