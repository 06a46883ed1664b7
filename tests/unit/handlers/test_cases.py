"""Applications: one case however often it is sent, one decision however many reviewers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from handlers.actions import cases, drafts
from handlers.actions.cases import Decision, Filled, NoSuchCaseError, SentenceMissingError
from handlers.actions.tickets import Staffer
from handlers.draft import Draft
from handlers.errors import ChangedMeanwhileError
from handlers.types import REPLY
from models.application import Application, CaseStatus, DraftRow, new_number
from models.audit import AuditEntry
from models.db import Sessions
from models.delivery import BODY, Delivery
from models.seal import KeyRing
from tests.roster import make_conversations, make_members, make_staff, make_unit

if TYPE_CHECKING:
    from collections.abc import Coroutine

FILLED = Filled("tuition", "金秋助学", 1, json.dumps({"child": "测试小明"}, ensure_ascii=False))
SENT, RETURNED, APPROVED, REFUSED, WITHDRAWN = CaseStatus


@dataclass
class Office:
    """One member with a WeChat, and two reviewers."""

    sessions: Sessions
    ring: KeyRing
    now: datetime
    member: int
    reviewers: tuple[Staffer, Staffer]

    async def fill(self) -> None:
        """The member has filled the form and not sent it yet."""
        draft = Draft("tuition", 1, self.now)
        async with self.sessions.begin() as work:
            await drafts.keep(work, self.ring, self.member, draft, self.now)

    async def submit(self, filled: Filled = FILLED) -> str:
        async with self.sessions.begin() as work:
            return (await cases.submit(work, self.ring, self.member, filled, self.now)).number

    async def sent(self) -> str:
        await self.fill()
        return await self.submit()

    async def decide(
        self,
        number: str,
        status: CaseStatus,
        *,
        version: int | None = None,
        reviewer: int = 0,
        sentence: str = "材料齐全，同意。",
    ) -> None:
        async with self.sessions.begin() as work:
            case = await cases.find_case(work, number)
            seen = case.version if version is None else version
            decision = Decision(status, sentence, "金秋助学", seen)
            await cases.decide(work, self.ring, case, self.reviewers[reviewer], decision, self.now)

    async def withdraw(self, number: str) -> None:
        async with self.sessions.begin() as work:
            await cases.withdraw(work, await cases.find_case(work, number), self.now)

    async def case(self) -> Application:
        async with self.sessions() as work:
            return (await work.scalars(select(Application))).one()

    async def told(self) -> list[str]:
        async with self.sessions() as work:
            rows = await work.scalars(select(Delivery).order_by(Delivery.id))
            opened = (self.ring.open(row.body, BODY) for row in rows)
            return [REPLY.validate_json(body).text for body in opened]

    async def acts(self) -> list[str]:
        async with self.sessions() as work:
            return list(await work.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


@pytest.fixture
async def office(sessions: Sessions, ring: KeyRing, now: datetime) -> Office:
    unit = await make_unit(sessions)
    (member,) = await make_members(sessions, ring, now, 1, unit=unit)
    await make_conversations(sessions, now, [member])
    rows = [await make_staff(sessions, login) for login in ("gonghui", "fuhe")]
    first, second = (Staffer(row.id, row.login, row.name) for row in rows)
    return Office(sessions, ring, now, member, (first, second))


async def outcomes(*works: Coroutine[object, object, object]) -> Counter[str]:
    """How many of these that run at once came through, and how the others failed."""
    results = await asyncio.gather(*works, return_exceptions=True)
    return Counter(
        type(result).__name__ if isinstance(result, BaseException) else "done"
        for result in results
    )


async def test_a_filled_form_becomes_a_case_and_the_draft_is_gone(office: Office):
    number = await office.sent()
    case = await office.case()
    assert (case.number, case.status, case.member_id) == (number, SENT, office.member)
    assert cases.answers_of(case, office.ring) == {"child": "测试小明"}
    async with office.sessions() as work:
        assert (await work.scalars(select(DraftRow))).all() == []


async def test_the_answers_lie_sealed(office: Office):
    await office.sent()
    assert "测试小明".encode() not in (await office.case()).answers


async def test_sending_twice_at_once_makes_one_case(office: Office):
    await office.fill()
    results = await outcomes(*(office.submit() for _ in range(5)))
    assert results == {"done": 1, "ChangedMeanwhileError": 4}
    assert (await office.case()).status == SENT


async def test_two_reviewers_at_once_make_one_decision(office: Office):
    number = await office.sent()
    seen = (await office.case()).version
    results = await outcomes(
        office.decide(number, APPROVED, version=seen),
        office.decide(number, REFUSED, version=seen, reviewer=1),
    )
    assert results == {"done": 1, "ChangedMeanwhileError": 1}
    assert len(await office.told()) == 1


async def test_a_reviewer_who_saw_an_older_form_is_told_to_look_again(office: Office):
    number = await office.sent()
    seen = (await office.case()).version
    await office.decide(number, RETURNED, sentence="请补一张录取通知书。")
    with pytest.raises(ChangedMeanwhileError, match="刚刚有了变化"):
        await office.decide(number, APPROVED, version=seen, reviewer=1)
    assert (await office.case()).status == RETURNED


async def test_a_member_who_withdraws_while_it_is_approved_gets_one_of_the_two(office: Office):
    number = await office.sent()
    seen = (await office.case()).version
    results = await outcomes(
        office.decide(number, APPROVED, version=seen), office.withdraw(number)
    )
    assert results == {"done": 1, "ChangedMeanwhileError": 1}


@pytest.mark.parametrize(
    ("status", "opening"),
    [(APPROVED, "审核通过了"), (REFUSED, "这次没有通过"), (RETURNED, "需要您补充或更正")],
)
async def test_the_member_reads_the_decision_and_the_sentence(
    office: Office, status: CaseStatus, opening: str
):
    number = await office.sent()
    await office.decide(number, status, sentence=" 请看说明。 ")
    (words,) = await office.told()
    assert words.startswith(f"您的金秋助学申请（{number}）{opening}。\n请看说明。")
    case = await office.case()
    assert (case.status, case.decided_by) == (status, office.reviewers[0].id)
    assert cases.sentence_of(case, office.ring) == "请看说明。"


async def test_a_decision_needs_a_sentence(office: Office):
    number = await office.sent()
    with pytest.raises(SentenceMissingError):
        await office.decide(number, APPROVED, sentence="  ")
    assert (await office.case()).status == SENT
    assert await office.told() == []


@pytest.mark.parametrize("ended", [APPROVED, REFUSED])
async def test_what_is_decided_stays_decided(office: Office, ended: CaseStatus):
    number = await office.sent()
    await office.decide(number, ended)
    for status in (APPROVED, REFUSED, RETURNED):
        with pytest.raises(ChangedMeanwhileError):
            await office.decide(number, status)
    with pytest.raises(ChangedMeanwhileError):
        await office.withdraw(number)
    assert (await office.case()).status == ended


async def test_a_returned_case_is_sent_again_under_its_number(office: Office):
    number = await office.sent()
    await office.decide(number, RETURNED)
    await office.fill()
    async with office.sessions.begin() as work:
        draft = (await work.scalars(select(DraftRow))).one()
        draft.case_id = (await work.scalars(select(Application.id))).one()
    again = Filled("tuition", "金秋助学", 1, json.dumps({"child": "测试小红"}))
    assert await office.submit(again) == number
    case = await office.case()
    assert (case.status, cases.answers_of(case, office.ring)) == (SENT, {"child": "测试小红"})


async def test_a_withdrawn_case_stays_on_record(office: Office):
    number = await office.sent()
    await office.withdraw(number)
    assert (await office.case()).status == WITHDRAWN


async def test_every_step_is_written_down(office: Office):
    number = await office.sent()
    await office.decide(number, RETURNED)
    await office.withdraw(number)
    assert await office.acts() == ["case.send", "case.returned", "case.withdraw"]


async def test_a_number_nobody_has_finds_nothing(office: Office):
    with pytest.raises(NoSuchCaseError):
        await office.withdraw("S26-XXXX-XXXX")
    assert await office.acts() == []


def test_case_numbers_are_easy_to_read_out_and_hard_to_guess(now: datetime):
    numbers = {new_number("S", now) for _ in range(500)}
    assert len(numbers) == 500
    assert all(number.startswith("S26-") and len(number) == 13 for number in numbers)
    assert set("".join(number[4:] for number in numbers)) & set("0O1ILI2Z5S") == set()
