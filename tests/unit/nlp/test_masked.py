"""What is made blind in a question before others read it, and what is not."""

from __future__ import annotations

import pytest

from nlp.masked import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("我叫周小禾，电话13871234567", "我叫＊＊，电话＊＊＊＊"),
        ("我老公张建国在厂里上班", "我老公＊＊在厂里上班"),
        ("班长李大山说不给假", "班长＊＊说不给假"),
        ("身份证42010619900101123X", "身份证＊＊＊＊"),
        ("银行卡6222 0212 3456 7890 123", "银行卡＊＊＊＊"),
        ("写信给zhou@example.com", "写信给＊＊＊"),
        ("加微信号zhouxh_88", "加微信号＊＊＊"),
        ("住江城临湖区和平路18号3栋502室", "住江城临湖区＊＊＊"),
    ],
)
def test_what_names_a_person_is_made_blind(text: str, shown: str):
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "老板马上要开除我",
        "怀孕七个月还排我夜班合法吗",
        "月薪8700，五天年假没休能折多少钱",
        "2026-11-20发的通知",
        "领导周末让加班",
        "拖欠工资30000元",
        "劳动合同法第三十九条",
    ],
)
def test_an_ordinary_question_stays_as_it_is(text: str):
    assert masked(text) == text
