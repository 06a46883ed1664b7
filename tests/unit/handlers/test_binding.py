"""Binding a WeChat to a person of the roster: exactly one fits, and guessing is slow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.config import HERE
from handlers.actions import binding
from handlers.actions.binding import Guessing, Told
from handlers.errors import BindingPausedError
from models.audit import AuditEntry
from models.conversation import Conversation
from models.db import Sessions
from models.member import Member
from models.seal import KeyRing
from nlp.names import Names
from tests.roster import id_number, make_members, make_stranger, make_unit

NAME = "测试甲"


@dataclass
class Door:
    """A roster of one unit with one person on it, and a stranger who says who they are."""

    sessions: Sessions
    ring: KeyRing
    now: datetime
    unit: int
    member: int
    stranger: int
    guessing: Guessing = field(default_factory=lambda: Guessing(6, timedelta(minutes=15)))

    async def bind(
        self, last_four: str, *, name: str = NAME, units: tuple[int, ...] = (), who: int = 0
    ) -> int | None:
        async with self.sessions.begin() as work:
            told = Told(name, units or (self.unit,), last_four)
            member = await binding.bind(
                work, self.ring, who or self.stranger, told, self.now, self.guessing
            )
            return None if member is None else member.id

    async def bound_to(self, who: int = 0) -> int | None:
        async with self.sessions() as work:
            return (await work.get_one(Conversation, who or self.stranger)).member_id

    async def wrong(self, times: int) -> None:
        for _ in range(times):
            assert await self.bind("0000") is None


@pytest.fixture
async def door(sessions: Sessions, ring: KeyRing, now: datetime) -> Door:
    unit = await make_unit(sessions)
    (member,) = await make_members(sessions, ring, now, 1, unit=unit, name=NAME, first=7)
    return Door(sessions, ring, now, unit, member, await make_stranger(sessions, now))


FOUR = id_number(7)[-4:]


async def test_name_unit_and_last_four_bind(door: Door):
    assert await door.bind(FOUR) == door.member
    assert await door.bound_to() == door.member


async def test_a_binding_is_written_down(door: Door):
    await door.bind(FOUR)
    async with door.sessions() as work:
        entry = (await work.scalars(select(AuditEntry))).one()
        member = await work.get_one(Member, door.member)
    assert (entry.action, entry.subject) == ("member.bind", member.public_id)


async def test_a_small_x_is_as_good_as_a_large_one(door: Door):
    serial = next(number for number in range(100) if id_number(number).endswith("X"))
    (member,) = await make_members(
        door.sessions, door.ring, door.now, 1, unit=door.unit, name="测试乙", first=serial
    )
    assert await door.bind(id_number(serial)[-4:].lower(), name="测试乙") == member


async def test_nobody_is_bound_when_one_of_the_three_is_wrong(door: Door):
    other = await make_unit(door.sessions, "省别处")
    assert await door.bind("0000") is None
    assert await door.bind(FOUR, name="测试丙") is None
    assert await door.bind(FOUR, units=(other,)) is None
    assert await door.bound_to() is None


async def test_two_people_who_cannot_be_told_apart_are_not_guessed(door: Door):
    other = await make_unit(door.sessions, "省测试厅直属")
    twin = next(number for number in range(1000, 20_000) if id_number(number)[-4:] == FOUR)
    await make_members(door.sessions, door.ring, door.now, 1, unit=other, name=NAME, first=twin)
    assert await door.bind(FOUR, units=(door.unit, other)) is None
    assert await door.bind(FOUR) == door.member


async def test_who_left_the_union_is_not_found(door: Door):
    await make_members(
        door.sessions, door.ring, door.now, 1, unit=door.unit, name="测试丁", first=9, left=True
    )
    assert await door.bind(id_number(9)[-4:], name="测试丁") is None


async def test_six_wrong_tries_make_a_pause_in_which_even_the_truth_is_refused(door: Door):
    await door.wrong(6)
    with pytest.raises(BindingPausedError) as paused:
        await door.bind(FOUR)
    assert "15 分钟" in paused.value.sentence
    assert await door.bound_to() is None


async def test_five_wrong_tries_do_not_pause(door: Door):
    await door.wrong(5)
    assert await door.bind(FOUR) == door.member


async def test_after_the_pause_it_can_be_tried_again_six_times(door: Door):
    await door.wrong(6)
    door.now += timedelta(minutes=15)
    await door.wrong(5)
    assert await door.bind(FOUR) == door.member


async def test_a_pause_of_one_person_is_nobody_elses(door: Door):
    await door.wrong(6)
    other = await make_stranger(door.sessions, door.now, "o-other")
    assert await door.bind(FOUR, who=other) == door.member


async def test_a_binding_can_be_loosened_and_made_again(door: Door):
    await door.bind(FOUR)
    async with door.sessions.begin() as work:
        member = await work.get_one(Member, door.member)
        await binding.unbind(work, door.stranger, member, door.now)
    assert await door.bound_to() is None
    assert await door.bind(FOUR) == door.member


async def test_units_are_known_by_any_of_their_names(door: Door):
    await make_unit(door.sessions, "省测试厅服务中心")
    await make_unit(door.sessions, "国家税务总局湖北省验收局")
    names = Names.load(HERE / "nlp" / "lexicon")
    async with door.sessions() as work:
        long, _ = await binding.units_named(work, names, "我在湖北省测试厅服务中心上班")
        short, _ = await binding.units_named(work, names, "测试厅")
        told, rest = await binding.units_named(work, names, "验收局的柳大山")
        nothing, _ = await binding.units_named(work, names, "我在别处上班")
    assert [unit.short_name for unit in told] == ["国家税务总局湖北省验收局"]
    assert rest.strip() == "的柳大山"
    assert [unit.short_name for unit in long] == ["省测试厅服务中心", "省测试厅"]
    assert [unit.short_name for unit in short] == ["省测试厅"]
    assert nothing == []
