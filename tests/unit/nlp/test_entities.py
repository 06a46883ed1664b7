"""Values inside a message are found with their meaning and their place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.entities import EntityKind, find
from nlp.identifiers import id_check_character, is_bank_card, is_id_number

THURSDAY = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
"""Nine in the morning in Shanghai."""


def values(text, kind, prefer="future"):
    return [entity.value for entity in find(text, THURSDAY, prefer=prefer) if entity.kind is kind]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今天", "2026-08-20"),
        ("明天", "2026-08-21"),
        ("大前天", "2026-08-17"),
        ("下周三", "2026-08-26"),
        ("上周日", "2026-08-16"),
        ("周末", "2026-08-22"),
        ("上个月底", "2026-07-31"),
        ("下个月5号", "2026-09-05"),
        ("8月22号", "2026-08-22"),
        ("9月1日", "2026-09-01"),
        ("２０２６年９月１日", "2026-09-01"),
        ("二〇二六年九月一日", "2026-09-01"),
        ("2026-8-22", "2026-08-22"),
        ("2026/08/22", "2026-08-22"),
        ("20260822", "2026-08-22"),
        ("2026 年 8 月 22 日", "2026-08-22"),
        ("去年9月", "2025-09"),
        ("26年9月", "2026-09"),
        ("去年年底", "2025-12"),
        ("前年", "2024"),
        ("三天前", "2026-08-17"),
        ("两周后", "2026-09-03"),
        ("半年前", "2026-02"),
        ("22号", "2026-08-22"),
        ("2026年13月1日", "2026"),
        ("农历八月初一", "2026-09-11"),
        ("八月十五", "2026-09-25"),
        ("腊月二十三", "2027-01-30"),
        ("正月初六", "2027-02-11"),
        ("大年三十", "2027-02-05"),
        ("中秋节", "2026-09-25"),
        ("今年国庆", "2026-10-01"),
        ("冬至", "2026-12-22"),
        ("明儿", "2026-08-21"),
        ("下学期", "2026-09/2027-01"),
        ("上学期", "2026-02/2026-07"),
        ("暑假", "2026-07/2026-08"),
        ("下周", "2026-08-24/2026-08-30"),
        ("中旬", "2026-09-15"),
        ("半小时后", "2026-08-20T09:30"),
    ],
)
def test_a_date_is_made_definite(text, day):
    assert values(text, EntityKind.DATE) == [day]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("下周三下午两点", "2026-08-26T14:00"),
        ("今晚8点", "2026-08-20T20:00"),
        ("2026年8月22日上午9:30", "2026-08-22T09:30"),
        ("明天早上七点半", "2026-08-21T07:30"),
        ("晚上12点", "2026-08-21T00:00"),
        ("下午三点一刻", "2026-08-20T15:15"),
        ("早上八点", "2026-08-21T08:00"),
    ],
)
def test_a_time_of_day_joins_its_date(text, moment):
    assert values(text, EntityKind.DATE) == [moment]


@pytest.mark.parametrize(
    ("text", "future", "past"),
    [
        ("8月22号", "2026-08-22", "2025-08-22"),
        ("8月20号", "2026-08-20", "2026-08-20"),
        ("2月29日", "2028-02-29", "2024-02-29"),
        ("周三", "2026-08-26", "2026-08-19"),
        ("15号", "2026-09-15", "2026-08-15"),
        ("3月", "2027-03", "2026-03"),
        ("下午三点", "2026-08-20T15:00", "2026-08-19T15:00"),
    ],
)
def test_an_unclear_date_leans_to_the_wanted_side(text, future, past):
    assert values(text, EntityKind.DATE, "future") == [future]
    assert values(text, EntityKind.DATE, "past") == [past]


@pytest.mark.parametrize(
    "text",
    [
        "明年2月29号",
        "一点意见",
        "3点建议",
        "每周一",
        "3号楼",
        "周围",
        "目前天气",
        "农历二月三十一",
        "五一劳动奖章",
        "大雪纷飞",
        "珞珈山路16号",
    ],
)
def test_what_only_looks_like_a_date_is_none(text):
    assert values(text, EntityKind.DATE) == []


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3.5万", 3_500_000),
        ("三万五", 3_500_000),
        ("3 万 6", 3_600_000),
        ("一千二", 120_000),
        ("三万五千块钱", 3_500_000),
        ("1.2w", 1_200_000),
        ("收入大概36000", 3_600_000),
        ("花了3万多", 3_000_000),
        ("五块五", 550),
        ("两块半", 250),
        ("12元5角", 1250),
        ("12.34元", 1234),
        ("￥88", 8800),
    ],
)
def test_money_is_read_in_fen(text, fen):
    assert values(text, EntityKind.MONEY) == [fen]


@pytest.mark.parametrize(
    "text",
    ["三百个人", "十几万", "几万块", "一百多万人", "千万不要", "万一", "二〇二六年", "老百姓"],
)
def test_what_counts_people_or_nothing_is_no_money(text):
    assert values(text, EntityKind.MONEY) == []


@pytest.mark.parametrize(
    "text",
    [
        "13900001234",
        "139 0000 1234",
        "139-0000-1234",
        "+86 139-0000-1234",
        "１３９００００１２３４",
        "幺三九零零零零一二三四",
    ],
)
def test_a_mobile_number_is_found_however_it_is_grouped(text):
    assert values(f"我的电话是{text}，谢谢", EntityKind.PHONE) == ["13900001234"]


def test_a_landline_keeps_its_area_code_apart():
    assert values("单位027-87654321", EntityKind.PHONE) == ["027-87654321"]


def test_two_numbers_side_by_side_are_told_apart():
    text = "13900001234 6230000000001234563"
    found = [(entity.kind, entity.value) for entity in find(text, THURSDAY)]
    assert found == [
        (EntityKind.PHONE, "13900001234"),
        (EntityKind.BANK_CARD, "6230000000001234563"),
    ]


def test_a_number_with_a_wrong_check_digit_is_neither_card_nor_count():
    assert find("6230000000001234564", THURSDAY) == []


def test_digits_of_a_phone_are_no_money_even_when_only_money_is_wanted():
    assert find("一共13900001234", THURSDAY, {EntityKind.MONEY}) == []


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("高三", "高中"),
        ("读初二", "初中"),
        ("三年级", "小学"),
        ("八年级", "初中"),
        ("上大三", "本科"),
        ("中专", "中职"),
        ("高职", "大专"),
        ("考上研究生", "硕士"),
        ("博士研究生", "博士"),
        ("武汉大学附属小学", "小学"),
    ],
)
def test_a_school_stage_is_found_by_its_everyday_name(text, stage):
    assert values(text, EntityKind.SCHOOL_STAGE) == [stage]


def test_everything_in_one_sentence_is_found_in_order():
    found = find("我闺女高三，学费一千二，电话13900001234", THURSDAY)
    assert [(entity.kind.value, entity.text, entity.value) for entity in found] == [
        ("relation", "闺女", "女儿"),
        ("school_stage", "高三", "高中"),
        ("money", "一千二", 120_000),
        ("phone", "13900001234", "13900001234"),
    ]


def test_a_count_is_found_without_its_measure_word():
    assert values("家里5口人，三个孩子", EntityKind.NUMBER) == [5, 3]


WORDS = ["明天", "8月22号", "去年", "三万五", "13900001234", "6230000000001234563", "女儿", "高三"]
SIGNS = ["，", " ", "5口人", "下午3点", "元", "月", "年", "点", "1", "号", "的", "半", "前", "万"]
PIECES = st.lists(st.sampled_from([*WORDS, *SIGNS]), max_size=12).map("".join)


@given(st.one_of(st.text(), PIECES))
def test_spans_point_at_their_text_and_never_overlap(text):
    found = find(text, THURSDAY)
    assert all(text[entity.start : entity.end] == entity.text for entity in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


@given(st.dates(date(1950, 1, 1), date(2020, 1, 1)), st.integers(0, 999))
def test_an_id_number_is_never_taken_for_a_card(born, sequence):
    body = f"990000{born:%Y%m%d}{sequence:03d}"
    number = body + id_check_character(body)
    assert is_id_number(number)
    assert not is_bank_card(number)
    assert values(f"身份证{number}", EntityKind.ID_NUMBER) == [number]


@given(st.integers(-20 * 365, 70 * 365), PIECES)
def test_dates_are_found_on_any_day_of_any_year(days, text):
    found = find(text, THURSDAY + timedelta(days=days), {EntityKind.DATE})
    assert all(str(entity.value)[:4].isdecimal() for entity in found)


@given(st.dates(date(2025, 1, 1), date(2028, 12, 31)))
def test_a_written_date_is_itself_on_every_day(day):
    now = THURSDAY + timedelta(days=3)
    (entity,) = find(f"{day.year}年{day.month}月{day.day}日", now)
    assert entity.value == day.isoformat()
