"""Of two laws on one matter the one that governs goes first."""

from __future__ import annotations

from datetime import date

import pytest

from bot.config import HERE
from nlp import cards
from nlp.cards import Card
from nlp.precedence import load_precedence
from nlp.retrieve import Asked, CardIndex, Found, Why

PRECEDENCE = load_precedence(HERE / "nlp")
WHY = Why("", 0.0, 0.0, 0.0, 0.0, 0.0)


def card(law: str, since: date = date(2000, 1, 1), theme: str = "工资与加班") -> Card:
    return Card(
        slug=f"one-{since:%Y}",
        law=law,
        documents=(f"{law}({since})",),
        article="第一条",
        in_force_from=since,
        in_force_to=None,
        scope="全国",
        theme=theme,  # type: ignore[arg-type]
        binds=("all",),
        plain="可以。",
        exceptions="",
        do="",
        figures=(),
        quote_key="",
        questions=("每周最多上班几个小时",),
        status="verified",
    )


def found(law: str, score: float, since: date = date(2000, 1, 1), **more: str) -> Found:
    return Found(f"{law}({since})", "第一条", card(law, since, **more), score, WHY)


@pytest.mark.parametrize(
    ("upper", "lower", "kind", "first"),
    [
        (found("劳动法", 1.0), found("国务院关于职工工作时间的规定", 0.9), None, True),
        (found("劳动法", 1.0), found("国务院关于职工工作时间的规定", 0.8), None, False),
        (found("国务院关于职工工作时间的规定", 1.0), found("劳动法", 0.99), None, False),
        (found("劳动合同法", 1.0), found("公务员法", 0.9), "机关", True),
        (found("劳动合同法", 1.0), found("公务员法", 0.9), "企业", False),
        (found("劳动合同法", 1.0), found("公务员法", 0.9), None, False),
        (found("劳动法", 1.0, theme="安全生产"), found("劳动合同法", 0.9), None, False),
        (found("劳动合同法", 1.0, theme="安全生产"), found("公务员法", 0.9), "机关", True),
        (found("劳动合同法", 1.0, theme="安全生产"), found("公务员法", 0.99), "企业", False),
        (found("甲法", 1.0), found("乙法", 0.98, date(2020, 1, 1)), None, True),
        (found("甲法", 1.0), found("乙法", 0.95, date(2020, 1, 1)), None, False),
        (found("甲法", 1.0, date(2020, 1, 1)), found("乙法", 0.98), None, False),
        (found("甲法", 1.0), found("甲法", 0.98, date(2020, 1, 1)), None, False),
    ],
)
def test_the_special_goes_before_the_general_and_the_newer_before_the_older(
    upper: Found, lower: Found, kind: cards.Kind | None, *, first: bool
):
    assert PRECEDENCE.goes_first(upper, lower, kind) is first


def test_the_law_that_governs_changes_places_and_scores_stay_in_order():
    general = card("劳动法", date(1995, 1, 1))
    special = card("国务院关于职工工作时间的规定", date(1995, 5, 1))
    asked = Asked("每周最多上班几个小时")
    for order in ((general, special), (special, general)):
        first, second = CardIndex(order, precedence=PRECEDENCE).search(asked, 2)
        assert (first.card, second.card) == (special, general)
        assert first.score >= second.score
        assert first.why.governs is (order[0] is general)


def test_every_law_that_is_named_has_cards():
    laws = {each.law for each in cards.load(HERE / "nlp" / "policies")}
    named = {law for pair in PRECEDENCE.pairs for law in pair}
    assert named <= laws
