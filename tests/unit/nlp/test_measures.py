"""Figures with their units and bounds."""

from __future__ import annotations

import pytest

from nlp.measures import Figure, bear_out, figures

TIERS = "满1年不满10年的休5天，满10年不满20年的休10天，满20年的休15天。"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("休 5 天", [("5", "天", "")]),
        ("休五日", [("5", "天", "")]),
        ("不满二十年", [("20", "年", "under")]),
        ("累计工作已满10年", [("10", "年", "over")]),
        ("30日内提出", [("30", "天", "within")]),
        ("期满后15日内", [("15", "天", "within")]),
        ("最长不超过36小时", [("36", "小时", "within")]),
        ("不得低于当地最低工资标准的百分之八十", [("80", "%", "over")]),
        ("三倍工资", [("300", "%", "")]),
        ("工资的300%", [("300", "%", "")]),
        ("三分之二", [("66.66666666666666666666666667", "%", "")]),
        ("一年半", [("1.5", "年", "")]),
        ("半个月", [("0.5", "个月", "")]),
        ("怀孕7个月，7月生", [("7", "个月", ""), ("7", "月", "")]),
        ("2万元，20,000元", [("20000", "元", ""), ("20000", "元", "")]),
        ("10多天", [("10+", "天", "")]),
        ("2008年1月1日起", [("2008-01-01", "date", "")]),
        ("2008-01-01", [("2008-01-01", "date", "")]),
        ("第三十九条第二款", [("39", "第条", ""), ("2", "第款", "")]),
        ("打12351", [("12351", "", "")]),
        ("一般一律由一个单位一次性付清", []),
    ],
)
def test_a_figure_is_read_with_unit_and_bound(text: str, found: list[tuple[str, str, str]]):
    assert [(one.value, one.unit, one.bound) for one in figures(text)] == found


def test_a_bound_may_be_left_out_but_for_one_that_excludes():
    assert Figure("7", "个月", "over").stands_for(Figure("7", "个月"))
    assert not Figure("7", "个月", "under").stands_for(Figure("7", "个月"))
    assert not Figure("7", "个月").stands_for(Figure("7", "个月", "within"))


@pytest.mark.parametrize(
    ("said", "borne_out"),
    [
        ("满10年不满20年的休10天", True),
        ("满20年休15天", True),
        ("满1年休15天", False),
        ("满1年休10天", False),
        ("20年休10天", False),
        ("休5小时", False),
    ],
)
def test_true_figures_have_to_belong_together(said: str, borne_out: bool):
    assert bear_out(figures(TIERS), figures(said)) is borne_out
