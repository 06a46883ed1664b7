"""One answer: how it is read, why it is refused, how it is shown again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.catalogue.fields import Refusal, keep, read, show
from handlers.catalogue.schema import FieldKind, Item, Question
from tests.unit.handlers.walk import NOW, trial


def question(kind: str, more: str = "") -> Question:
    source = f"  - {{key: a, label: 甲, ask: 甲？, kind: {kind}, example: 子{more}}}"
    return trial(source).questions[0]


ILLNESS = (
    ", choices: [{label: 已经建档, also: [在档, 有]}, {label: 没有建档, also: [不在档, 没有]}]"
)
TROUBLES = ", choices: [{label: 生病, also: [住院]}, {label: 失业}, {label: 意外}]"


def refusal(kind: str, text: str, more: str = "") -> str:
    answer = read(question(kind, more), text, NOW)
    assert isinstance(answer, Refusal)
    return answer.sentence


@pytest.mark.parametrize(
    ("kind", "more", "text", "value"),
    [
        ("text", "", " 柳小穗。", "柳小穗"),
        ("text", "", "陳小穗", "陳小穗"),
        ("long_text", "", "第一行\n第二行", "第一行\n第二行"),
        ("organisation", "", "江城市第一中学", "江城市第一中学"),
        ("choice", ILLNESS, "1", "已经建档"),
        ("choice", ILLNESS, "２", "没有建档"),
        ("choice", ILLNESS, "第一个", "已经建档"),
        ("choice", ILLNESS, "我家在档", "已经建档"),
        ("choice", ILLNESS, "不在档", "没有建档"),
        ("choices", TROUBLES, "1、3", ["生病", "意外"]),
        ("choices", TROUBLES, "31", ["生病", "意外"]),
        ("choices", TROUBLES, "住院和失业", ["生病", "失业"]),
        ("choices", TROUBLES, "都有", ["生病", "失业", "意外"]),
        ("yes_no", "", "是的", True),
        ("yes_no", "", "没有", False),
        ("yes_no", "", "２", False),
        ("number", "", "三口人", 3),
        ("number", "", "５", 5),
        ("number", ", unit: 年", "今年", 2026),
        ("number", ", unit: 年", "26年9月", 2026),
        ("number", ", unit: 年", "2025级", 2025),
        ("money", "", "3万6", 3_600_000),
        ("money", "", "大概三万五千块钱吧", 3_500_000),
        ("money", "", "12.5元", 1250),
        ("money", ", per: year", "一年3万", 3_000_000),
        ("money", "", "没有收入", 0),
        ("date", "", "今年3月5号", "2026-03-05"),
        ("date", "", "12月1号", "2025-12-01"),
        ("date", ", tense: future", "12月1号", "2026-12-01"),
        ("phone", "", "我的电话139 0000 1234", "13900001234"),
        ("phone", "", "027-87654321", "027-87654321"),
        ("id_number", "", "990000199001011239", "990000199001011239"),
        ("id_number", "", "99000019900101005x", "99000019900101005X"),
        ("bank_card", "", "6230 0000 0000 1234 563", "6230000000001234563"),
        ("school_stage", "", "刚考上高一", "高中"),
        ("school_stage", "", "6", "本科"),
        ("consent", "", "我同意", True),
    ],
)
def test_an_answer_is_read_as_it_is_meant(kind, more, text, value):
    assert read(question(kind, more), text, NOW) == value


@pytest.mark.parametrize(
    ("kind", "text", "sentence"),
    [
        ("phone", "1390000123", "手机号是 11 位，您发的是 10 位，请再核对一下。"),
        ("phone", "没有", "请发手机号，一共 11 位数字。"),
        ("phone", "12900001234", "手机号的前几位看着不对，请再核对一下。"),
        ("phone", "13900001234 13900005678", "这里只留一个号码就好，请发最常用的那一个。"),
        ("id_number", "99000019900101123", "身份证号是 18 位，您发的是 17 位，请再核对一下。"),
        ("id_number", "990000900101123", "这是旧的 15 位号码，请发现在身份证上的 18 位号码。"),
        (
            "id_number",
            "990000199001011238",
            "这个身份证号有一位可能输错了，请对着证件再核对一遍。",
        ),
        ("id_number", "990000199013011239", "身份证号中间的出生日期不对，请对着证件再核对一下。"),
        ("bank_card", "6230000000001234564", "这个银行卡号有一位可能输错了，请对着卡再核对一遍。"),
        ("bank_card", "623000", "银行卡号一般是 16 到 19 位，您发的是 6 位，请再核对一下。"),
        ("bank_card", "990000199001011239", "您发的像是身份证号，这里要填银行卡号。"),
        ("date", "去年9月", "请写清楚哪年哪月哪日，例如：2026 年 9 月 1 日。"),
        ("yes_no", "也许", "请回复“是”或“否”。"),
        ("consent", "好的", "这一项要您明确同意才能往下办，请回复“同意”；不想办了请回复“取消”。"),
        ("photos", "发了", "【甲】要发照片，点右下角的“＋”选“照片”或“拍摄”就可以。"),
        ("organisation", "12345", "【甲】要写文字，例如：子。"),
    ],
)
def test_a_refusal_says_what_to_do(kind, text, sentence):
    assert refusal(kind, text) == sentence


def test_a_monthly_sum_is_not_taken_for_a_yearly_one():
    sentence = refusal("money", "每个月3000", ", per: year")
    assert sentence == "这里要填一整年的钱，请把十二个月加起来再发，例如：36000 元。"


@pytest.mark.parametrize("text", ["2万到3万", "-3000", "13900001234", "十几万", "随便"])
def test_an_unclear_sum_is_not_guessed(text):
    assert refusal("money", text).startswith("没看清是多少钱")


def test_a_number_out_of_bounds_names_the_bounds():
    sentence = refusal("number", "30", ", min: 1, max: 20")
    assert sentence == "【甲】要填 1 到 20 之间的数，您填的是 30，请再核对一下。"


def test_a_negated_option_is_not_chosen():
    assert refusal("choice", "没在档", ILLNESS).startswith("请从这几项里选一项")


def test_a_birth_date_in_the_future_is_refused():
    later = NOW - timedelta(days=365 * 40)
    assert isinstance(read(question("id_number"), "990000199001011239", later), Refusal)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13900001234", "…1234"),
        ("id_number", "990000199001011239", "…1239"),
        ("bank_card", "6230000000001234563", "…4563"),
        ("money", 3_600_000, "36000 元"),
        ("money", 1250, "12.50 元"),
        ("date", "2026-09-01", "2026 年 9 月 1 日"),
        ("yes_no", True, "是"),
        ("consent", True, "同意"),
        ("photos", ["a", "b"], "2 张"),
    ],
)
def test_an_answer_is_read_back_with_the_last_four_of_sensitive_numbers_only(kind, value, shown):
    assert show(question(kind), value) == shown


def test_staff_with_the_right_see_the_whole_number():
    assert show(question("phone"), "13900001234", masked=False) == "13900001234"


def test_a_kept_choice_follows_its_option_to_a_new_label():
    assert keep(question("choice", ILLNESS), "在档") == "已经建档"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("choice", "别的"),
        ("number", "三"),
        ("number", True),
        ("phone", "123"),
        ("bank_card", "6230000000001234564"),
        ("date", "昨天"),
        ("yes_no", 1),
        ("group", "无"),
    ],
)
def test_a_kept_answer_that_no_longer_fits_is_let_go(kind, value):
    more = {"choice": ILLNESS, "group": GROUP}.get(kind, "")
    assert keep(question(kind, more), value) is None


GROUP = (
    ", repeat: {max: 2, more: 还有吗？}, "
    "questions: [{key: b, label: 乙, ask: 乙？, kind: number, example: '1'}]"
)


def test_rounds_of_a_group_keep_the_parts_that_still_fit():
    rounds: list[Item] = [{"b": 1, "c": "x"}, {"b": "二"}, {"b": 3}]
    kept = keep(question("group", GROUP), rounds)
    assert kept == [{"b": 1}, {}]


KINDS = st.sampled_from(
    [
        question(kind, {"choice": ILLNESS, "choices": TROUBLES, "group": GROUP}.get(kind, ""))
        for kind in FieldKind
    ]
)
WORDS = st.lists(
    st.sampled_from(
        ["三万", "13900001234", "女儿", "高三", "不", "1", "、", "今年", "月", "日", "元", " "]
    ),
    max_size=8,
).map("".join)


@given(KINDS, st.one_of(st.text(), WORDS))
def test_any_text_is_kept_or_refused_in_one_sentence(asked, text):
    answer = read(asked, text, NOW)
    if isinstance(answer, Refusal):
        assert answer.sentence.endswith("。")
    else:
        assert json.loads(json.dumps(answer)) == answer
        assert keep(asked, answer) == answer
        assert show(asked, answer)
