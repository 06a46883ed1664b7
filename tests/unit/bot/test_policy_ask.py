"""`lianxin policy ask`: lines in, lines out."""

from __future__ import annotations

import io
import json
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

from bot.config import HERE
from bot.policy_commands import Desk, ask
from nlp.judged import load_gates

if TYPE_CHECKING:
    from datetime import datetime

    from nlp.retrieve import CardIndex


def test_a_question_that_carries_numbers_is_reckoned_beside_its_clause(
    index: CardIndex, now: datetime, capsys, monkeypatch
):
    lines = (
        {"question": "五天年假没休，月薪8700，能折多少钱", "member_kind": "企业"},
        {"question": "产假多少天"},
        {"question": "我能休几天年假"},
    )
    typed = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(typed.encode())))
    assert ask(Desk(index, load_gates(HERE / "nlp" / "gate"), {}, None), now) == 0
    reckoned = [json.loads(line)["reckoned"] for line in capsys.readouterr().out.splitlines()]
    assert "另外补您 4000 元" in reckoned[0]
    assert reckoned[1:] == ["", ""]
