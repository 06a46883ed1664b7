"""`lianxin policy ask`: lines in, lines out."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

from bot.config import HERE
from bot.policy_commands import Desk, ask
from handlers.actions.clauses import Clauses
from handlers.encoding import Encoding
from handlers.reckon.reckoner import Reckoner
from nlp.judged import load_gates

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Sessions
    from nlp.retrieve import CardIndex

RECKONER = Reckoner.load(HERE / "handlers" / "reckon")


async def test_a_question_that_carries_numbers_is_reckoned_beside_its_clause(
    sessions: Sessions, index: CardIndex, now: datetime, capsys, monkeypatch
):
    lines = (
        {"question": "五天年假没休，月薪8700，能折多少钱", "member_kind": "企业"},
        {"question": "产假多少天"},
        {"question": "我能休几天年假"},
    )
    typed = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(typed.encode())))
    clauses = Clauses.of(index, load_gates(HERE / "nlp" / "gate"), sessions)
    assert await ask(Desk(sessions, clauses, RECKONER, Encoding(None)), now) == 0
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert "另外补您 4000 元" in said[0]["answer"]
    assert [each["reckoned"] for each in said] == [True, False, False]
