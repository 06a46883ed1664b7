"""Reviewing an application: what is shown, what is opened on record, one decision."""

from __future__ import annotations

import asyncio
import csv
import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from sqlalchemy import select

from handlers.actions import cases, evidence
from handlers.types import REPLY
from models import audit
from models.application import Application, CaseStatus
from models.delivery import BODY, Delivery
from models.message import Message
from models.staff import Role
from tests.unit.desk.desk_world import FOURTH, SECOND, THIRD

if TYPE_CHECKING:
    from models.member import Member
    from tests.unit.desk.desk_world import World

CARD = "6217000000000000"


async def picture(world: World, member: Member) -> str:
    """A stored picture of a member, by its name."""
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    said = await world.message(await world.conversation(member), "")
    async with world.sessions.begin() as work:
        row = await evidence.keep(
            work, world.evidence, out.getvalue(), member.id, said.id, world.clock()
        )
    return row.name


async def test_sensitive_answers_are_shut_until_a_reason_is_given(world: World):
    member = await world.member("周小禾", "省财政厅")
    name = await picture(world, member)
    await world.case(member, photos=(name,))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        shut = await browser.open(f"/desk/cases/{SECOND}")
        opened = await browser.submit(shut, f"/desk/cases/{SECOND}/open", reason="审核申请材料")
        world.clock.go_on(minutes=11)
        later = await browser.open(f"/desk/cases/{SECOND}")
    assert "柳小穗" in shut.text
    assert [CARD in page.text for page in (shut, opened, later)] == [False, True, False]
    assert [name in page.text for page in (shut, opened, later)] == [False, True, False]
    async with world.sessions() as work:
        entry = (await audit.about(work, SECOND))[-1]
    assert (entry.action, entry.data["reason"]) == ("case.read", "审核申请材料")


async def test_no_reason_opens_nothing(world: World):
    await world.case(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        again = await browser.submit(page, f"/desk/cases/{SECOND}/open", reason="  ")
    assert "请先写一下为什么要看这些内容。" in again.text
    assert CARD not in again.text


@pytest.mark.parametrize(
    ("decision", "status", "said"),
    [
        ("returned", CaseStatus.RETURNED, "需要您补充或更正"),
        ("approved", CaseStatus.APPROVED, "审核通过了"),
        ("refused", CaseStatus.REFUSED, "这次没有通过"),
    ],
)
async def test_a_decision_reaches_the_member_with_its_sentence(
    world: World, decision: str, status: CaseStatus, said: str
):
    member = await world.member("周小禾", "省财政厅")
    await world.conversation(member)
    await world.case(member)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        after = await browser.submit(
            page, f"/desk/cases/{SECOND}/decide", decision=decision, sentence="照片看不清。"
        )
    assert "已经处理，并告诉了申请人。" in after.text
    async with world.sessions() as work:
        case = (await work.scalars(select(Application))).one()
        row = (await work.scalars(select(Delivery))).one()
    assert case.status == status
    words = REPLY.validate_json(world.ring.open(row.body, BODY)).text
    assert words.startswith(f"您的金秋助学申请（{SECOND}）{said}。\n照片看不清。")


async def test_two_reviewers_do_not_overwrite_each_other(world: World):
    await world.case(await world.member("周小禾", "省财政厅"))
    first, second = await world.staff(Role.OFFICER), await world.staff(Role.ADMIN)
    async with world.browser(first) as one, world.browser(second) as two:
        page_one = await one.open(f"/desk/cases/{SECOND}")
        page_two = await two.open(f"/desk/cases/{SECOND}")
        path = f"/desk/cases/{SECOND}/decide"
        await one.submit(page_one, path, decision="approved", sentence="通过。")
        late = await two.submit(page_two, path, decision="refused", sentence="想了很久的理由")
    assert late.status == 409
    assert "这份申请刚刚有了变化" in late.text
    assert "想了很久的理由" in late.text
    async with world.sessions() as work:
        assert (await work.scalars(select(Application.status))).one() == CaseStatus.APPROVED


async def test_a_double_click_decides_once_and_both_answers_are_friendly(world: World):
    member = await world.member("周小禾", "省财政厅")
    await world.conversation(member)
    await world.case(member)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        path = f"/desk/cases/{SECOND}/decide"
        both = await asyncio.gather(
            *(browser.submit(page, path, decision="approved", sentence="好。") for _ in range(2))
        )
    assert ["已经处理，并告诉了申请人。" in page.text for page in both] == [True, True]
    async with world.sessions() as work:
        assert len(list(await work.scalars(select(Delivery.id)))) == 1


@pytest.mark.parametrize(
    ("decision", "sentence", "wrong"),
    [("", "写了一句", "请先选一个处理结果。"), ("approved", " ", "请写一句话告诉申请人")],
)
async def test_a_decision_needs_a_choice_and_a_sentence(
    world: World, decision: str, sentence: str, wrong: str
):
    await world.case(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        again = await browser.submit(
            page, f"/desk/cases/{SECOND}/decide", decision=decision, sentence=sentence
        )
    assert again.status == 409
    assert wrong in again.text
    assert sentence.strip() in again.text


async def test_a_ready_sentence_fills_the_box_without_a_script(world: World):
    await world.case(await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}?phrase=4")
    assert "required>材料齐全，符合条件。</textarea>" in page.text
    assert 'value="approved" required checked' in page.text


async def test_the_next_case_is_the_next_that_waits(world: World):
    member = await world.member("周小禾", "省财政厅")
    for number in (SECOND, THIRD, FOURTH):
        await world.case(member, number)
        world.clock.go_on(minutes=1)
    await world.decided(THIRD, CaseStatus.APPROVED)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        begun = await browser.open("/desk/cases/next")
        after = await browser.open(f"/desk/cases/next?after={SECOND}")
        round_again = await browser.open(f"/desk/cases/next?after={FOURTH}")
    assert begun.url == f"/desk/cases/{SECOND}"
    assert after.url == f"/desk/cases/{FOURTH}"
    assert round_again.url == f"/desk/cases/{SECOND}"


async def test_after_the_last_case_nothing_waits(world: World):
    await world.case(await world.member("周小禾", "省财政厅"))
    await world.decided(SECOND, CaseStatus.APPROVED)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/next?after={SECOND}")
    assert "没有别的申请在等审核了" in page.text


async def test_cases_of_other_units_do_not_exist(world: World):
    theirs = await world.member("苏一帆", "省水利厅", 102)
    name = await picture(world, theirs)
    await world.case(theirs, photos=(name,))
    async with world.browser(await world.staff(Role.OFFICER, path="/1/2/")) as browser:
        listed = await browser.open("/desk/cases?state=all")
        paths = (f"cases/{SECOND}", f"evidence/{name}", f"cases/next?after={SECOND}")
        pages = [await browser.get(f"/desk/{path}") for path in paths]
        csrf = listed.tags.forms["/desk/sign-out"]["csrf"]
        form = {"csrf": csrf, "decision": "approved", "sentence": "x", "version": "1"}
        acts = [
            await browser.post(f"/desk/cases/{SECOND}/decide", form),
            await browser.post(f"/desk/cases/{SECOND}/open", {"csrf": csrf, "reason": "x"}),
        ]
        file = await browser.submit(listed, "/desk/cases.csv", state="all")
    assert '全部 <span class="count">0</span>' in listed.text
    assert "苏一帆" not in listed.text + file.text
    assert [page.status for page in (*pages, *acts)] == [404] * 5


async def test_a_picture_is_served_to_those_who_may_see_it_and_each_time_on_record(world: World):
    member = await world.member("周小禾", "省财政厅", serial=101)
    name = await picture(world, member)
    await world.case(member, photos=(name,))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        shut = await browser.open(f"/desk/evidence/{name}")
        await browser.submit(page, f"/desk/cases/{SECOND}/open", reason="审核申请材料")
        async with browser.session.get(f"/desk/evidence/{name}") as answer:
            content, headers = await answer.read(), answer.headers
        await browser.get(f"/desk/evidence/{name}")
    assert shut.status == 404
    assert Image.open(io.BytesIO(content)).size == (40, 30)
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    async with world.sessions() as work:
        entries = await audit.about(work, name)
    assert [(each.action, each.data["reason"], each.data["about"]) for each in entries] == [
        ("evidence.read", SECOND, "M00000101"),
        ("evidence.read", SECOND, "M00000101"),
    ]


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.AUDITOR])
async def test_a_picture_is_not_for_roles_without_cases(world: World, role: Role):
    name = await picture(world, await world.member("周小禾", "省财政厅"))
    async with world.browser(await world.staff(role)) as browser:
        page = await browser.open(f"/desk/evidence/{name}")
    assert page.status == 403


async def test_a_picture_that_was_changed_on_disk_is_not_shown(world: World):
    member = await world.member("周小禾", "省财政厅")
    name = await picture(world, member)
    await world.case(member, photos=(name,))
    (world.evidence.folder / name).write_bytes(b"\x02t1" + b"x" * 40)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        case = await browser.open(f"/desk/cases/{SECOND}")
        await browser.submit(case, f"/desk/cases/{SECOND}/open", reason="审核申请材料")
        page = await browser.open(f"/desk/evidence/{name}")
    assert page.status == 404


async def test_a_picture_in_the_conversation_says_where_it_is_kept(world: World):
    member = await world.member("周小禾", "省财政厅")
    ticket = await world.ticket(member)
    out = io.BytesIO()
    Image.new("RGB", (4, 3)).save(out, "PNG")
    async with world.sessions.begin() as work:
        said = (await work.scalars(select(Message))).one()
        said.kind = "image"
        await evidence.keep(
            work, world.evidence, out.getvalue(), member.id, said.id, world.clock()
        )
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/tickets/{ticket.number}")
    assert "已存为申请材料" in page.text


async def test_the_list_counts_each_state_and_filters_by_it(world: World):
    member = await world.member("周小禾", "省财政厅")
    for number in (SECOND, THIRD, FOURTH):
        await world.case(member, number)
    await world.decided(THIRD, CaseStatus.REFUSED)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        waiting = await browser.open("/desk/cases")
        refused = await browser.open("/desk/cases?state=refused&programme=tuition")
        other = await browser.open("/desk/cases?state=all&programme=medical")
    assert '待审核 <span class="count">2</span>' in waiting.text
    assert '未通过 <span class="count">1</span>' in waiting.text
    assert [number in refused.text for number in (SECOND, THIRD)] == [False, True]
    assert "没有找到符合的申请" in other.text


@pytest.mark.parametrize("typed", ["周小禾", SECOND, "zx26aaaa3333"])
async def test_a_case_is_found_by_name_and_by_number(world: World, typed: str):
    await world.case(await world.member("周小禾", "省财政厅", 101))
    await world.case(await world.member("何清欢", "省财政厅", 102), THIRD)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases?q={typed}")
    assert [number in page.text for number in (SECOND, THIRD)] == [True, False]


async def test_the_file_of_cases_has_no_answers_and_no_formulas(world: World):
    await world.case(await world.member("=周小禾", "省财政厅"))
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/cases")
        file = await browser.submit(page, "/desk/cases.csv")
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert rows[1][:5] == [SECOND, "'=周小禾", "省财政厅", "金秋助学", "待审核"]
    assert "柳小穗" not in file.text


async def test_the_history_tells_who_did_what(world: World):
    member = await world.member("周小禾", "省财政厅")
    await world.case(member)
    async with world.sessions.begin() as work:
        audit.record(work, world.clock(), f"member:{member.id}", "case.send", SECOND)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        opened = await browser.submit(page, f"/desk/cases/{SECOND}/open", reason="复核")
    assert "申请人提交申请" in page.text
    assert "officer甲打开敏感内容：复核" in opened.text


async def test_a_member_who_cannot_be_told_is_pointed_out(world: World):
    member = await world.member("周小禾", "省财政厅")
    conversation = await world.conversation(member)
    await world.case(member)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
        await world.stop_following(conversation.id)
        after = await browser.open(f"/desk/cases/{SECOND}")
    assert ["这句话送不到" in each.text for each in (page, after)] == [False, True]


async def test_a_case_of_a_programme_that_is_gone_can_still_be_opened(world: World):
    await world.case(await world.member("周小禾", "省财政厅"))
    async with world.sessions.begin() as work:
        (await work.scalars(select(Application))).one().programme = "gone"
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{SECOND}")
    assert "这个项目已经不在目录里" in page.text


async def test_the_sentence_of_the_decision_stays_on_the_page(world: World):
    await world.case(await world.member("周小禾", "省财政厅"))
    await world.decided(SECOND, CaseStatus.RETURNED, "请补录取通知书第二页。")
    async with world.sessions() as work:
        case = await cases.find_case(work, SECOND)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open(f"/desk/cases/{case.number}")
    assert "请补录取通知书第二页。" in page.text
    assert "提交结果并告诉申请人" not in page.text
