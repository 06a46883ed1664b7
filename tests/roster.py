"""Invented members for tests of many rooms, in any number."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from models.conversation import Conversation
from models.member import Member, enrol
from models.staff import Role, Staff
from models.unit import Unit

if TYPE_CHECKING:
    from models.db import Sessions
    from models.seal import KeyRing

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(serial: int) -> str:
    """A number of nobody, with a right check digit; 990000 is assigned to no place."""
    body = f"990000{1970 + serial // 1000 % 30}0101{serial % 1000:03d}"
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, body, strict=True))
    return body + "10X98765432"[total % 11]


async def make_unit(sessions: Sessions, name: str = "省测试厅") -> int:
    """One unit, the root of its own tree."""
    row = Unit(parent_id=None, path=f"/{name}/", name=f"湖北{name}", short_name=name, kind="机关")
    async with sessions.begin() as work:
        work.add(row)
    return row.id


async def make_members(
    sessions: Sessions,
    ring: KeyRing,
    now: datetime,
    count: int,
    *,
    unit: int,
    sex: str = "F",
    name: str = "",
    first: int = 0,
    left: bool = False,
) -> list[int]:
    """Members `first`, `first` + 1 …; 测试甲0, 测试甲1 … unless a name is given."""
    rows = [
        {
            "public_id": f"T{unit}-{first + place}",
            "unit_id": unit,
            "sex": sex,
            "joined_at": now - timedelta(days=400),
            "left_at": now if left else None,
            "version": 1,
            **enrol(
                ring,
                name=name or f"测试甲{first + place}",
                id_number=id_number(first + place),
                phone="13900000000",
                born=date(1980, 1, 1),
            ),
        }
        for place in range(count)
    ]
    async with sessions.begin() as work:
        made = await work.scalars(insert(Member).returning(Member.id), rows)
        return sorted(made)


async def make_conversations(
    sessions: Sessions, now: datetime, members: list[int], *, following: bool = True
) -> list[int]:
    """One conversation each, bound, with an open window."""
    rows = [
        {
            "channel": "wechat",
            "account": "gh_a",
            "sender": f"o{member}",
            "created_at": now,
            "member_id": member,
            "following": following,
            "msg_left": 5,
            "msg_until": now + timedelta(hours=48),
        }
        for member in members
    ]
    async with sessions.begin() as work:
        made = await work.scalars(insert(Conversation).returning(Conversation.id), rows)
        return sorted(made)


async def make_stranger(sessions: Sessions, now: datetime, sender: str = "o-stranger") -> int:
    """Somebody who writes and whom nobody knows."""
    row = Conversation(channel="wechat", account="gh_a", sender=sender, created_at=now)
    async with sessions.begin() as work:
        work.add(row)
    return row.id


async def make_staff(sessions: Sessions, login: str = "gonghui") -> Staff:
    """One officer."""
    async with sessions.begin() as work:
        known = await work.scalar(select(Staff).where(Staff.login == login))
        if known is not None:
            return known
        row = Staff(login=login, name="方敏之", role=Role.OFFICER, path="/", password="x")
        work.add(row)
    return row
