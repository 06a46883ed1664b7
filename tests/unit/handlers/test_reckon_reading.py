"""Answers to what a calculator asked, as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.config import HERE
from handlers.reckon.asked import load_asked
from handlers.reckon.reading import read, squeezed

INPUTS = load_asked(HERE / "handlers" / "reckon" / "asked.yaml").inputs
NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("worked", "6", "P6Y0M0D"),
        ("worked", "大概 12 年吧", "P12Y0M0D"),
        ("worked", "六年半", "P6Y6M0D"),
        ("worked", "半年", "P0Y6M0D"),
        ("worked", "5个半月", "P0Y5M15D"),
        ("worked", "1年零2个月", "P1Y2M0D"),
        ("worked", "9 年 364 天", "P9Y0M364D"),
        ("worked", "快十年了", "P9Y11M30D"),
        ("worked", "2018年", "2018"),
        ("worked", "18年3月", "2018-03"),
        ("worked", "2014 年 3 月参加工作", "2014-03"),
        ("wage", "6000", "600000"),
        ("wage", "六千五", "650000"),
        ("wage", "6k", "600000"),
        ("wage", "月薪8千", "800000"),
        ("wage", "税前1.2万", "1200000"),
        ("wage", "不告诉你", None),
        ("wage", "2021年3月", None),
        ("hours", "8小时", "8"),
        ("hours", "半小时", "0.5"),
        ("hours", "两个半小时", "2.5"),
        ("hours", "一天半", "1.5d"),
        ("taken", "没休过", "0"),
        ("taken", "一天都没休", "0"),
        ("taken", "3天", "3"),
        ("joined", "今年 7 月 1 日", "2026-07-01"),
        ("joined", "2026年", None),
        ("left", "9月30号", "2026-09-30"),
        ("when", "平时下班后", "workday"),
        ("when", "11月1日", None),
        ("when", "10月1日", "holiday"),
        ("kind", "机关（公务员）", "机关"),
        ("reason", "合同到期不续签", "expired"),
        ("matter", "别的", "other"),
    ],
)
def test_an_answer_is_read_as_it_is_meant(key, words, value):
    assert read(squeezed(words), INPUTS[key], NOW, asked=True) == value


def test_every_choice_is_read_from_its_own_label():
    wrong = [
        (key, option.label)
        for key, wanted in INPUTS.items()
        for option in wanted.choices
        if read(squeezed(option.label), wanted, NOW, asked=True) != option.value
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("key", "words", "value"),
    [
        ("wage", "当地平均工资8000，我月薪30000", "3000000"),
        ("average", "当地平均工资8000，我月薪30000", "800000"),
        ("wage", "年薪12万", "1000000"),
        ("left", "2021年3月入职，上个月被辞退", "2026-07"),
        ("served", "2021年3月入职，上个月被辞退", "2021-03"),
        ("unused", "从周四休到下周二，扣了六天", None),
        ("worked", "一年有几天年假", None),
        ("worked", "三年前的事", None),
    ],
)
def test_in_a_question_each_value_goes_to_the_words_beside_it(key, words, value):
    assert read(squeezed(words), INPUTS[key], NOW, asked=False) == value
