"""Times and reasons as people say them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.desk import words
from bot.desk.sheet import safe
from models.application import CaseStatus
from models.delivery import Status
from models.staff import Role
from models.ticket import Why
from tests.unit.desk.desk_world import NOW


@pytest.mark.parametrize(
    ("passed", "said"),
    [
        (timedelta(seconds=-5), "刚刚"),
        (timedelta(seconds=59), "刚刚"),
        (timedelta(minutes=12), "12 分钟前"),
        (timedelta(hours=23, minutes=59), "23 小时前"),
        (timedelta(days=3), "3 天前"),
        (timedelta(days=40), "10 月 13 日 12:00"),
    ],
)
def test_how_long_ago_is_said_in_one_unit(passed: timedelta, said: str):
    assert words.ago(NOW - passed, NOW) == said


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (None, ""),
        ("window", "对方超过 48 小时没有来信，或可发的条数用完了"),
        ("45047: out of response count limit", "连续发得太多，要等对方来信"),
        ("-1: system error", "微信系统繁忙"),
        ("40130: invalid openid list size", "微信没有接受（代码 40130）"),
        ("None: TimeoutError", "网络没有给出结果"),
        ("anything else", "系统没能送达"),
    ],
)
def test_a_reason_is_told_without_the_words_of_a_machine(stored: str | None, said: str):
    assert words.reason(stored) == said


def test_every_state_has_its_words():
    assert set(words.CASE) == set(CaseStatus)
    assert set(words.DELIVERY) == set(Status)
    assert set(words.WHY) == set(Why)
    assert set(words.ROLE) == set(Role)


def test_an_ordinary_cell_stays_as_it_is():
    assert [safe(cell) for cell in ("周小禾", "1=1", "")] == ["周小禾", "1=1", ""]
