"""Invented people, units and events to try the service with. Nobody here exists."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select

from bot.desk.sign_in import add_staff
from bot.rooms import ORIGINAL_ID
from bot.simulator.people import DEMO
from models.conversation import Conversation
from models.event import Event
from models.member import Member, enrol
from models.staff import Role
from models.unit import Unit

if TYPE_CHECKING:
    from models.db import Work
    from models.seal import KeyRing

SHANGHAI = ZoneInfo("Asia/Shanghai")
PASSWORD = "lianxin-demo"  # noqa: S105 - printed for whoever tries the demo

UNITS = (
    ("湖北省直属机关工会联合会", "省直机关工会", "社团"),
    ("湖北省财政厅", "省财政厅", "机关"),
    ("湖北省教育厅", "省教育厅", "机关"),
    ("湖北省水利厅", "省水利厅", "机关"),
    ("湖北省妇幼保健院", "省妇幼保健院", "事业"),
    ("长江出版传媒集团", "长江出版", "企业"),
)


@dataclass(frozen=True, slots=True)
class Roster:
    """One invented person; `unit` by short name. The region 990000 is assigned to no place."""

    name: str
    unit: str
    sex: str
    born: date
    serial: int
    phone: str

    @property
    def id_number(self) -> str:
        """18 characters with a right check digit."""
        body = f"990000{self.born:%Y%m%d}{self.serial:03d}"
        weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
        total = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True))
        return body + "10X98765432"[total % 11]


ROSTER = (
    Roster("周小禾", "省财政厅", "F", date(1968, 3, 14), 124, "13900000001"),
    Roster("林夜舟", "省妇幼保健院", "F", date(1991, 11, 2), 246, "13900000002"),
    Roster("江知远", "长江出版", "M", date(1979, 6, 21), 131, "13900000003"),
    Roster("苏一帆", "省水利厅", "M", date(1999, 9, 9), 357, "13900000004"),
    Roster("何清欢", "省教育厅", "F", date(1988, 1, 27), 468, "13900000005"),
    Roster("顾松年", "省教育厅", "M", date(1967, 12, 30), 579, "13900000006"),
    Roster("方晚晴", "省财政厅", "F", date(1996, 4, 5), 682, "13900000007"),
    Roster("孟长河", "省水利厅", "M", date(1970, 7, 17), 793, "13900000008"),
)
# On the roster, with a simulated phone, but not bound yet: binding can be tried with her.
UNBOUND = "方晚晴"

STAFF = (
    ("gonghui", "方敏之", Role.OFFICER),
    ("xinli", "温如言", Role.COUNSELLOR),
    ("shenji", "石可鉴", Role.AUDITOR),
    ("guanli", "管一白", Role.ADMIN),
)


async def seed(work: Work, ring: KeyRing, now: datetime) -> None:
    """Put the demo into an empty database; what is there already stays as it is."""
    if await work.scalar(select(func.count()).select_from(Unit)):
        return
    root, units = await _units(work)
    for person in ROSTER:
        work.add(
            Member(
                public_id=f"M{secrets.token_hex(4).upper()}",
                unit_id=units[person.unit],
                sex=person.sex,
                joined_at=now - timedelta(days=900),
                **enrol(
                    ring,
                    name=person.name,
                    id_number=person.id_number,
                    phone=person.phone,
                    born=person.born,
                ),
            )
        )
    for login, name, role in STAFF:
        await add_staff(work, login=login, name=name, role=role, path=root, password=PASSWORD)
    _events(work, now)
    await work.flush()
    await _bind(work, ring, now)


async def _units(work: Work) -> tuple[str, dict[str, int]]:
    """The tree, as the path of its root and the ids by short name."""
    ids: dict[str, int] = {}
    root = None
    for name, short_name, kind in UNITS:
        unit = Unit(
            parent_id=root, path=f"/new/{name}/", name=name, short_name=short_name, kind=kind
        )
        work.add(unit)
        await work.flush()
        root = root or unit.id
        unit.path = f"/{root}/" if unit.id == root else f"/{root}/{unit.id}/"
        ids[short_name] = unit.id
    await work.flush()
    return f"/{root}/", ids


def _events(work: Work, now: datetime) -> None:
    day = now.astimezone(SHANGHAI).replace(hour=9, minute=0, second=0, microsecond=0)
    for title, kind, place, ahead, capacity in (
        ("新年登高健身", "climb", "东湖磨山南门", 42, 30),
        ("羽毛球友谊赛", "sports", "省直机关文体中心", 21, 2),
    ):
        starts = day + timedelta(days=ahead)
        work.add(
            Event(
                public_id=secrets.token_hex(6),
                kind=kind,
                title=title,
                about="请穿运动鞋，带好饮水，提前 15 分钟到场集合。",
                place=place,
                starts_at=starts,
                ends_at=starts + timedelta(hours=3),
                closes_at=starts - timedelta(days=3),
                capacity=capacity,
            )
        )


async def _bind(work: Work, ring: KeyRing, now: datetime) -> None:
    for person in DEMO:
        member = await work.scalar(
            select(Member).where(Member.name_index == ring.index(person.name, "member.name"))
        )
        if member is not None and person.name != UNBOUND:
            await work.execute(
                insert(Conversation).values(
                    channel="wechat",
                    account=ORIGINAL_ID,
                    sender=person.openid,
                    created_at=now,
                    member_id=member.id,
                )
            )
