"""What people type comes out in one spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import LIMIT, normalise

ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=300)


@given(ANYTHING)
def test_any_text_at_all_is_read_and_reading_it_again_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once


@given(
    st.lists(
        st.sampled_from("，。！？!~…—哈呜三8a１Ａ　 \n\r\t\0\u200d\ufe0f\ud83d😀👍🏽請問"),
        max_size=80,
    )
)
def test_marks_widths_and_emoji_settle_at_once(signs):
    once = normalise("".join(signs))
    assert normalise(once) == once


@given(ANYTHING)
def test_what_comes_out_can_always_be_stored(text):
    plain = normalise(text)
    assert "\0" not in plain
    assert len(plain.encode("utf-8")) <= 4 * LIMIT


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("１３８ ００１２　ＡＢｃ", "138 0012 ABc"),
        ("你好，在吗？", "你好，在吗？"),
        ("請問會員證怎麼補辦", "请问会员证怎么补办"),
        ("我\u200b要\ufeff申\u200d请", "我要申请"),
        ("人工\x00客服", "人工客服"),
        ("半个\ud83d表情", "半个表情"),
        ("真的吗？？？？！！！", "真的吗？！"),
        ("哈哈哈哈哈哈哈", "哈哈哈"),
        ("幺三八八八八八", "幺三八八八八八"),
        ("13888888888", "13888888888"),
        ("😀😀😀😀谢谢", "😀谢谢"),
        ("👍🏽👍🏽", "👍"),
        ("第一行\r\n\r\n  第二行", "第一行\n第二行"),
        ("等等……还有", "等等...还有"),
        ("  两头空  ", "两头空"),
    ],
)
def test_it_reads_as_a_person_would(typed, read):
    assert normalise(typed) == read


def test_a_very_long_message_is_cut_at_the_limit():
    assert len(normalise("学费" * 5000)) == LIMIT
