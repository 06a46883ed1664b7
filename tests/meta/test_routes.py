"""Every line of the routing table is the answer to something."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from bot.config import HERE
from handlers import routes
from handlers.actions.binding import Guessing
from handlers.actions.clauses import Clauses
from handlers.actions.evidence import Bounds, Store
from handlers.context import Context, Services, State
from handlers.reckon.reckoner import Pending
from handlers.types import Inbound, Kind
from models import db

if TYPE_CHECKING:
    from bot.app import Loaded
    from models.seal import KeyRing

NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """One message and what is open when it comes."""

    text: str = ""
    kind: Kind = Kind.TEXT
    event: str = ""
    form: str = ""
    binding: bool = False
    ticket: int | None = None
    reckoning: bool = False


COMMANDS = (
    "继续",
    "政策",
    "休假与放假",
    "没有用",
    "我不是要申请助学",
    "解除绑定",
    "补充 S26-7KM4-9QTR",
    "撤回 S26-7KM4-9QTR",
    "取消报名",
    "报名 羽毛球",
    "我的报名",
    "确认提交",
    "嗯",
    "算了",
    "我想报名羽毛球友谊赛",
    "单位一直拖着不给我签合同怎么办",
    "劳动合同法第三十八条",
    "今晚吃什么菜好",
)
CASES = (
    Case(kind=Kind.EVENT, event="unsubscribe"),
    Case(kind=Kind.EVENT, event="subscribe"),
    Case(kind=Kind.EVENT, event="view"),
    Case("我不想活了"),
    Case("在吗", ticket=1),
    Case("张三", binding=True),
    Case("高三", form="tuition"),
    Case("6 年", reckoning=True),
    Case("我是公务员：旷工几天单位可以开除"),
    Case(kind=Kind.IMAGE),
    Case("省政府", kind=Kind.LOCATION),
    Case(" "),
    *(Case(words) for words in COMMANDS),
)


def examples() -> list[Case]:
    """The sentences that the lexicon itself gives for its meanings."""
    tree = yaml.safe_load((HERE / "nlp/lexicon/intents.yaml").read_text(encoding="utf-8"))

    def words(node: object) -> list[str]:
        if isinstance(node, str):
            return [node]
        if isinstance(node, dict):
            node = list(node.values())
        return [each for part in node for each in words(part)] if isinstance(node, list) else []

    return [Case(each) for each in words(tree)]


def context_of(case: Case, services: Services) -> Context:
    inbound = Inbound(
        "terminal", "a", "o1", uuid.uuid4(), case.kind, NOW, text=case.text, event=case.event
    )
    asked = Pending("annual_leave", asked="worked") if case.reckoning else None
    state = State(form=case.form, binding={} if case.binding else None, reckoning=asked)
    return Context(
        inbound,
        NOW,
        services,
        state,
        services.language.now.understander.read(case.text),
        message_id=1,
        conversation_id=1,
        member_id=None,
        ticket_id=case.ticket,
    )


async def test_every_route_answers_something(loaded: Loaded, ring: KeyRing):
    async def no_picture(_: Inbound) -> bytes:
        return b""

    sessions = db.sessions(db.open_engine("postgresql://nowhere", 1))
    clauses = Clauses.of(loaded.index, loaded.gates, sessions)
    services = Services(
        ring=ring,
        sessions=sessions,
        knowledge=loaded.knowledge,
        language=loaded.language,
        clauses=clauses,
        evidence=Store(Path("nowhere"), ring, Bounds(1, 1, 1)),
        guessing=Guessing(6, timedelta(minutes=15)),
        fetch_picture=no_picture,
    )
    reached = {id(routes.pick(context_of(case, services))) for case in (*CASES, *examples())}
    unreached = [
        (place, route.name)
        for place, route in enumerate(routes.ROUTES)
        if id(route) not in reached
    ]
    assert unreached == []


def test_the_last_route_takes_everything():
    assert routes.ROUTES[-1].name == "fallback"
