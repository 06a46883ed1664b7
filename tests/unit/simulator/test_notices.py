"""Which values a notice may carry."""

from __future__ import annotations

import pytest

from bot.simulator.notices import TYPES


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("thing", "二十个字以内的任何内容 A1，。"),
        ("thing", "字" * 20),
        ("number", "3"),
        ("number", "-12.50"),
        ("letter", "ABc"),
        ("symbol", "！@#"),
        ("character_string", "JQ-2026/0001"),
        ("time", "15:01"),
        ("time", "2019年10月1日 15:01"),
        ("time", "2019-10-01 15:01:00"),
        ("time", "9:00~17:30"),
        ("date", "2019年10月1日"),
        ("date", "2019-10-01 15:01~2019-10-02 15:01"),
        ("amount", "¥100.50元"),
        ("amount", "1234567890"),
        ("phone_number", "+86-0766-66888866"),
        ("car_number", "粤A8Z888挂"),
        ("name", "欧阳晚晴"),
        ("name", "A" * 20),
        ("phrase", "已受理"),
        ("const", "进行中"),
    ],
)
def test_a_fitting_value_passes(kind, value):
    assert TYPES[kind](value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("thing", "字" * 21),
        ("thing", ""),
        ("thing", "两\n行"),
        ("number", "1" * 33),
        ("number", "三"),
        ("letter", "A1"),
        ("symbol", "！@#￥%…"),
        ("character_string", "编号"),
        ("character_string", "1" * 33),
        ("time", "25:00"),
        ("time", "下午三点"),
        ("date", "明天"),
        ("amount", "12345678901"),
        ("amount", "一百元"),
        ("phone_number", "1" * 18),
        ("car_number", "粤A8Z888888"),
        ("name", "字" * 11),
        ("name", "A" * 21),
        ("name", ""),
        ("phrase", "六个字的短语"),
        ("phrase", "OK"),
        ("const", "字" * 21),
    ],
)
def test_a_value_beyond_its_type_does_not(kind, value):
    assert not TYPES[kind](value)
