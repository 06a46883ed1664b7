"""The board at the desk: grouped questions, an answer, a second person, and those who asked."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from handlers.actions import board, questions, tickets
from handlers.actions.documents import store_document
from handlers.actions.questions import Unanswered
from handlers.actions.tickets import Staffer
from handlers.types import REPLY
from models import audit
from models.delivery import BODY, Delivery
from models.message import Message
from models.question import CardWording, DeskCard, Question, QuestionGroup, Reason
from models.staff import Role
from models.ticket import Why
from nlp.full_text import FullText
from nlp.statute import Article, Statute

if TYPE_CHECKING:
    from models.conversation import Conversation
    from models.member import Member
    from models.staff import Staff
    from tests.unit.desk.desk_world import Browser, Page, World

ASKED = "食堂的饭卡丢了去哪里补办"
ALIKE = "饭卡丢了去哪里补办"
OTHER = "单位的班车几点发车"
WORDINGS = "\n".join((ALIKE, "饭卡不见了怎么办", "食堂的卡掉了找谁", "饭卡挂失补办"))
ANSWER = {
    "basis": "own",
    "source": "省财政厅食堂管理办法",
    "issued": "2026-01-05",
    "quote_key": "饭卡遗失的，持工作证到后勤服务窗口补办",
    "plain": "带上工作证，到一楼后勤窗口补办，当天就能拿到。",
    "theme": "工会与会员",
    "scope": "全国",
    "questions": WORDINGS,
}


async def ask(world: World, member: Member | None, words: str) -> Conversation:
    """A member asks in vain."""
    conversation = await world.conversation(member)
    said = await world.message(conversation, words)
    judged = await world.parts.clauses.judge(words)
    asked = Unanswered(
        conversation.id, conversation.member_id, said.id, words, Reason.REFUSED, None, judged.found
    )
    async with world.sessions.begin() as work:
        assert await questions.note(work, world.ring, asked, world.clock())
    return conversation


async def group_of(browser: Browser, words: str) -> Page:
    """The page of the group that shows these words on the board."""
    listed = await browser.open("/desk/board")
    assert words in listed.text
    links = [tag["href"] for _, tag in listed.tags.tags if tag.get("class") == "words"]
    for link in links:
        page = await browser.open(link)
        if words in page.text:
            return page
    raise AssertionError(f"no group holds {words}")


async def write(browser: Browser, number: str, **changes: str) -> Page:
    """Write the answer of a group."""
    form = await browser.open(f"/desk/board/{number}/write")
    return await browser.submit(form, f"/desk/board/{number}/write", **{**ANSWER, **changes})


async def act(browser: Browser, number: str, what: str, **fields: str) -> Page:
    """One act on a group, as its page offers it."""
    page = await browser.open(f"/desk/board/{number}")
    return await browser.submit(page, f"/desk/board/{number}/act", **{"act": what, **fields})


async def told(world: World) -> list[str]:
    """What waits in the outbox, in words."""
    async with world.sessions() as work:
        rows = await work.scalars(select(Delivery).order_by(Delivery.id))
        return [REPLY.validate_json(world.ring.open(row.body, BODY)).text for row in rows]


async def number(world: World) -> str:
    """The number of the only group."""
    async with world.sessions() as work:
        return (await work.scalars(select(QuestionGroup.number))).one()


async def two_officers(world: World) -> tuple[Staff, Staff]:
    first = await world.staff(Role.OFFICER, login="yi")
    return first, await world.staff(Role.OFFICER, login="er")


async def answered(world: World, **changes: str) -> tuple[Staff, Staff, str]:
    """A question of one member, answered by one officer and checked by another."""
    first, second = await two_officers(world)
    async with world.browser(first) as one, world.browser(second) as two:
        await one.open("/desk/board")
        name = await number(world)
        await write(one, name, **changes)
        await act(two, name, "check")
    return first, second, name


async def test_like_questions_are_one_group_and_the_most_asked_comes_first(world: World):
    await ask(world, None, OTHER)
    await ask(world, await world.member("周小禾", "省财政厅", 101), ASKED)
    await ask(world, await world.member("苏一帆", "省水利厅", 102), ALIKE)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/board")
        newest = await browser.open("/desk/board?sort=newest&q=班车")
    assert page.text.index(ALIKE) < page.text.index(OTHER)
    assert '<span class="times">2</span>' in page.text
    assert OTHER in newest.text
    assert ALIKE not in newest.text


async def test_an_empty_board_says_what_will_come(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/board")
        none = await browser.open("/desk/board?q=没有的字")
    assert "这里现在没有问题" in page.text
    assert "没有找到符合的问题" in none.text


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.AUDITOR])
async def test_who_does_not_look_after_answers_sees_no_board(world: World, role: Role):
    await ask(world, None, ASKED)
    async with world.browser(await world.staff(role)) as browser:
        pages = [await browser.open(path) for path in ("/desk/board", "/desk/cards/try")]
    assert [page.status for page in pages] == [403, 403]


async def test_an_officer_sees_only_questions_of_their_own_units(world: World):
    await ask(world, await world.member("苏一帆", "省水利厅"), ASKED)
    async with world.browser(await world.staff(Role.ADMIN)) as browser:
        page = await group_of(browser, ASKED)
    async with world.browser(await world.staff(Role.OFFICER, path="/1/2/")) as browser:
        listed = await browser.open("/desk/board")
        other = await browser.open(page.url)
    assert ASKED not in listed.text
    assert other.status == 404


async def test_words_that_name_a_person_are_masked_until_a_reason_is_given(world: World):
    member = await world.member("周小禾", "省财政厅")
    await ask(world, member, "我叫周小禾，电话 13900000001，饭卡丢了去哪里补办")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        shut = await group_of(browser, "饭卡丢了去哪里补办")
        path = f"{shut.url}/open"
        empty = await browser.submit(shut, path, reason=" ")
        opened = await browser.submit(shut, path, reason="需要联系会员")
    assert [("13900000001" in page.text) for page in (shut, empty, opened)] == [False, False, True]
    assert "周小禾" not in shut.text
    assert "请先写一下为什么要看原话。" in empty.text
    async with world.sessions() as work:
        entry = (await audit.about(work, await number(world)))[-1]
    assert (entry.action, entry.data["reason"]) == ("question.read", "需要联系会员")


async def test_an_answer_is_told_once_it_was_checked_by_a_second_person(world: World):
    await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    first, second = await two_officers(world)
    async with world.browser(first) as one, world.browser(second) as two:
        await one.open("/desk/board")
        name = await number(world)
        written = await write(one, name)
        own = await act(one, name, "check")
        before = await told(world)
        checked = await act(two, name, "check")
        await world.parts.clauses.refresh()
        after = await two.open(f"/desk/board/{name}")
    assert "请另一位同事复核" in written.text
    assert (own.status, "自己写的答案要请另一位同事来复核" in own.text) == (409, True)
    assert before == []
    assert "复核通过" in checked.text
    assert "新的答案正在生效" in checked.text
    assert "都先找到这张卡" in after.text
    assert "周小禾" in after.text
    [words] = await told(world)
    assert words.startswith(f"您 11 月 22 日问过：“{ASKED}”\n现在有答案了：")
    assert "到一楼后勤窗口补办" in words
    assert "《省财政厅食堂管理办法》：“饭卡遗失的" in words


async def test_two_clicks_of_the_check_tell_once(world: World):
    await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    first, second = await two_officers(world)
    async with world.browser(first) as one, world.browser(second) as two:
        await one.open("/desk/board")
        name = await number(world)
        await write(one, name)
        page = await two.open(f"/desk/board/{name}")
        path = f"/desk/board/{name}/act"
        await asyncio.gather(*(two.submit(page, path, act="check") for _ in range(3)))
    assert len(await told(world)) == 1


async def test_each_person_is_told_once_however_often_they_asked(world: World):
    member = await world.member("周小禾", "省财政厅", 101)
    await ask(world, member, ASKED)
    await ask(world, member, ALIKE)
    await ask(world, await world.member("方晚晴", "省财政厅", 102), ALIKE)
    await answered(world)
    assert len(await told(world)) == 2


async def test_who_cannot_be_reached_is_listed(world: World):
    gone = await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    await world.stop_following(gone.id)
    first, _, name = await answered(world)
    async with world.browser(first) as browser:
        page = await browser.open(f"/desk/board/{name}")
    assert await told(world) == []
    assert "对方没有关注公众号，再关注时告诉" in page.text


async def come_back(world: World, person: Conversation) -> list[int]:
    """The person follows again, and two processes look after them at once; how many were told."""
    async with world.sessions.begin() as work:
        await tickets.set_following(work, person.id, following=True)

    async def one() -> int:
        async with world.sessions.begin() as work:
            clauses = world.parts.clauses
            return await board.tell_returned(work, world.ring, clauses, person.id, world.clock())

    return list(await asyncio.gather(one(), one()))


async def test_who_follows_again_is_told_once_what_was_answered_meanwhile(world: World):
    gone = await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    await world.stop_following(gone.id)
    first, _, name = await answered(world)
    assert await told(world) == []
    assert sorted(await come_back(world, gone)) == [0, 1]
    assert sum(await come_back(world, gone)) == 0
    [words] = await told(world)
    assert words.startswith(f"您 11 月 22 日问过：“{ASKED}”\n现在有答案了：")
    async with world.browser(first) as browser:
        page = await browser.open(f"/desk/board/{name}")
    assert "没有关注公众号" not in page.text


async def test_an_answer_skipped_because_its_person_had_left_is_told_when_they_return(
    world: World,
):
    gone = await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    await answered(world)
    await world.stop_following(gone.id)
    async with world.sessions.begin() as work:
        await work.execute(update(Delivery).values(status="skipped", reason="not following"))
    assert sum(await come_back(world, gone)) == 1
    assert "现在有答案了" in (await told(world))[-1]


async def test_who_returns_is_not_told_what_holds_no_more(world: World):
    gone = await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    await world.stop_following(gone.id)
    await answered(world, in_force_to="2026-12-31")
    world.clock.go_on(days=60)
    assert sum(await come_back(world, gone)) == 0
    assert await told(world) == []


async def test_who_returns_is_not_told_an_answer_that_was_taken_back(world: World):
    gone = await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    await world.stop_following(gone.id)
    _, second, name = await answered(world)
    async with world.browser(second) as browser:
        await act(browser, name, "undo")
    assert sum(await come_back(world, gone)) == 0


async def test_who_returns_is_not_told_the_rule_of_another_unit(world: World):
    await ask(world, await world.member("周小禾", "省财政厅", 101), ASKED)
    gone = await ask(world, await world.member("苏一帆", "省水利厅", 102), ALIKE)
    await world.stop_following(gone.id)
    author = await world.staff(Role.OFFICER, path="/1/2/", login="caizheng")
    checker = await world.staff(Role.OFFICER, login="er")
    async with world.browser(author) as one, world.browser(checker) as two:
        await one.open("/desk/board")
        await write(one, await number(world))
        await act(two, await number(world), "check")
    assert sum(await come_back(world, gone)) == 0
    assert len(await told(world)) == 1


async def test_a_units_own_rule_is_told_only_to_its_members(world: World):
    await ask(world, await world.member("周小禾", "省财政厅", 101), ASKED)
    await ask(world, await world.member("苏一帆", "省水利厅", 102), ALIKE)
    author = await world.staff(Role.OFFICER, path="/1/2/", login="caizheng")
    async with (
        world.browser(author) as one,
        world.browser(await world.staff(Role.OFFICER, login="er")) as two,
    ):
        await one.open("/desk/board")
        name = await number(world)
        await write(one, name)
        await act(two, name, "check")
        page = await two.open(f"/desk/board/{name}")
    async with world.sessions() as work:
        rows = (await work.execute(select(Question.told_at, Question.member_id))).all()
    assert sorted(row.told_at is not None for row in rows) == [False, True]
    assert "这是别的单位的规定" in page.text
    await world.parts.clauses.refresh()
    judge = world.parts.clauses.judge
    assert (await judge(ALIKE, None, "/1/2/")).answered
    assert not (await judge(ALIKE, None, "/1/3/")).answered


async def test_taking_an_answer_back_stops_it_and_a_new_one_is_told_as_a_correction(world: World):
    await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    first, second, name = await answered(world)
    async with world.sessions.begin() as work:
        await work.execute(update(Delivery).values(status="sent"))
    async with world.browser(first) as one, world.browser(second) as two:
        await act(two, name, "undo")
        await world.parts.clauses.refresh()
        assert not (await world.parts.clauses.judge(ALIKE, None, "/1/")).answered
        form = await one.open(f"/desk/board/{name}/write")
        await write(one, name, plain="带上工作证，到二楼后勤窗口补办。")
        await act(two, name, "check")
    assert "到一楼后勤窗口补办" in form.text
    assert "之前的答复有更正，以这次为准" in (await told(world))[-1]


async def test_an_answer_taken_back_before_it_was_sent_is_not_sent(world: World):
    await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    _, second, name = await answered(world)
    async with world.browser(second) as two:
        await act(two, name, "undo")
    async with world.sessions() as work:
        row = (await work.scalars(select(Delivery))).one()
        question = (await work.scalars(select(Question))).one()
    assert (row.status, row.reason) == ("skipped", "taken back")
    assert (question.told_at, question.delivery_id) == (None, None)


async def test_a_card_that_is_there_answers_with_the_questions_as_samples(world: World):
    words = "休公休假的时候工资要不要打折发"
    await ask(world, await world.member("周小禾", "省财政厅"), words)
    first, second = await two_officers(world)
    async with world.browser(first) as one, world.browser(second) as two:
        await one.open("/desk/board")
        name = await number(world)
        path = f"/desk/board/{name}/link"
        picked = await one.open(f"{path}?slug=annual-leave-full-pay")
        assert words in picked.text
        await one.submit(picked, path, wordings=words)
        early = await told(world)
        await act(two, name, "check")
        await world.parts.clauses.refresh()
        page = await two.open(f"/desk/board/{name}")
        card = await two.open("/desk/cards/annual-leave-full-pay")
    assert early == []
    assert "照发，不能少" in (await told(world))[0]
    assert "都先找到这张卡" in page.text
    assert "后来补的" in card.text


async def test_a_question_that_does_not_find_its_card_is_said_and_wordings_mend_it(world: World):
    words = "卡没了咋整"
    await ask(world, await world.member("周小禾", "省财政厅"), words)
    others = "\n".join(("食堂在几楼", "食堂几点开饭", "食堂可以带家属吗", "食堂能刷手机吗"))
    _first, second, name = await answered(world, questions=others)
    await world.parts.clauses.refresh()
    async with world.browser(second) as two:
        missed = await two.open(f"/desk/board/{name}")
        path = f"/desk/board/{name}/wordings"
        short = await two.submit(missed, path, wordings="啊")
        await two.submit(missed, path, wordings=words)
        await world.parts.clauses.refresh()
        found = await two.open(f"/desk/board/{name}")
    assert "还不能先找到这张卡" in missed.text
    assert "请至少写一种问法" in short.text
    assert "都先找到这张卡" in found.text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"questions": "只有一种问法"}, "请写 4 到 16 种问法"),
        ({"plain": ""}, "请用大白话写出答案"),
        ({"theme": ""}, "请选一个主题"),
        ({"issued": "今年"}, "请填印发的日期"),
        ({"source": ""}, "请写规定的全名"),
        ({"in_force_to": "2020-01-01"}, "失效的日期比生效的日期还早"),
        ({"basis": "law", "document": "没有的法", "article": "3"}, "没有找到这部法的这一条"),
        ({"basis": "law", "document": "职工带薪年休假条例", "article": "甲"}, "请写成“第三条”"),
    ],
)
async def test_a_form_that_is_not_right_says_what_to_do_and_keeps_what_was_typed(
    world: World, changes: dict[str, str], sentence: str
):
    await ask(world, None, ASKED)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        await browser.open("/desk/board")
        page = await write(browser, await number(world), **changes)
    page.check()
    assert page.status == 409
    assert sentence in page.text
    assert ANSWER["quote_key"] in page.text
    async with world.sessions() as work:
        assert list(await work.scalars(select(DeskCard))) == []


async def test_an_article_answers_only_with_a_sentence_that_stands_in_it(world: World):
    await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    body = "工会会员遗失会员证件的，由所在的基层工会免费补发。"
    article = Article("第三条", 3, 0, (), body)
    statute = Statute("会员证件办法", date(2025, 3, 1), date(2025, 5, 1), (), (article,), "")
    async with world.sessions.begin() as work:
        text = FullText(statute, "", "全国", None, "")
        await store_document(work, text, "test", world.clock())
    first, second = await two_officers(world)
    law = {"basis": "law", "document": "《会员证件办法》", "article": "3", "in_force_from": ""}
    async with world.browser(first) as one, world.browser(second) as two:
        await one.open("/desk/board")
        name = await number(world)
        wrong = await write(one, name, **law)
        missing = await write(one, name, **{**law, "article": "9"})
        right = await write(one, name, **law, quote_key="由所在的基层工会免费补发")
        await act(two, name, "check")
        await world.parts.clauses.refresh()
        async with world.sessions() as work:
            slug = (await work.scalars(select(DeskCard.slug))).one()
        card = await two.open(f"/desk/cards/{slug}")
    assert f"这句话要和原文一字不差。原文是：{body}" in wrong.text
    assert "《会员证件办法》里没有第九条" in missing.text
    assert right.status == 200
    assert "《会员证件办法》第三条：“工会会员遗失会员证件的" in (await told(world))[0]
    assert "2025-05-01 起施行" in (await told(world))[0]
    assert "导入的原文里都有" in card.text


async def test_setting_aside_needs_a_reason_and_can_be_undone(world: World):
    await ask(world, None, OTHER)
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        await browser.open("/desk/board")
        name = await number(world)
        silent = await act(browser, name, "aside", reason="")
        await act(browser, name, "aside", reason="班车归机关事务局管")
        aside = await browser.open("/desk/board?state=aside")
        page = await browser.open(f"/desk/board/{name}")
        await act(browser, name, "undo")
        again = await browser.open("/desk/board")
    assert "请写一句原因" in silent.text
    assert OTHER in aside.text
    assert "搁置原因：班车归机关事务局管" in page.text
    assert OTHER in again.text


async def test_a_question_can_be_moved_out_and_into_an_answered_group(world: World):
    await ask(world, await world.member("周小禾", "省财政厅", 101), ASKED)
    first, _, name = await answered(world)
    await ask(world, await world.member("方晚晴", "省财政厅", 102), OTHER)
    async with world.browser(first) as browser:
        page = await group_of(browser, OTHER)
        await browser.submit(page, f"{page.url}/move", to=name)
        merged = await browser.open(f"/desk/board/{name}")
    assert OTHER in merged.text
    assert len(await told(world)) == 2


async def test_who_saw_an_older_group_does_not_decide_on_the_new_one(world: World):
    await ask(world, None, ASKED)
    first, second = await two_officers(world)
    async with world.browser(first) as one, world.browser(second) as two:
        await one.open("/desk/board")
        name = await number(world)
        await write(one, name)
        seen = await two.open(f"/desk/board/{name}")
        await write(one, name, plain="请到三楼后勤窗口补办。")
        late = await two.submit(seen, f"/desk/board/{name}/act", act="check")
    assert (late.status, "刚刚有了变化" in late.text) == (409, True)
    assert await told(world) == []


async def test_the_list_leaves_as_a_file_on_record(world: World):
    await ask(world, None, "=我的电话 13900000001 能开通吗")
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        page = await browser.open("/desk/board")
        file = await browser.submit(page, "/desk/board.csv")
    rows = list(csv.reader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert rows[1][1] == "'=我的电话 ＊＊＊＊ 能开通吗"
    async with world.sessions() as work:
        entries = await audit.about(work, "officer")
    assert [(each.action, each.data["rows"]) for each in entries] == [("question.export", "1")]


async def test_what_was_said_in_danger_never_comes_to_the_board(world: World):
    conversation = await world.conversation(None)
    said = await world.message(conversation, "我不想活了，单位不给假", hidden=True)
    asked = Unanswered(
        conversation.id, None, said.id, "我不想活了，单位不给假", Reason.REFUSED, None, ()
    )
    async with world.sessions.begin() as work:
        assert not await questions.note(work, world.ring, asked, world.clock())
        assert list(await work.scalars(select(Question))) == []


async def test_what_is_asked_while_an_alarm_is_open_never_comes_to_the_board(world: World):
    ticket = await world.ticket(None, "我不想活了", Why.URGENT)
    said = await world.message(await world.conversation_of(ticket), "年假能折现吗")
    asked = Unanswered(
        ticket.conversation_id, None, said.id, "年假能折现吗", Reason.REFUSED, None, ()
    )
    async with world.sessions.begin() as work:
        assert not await questions.note(work, world.ring, asked, world.clock())
        assert list(await work.scalars(select(Question))) == []


async def test_the_same_words_of_the_same_person_are_kept_once(world: World):
    conversation = await ask(world, None, ASKED)
    said = await world.message(conversation, ASKED)
    asked = Unanswered(conversation.id, None, said.id, ASKED, Reason.REFUSED, None, ())
    async with world.sessions.begin() as work:
        assert await questions.note(work, world.ring, asked, world.clock())
    async with world.sessions() as work:
        assert len(list(await work.scalars(select(Question)))) == 1


async def test_two_processes_that_group_at_once_make_one_group(world: World):
    await ask(world, None, ASKED)
    await ask(world, None, ALIKE)

    async def gather() -> int:
        async with world.sessions.begin() as work:
            return await board.gather(work, world.ring, world.parts.clauses, world.clock())

    counts = await asyncio.gather(gather(), gather(), gather())
    assert sorted(counts) == [0, 0, 2]
    assert await number(world)


async def test_a_check_that_is_cut_off_tells_nobody_and_can_be_made_again(world: World):
    await ask(world, await world.member("周小禾", "省财政厅"), ASKED)
    first, second = await two_officers(world)
    async with world.browser(first) as one:
        await one.open("/desk/board")
        name = await number(world)
        await write(one, name)
    staffer = Staffer(second.id, second.login, second.name)

    async def check(*, cut_off: bool) -> int:
        async with world.sessions.begin() as work:
            group = await board.find_group(work, name)
            assert group is not None
            card = await board.card_of_group(work, group, world.parts.clauses)
            assert card is not None
            count = await board.verify(work, world.ring, group, card, staffer, world.clock())
            if cut_off:
                raise ConnectionResetError
            return count

    with pytest.raises(ConnectionResetError):
        await check(cut_off=True)
    before = await told(world)
    results = await asyncio.gather(
        *(check(cut_off=False) for _ in range(3)), return_exceptions=True
    )
    assert before == []
    assert sorted(str(each) for each in results if isinstance(each, int)) == ["1"]
    assert len(await told(world)) == 1


async def test_cards_are_found_by_law_theme_status_and_origin(world: World):
    await ask(world, None, ASKED)
    first, _, name = await answered(world)
    await world.parts.clauses.refresh()
    async with world.browser(first) as browser:
        everything = await browser.open("/desk/cards")
        own = await browser.open("/desk/cards?origin=desk")
        by_law = await browser.open("/desk/cards?law=职工带薪年休假条例&theme=休假与放假&q=扣钱")
        nothing = await browser.open("/desk/cards?status=unverified")
        async with world.sessions() as work:
            slug = (await work.scalars(select(DeskCard.slug))).one()
        card = await browser.open(f"/desk/cards/{slug}")
        missing = await browser.open("/desk/cards/no-such-card")
    assert "《省财政厅食堂管理办法》" in everything.text
    assert "职工带薪年休假条例" not in own.text.partition("<table")[2]
    assert "annual-leave-full-pay" in by_law.text
    assert "没有找到符合的卡" in nothing.text
    assert name in card.text
    assert missing.status == 404


async def test_the_box_shows_the_answer_and_why_or_that_there_is_none(world: World):
    async with world.browser(await world.staff(Role.OFFICER)) as browser:
        box = await browser.open("/desk/cards/try")
        path = "/desk/cards/try"
        yes = await browser.submit(box, path, question="上班多久才有年休假", kind="企业")
        no = await browser.submit(box, path, question="武汉地铁几点收班")
        empty = await browser.submit(box, path, question=" ")
    for page in (yes, no, empty):
        page.check()
    assert "会这样回答" in yes.text
    assert "《职工带薪年休假条例》第二条" in yes.text
    assert "最像：上班多久才有年休假" in yes.text
    assert "不会回答" in no.text
    assert "请先写一个问题。" in empty.text
    async with world.sessions() as work:
        kept = [*await work.scalars(select(Question)), *await work.scalars(select(Message))]
        assert (kept, list(await work.scalars(select(CardWording)))) == ([], [])
