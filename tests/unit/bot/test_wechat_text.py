"""Words as WeChat takes them: pieces that fit, nothing lost, taps and links that work."""

from __future__ import annotations

import re
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.wechat_text import MOST_BYTES, clean, fitting, markup, pieces_of
from handlers.types import Card, Choice, Link, Picture, Reply, Text, say

PUBLIC = "https://union.example"
WORDS = st.text(st.characters(codec="utf-8"), max_size=4000)
SENTENCES = st.lists(
    st.text("工会为会员办实事困难帮扶活动报名ab1，", min_size=1, max_size=60),
    min_size=1,
    max_size=200,
).map("。".join)
TAP = re.compile(
    r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]*)&msgmenuid=\d+">([^<]*)</a>'
)


def shown(reply: Reply) -> list[str]:
    """The bubbles as they are sent."""
    return [markup(part, PUBLIC) for part in fitting(reply, PUBLIC) if isinstance(part, Text)]


def squeezed(words: str) -> str:
    """Without line breaks, which may go where a bubble ends."""
    return words.replace("\n", "")


@given(WORDS | SENTENCES)
def test_every_piece_fits_and_none_is_empty(words: str):
    pieces = list(pieces_of(words, MOST_BYTES))
    assert all(0 < len(piece.encode()) <= MOST_BYTES for piece in pieces)


def test_words_with_nothing_but_line_breaks_in_the_middle_make_no_empty_bubble():
    assert list(pieces_of("上" + "\n" * 5000 + "下", MOST_BYTES)) == ["上", "下"]


@given(WORDS | SENTENCES)
def test_no_word_is_lost(words: str):
    assert squeezed("".join(pieces_of(words, 90))) == squeezed(words)


@given(SENTENCES)
def test_long_words_are_cut_behind_a_sentence(words: str):
    *before, _ = list(pieces_of(words, MOST_BYTES))
    assert all(piece.endswith("。") for piece in before)


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=80), st.integers(4, 40))
def test_even_tiny_pieces_come_to_an_end(words: str, most: int):
    assert squeezed("".join(pieces_of(words, most))) == squeezed(words)


@given(SENTENCES, st.lists(st.text("选项一二三四五", min_size=1, max_size=300), max_size=12))
@example("您好。", ["一二三四五" * 60, "一", "二" * 170])
def test_a_reply_with_taps_fits_and_keeps_every_tap(words: str, labels: list[str]):
    reply = say(words, *(Choice(label, label) for label in labels))
    bubbles = shown(reply)
    assert all(0 < len(bubble.encode()) <= MOST_BYTES for bubble in bubbles)
    everything = "\n".join(bubbles)
    assert all(label in everything for label in labels)


def test_a_tap_says_what_its_choice_says():
    (bubble,) = shown(say("请选：", Choice("看“活动” & 报名", "报名 <新年> & 登高%")))
    ((said, label),) = TAP.findall(bubble)
    assert unquote(said) == "报名 <新年> & 登高%"
    assert label == "看“活动” & 报名"


def test_a_link_leads_to_the_public_address():
    (bubble,) = shown(say("全文：", links=(Link("第四十八条", "/policy/x/48"),)))
    assert bubble == f'全文：\n<a href="{PUBLIC}/policy/x/48">第四十八条</a>'


def test_taps_stand_below_the_last_piece():
    long = "这是一句话。" * 150
    first, *_, last = shown(say(long, Choice("好", "好")))
    assert "bizmsgmenu" not in first
    assert TAP.findall(last) == [("%E5%A5%BD", "好")]


def test_short_words_stay_one_bubble():
    assert shown(say("您好。")) == ["您好。"]


def test_cards_and_pictures_pass_as_they_are():
    reply = Reply((Picture("m1", "一张照片"), Card("标题", "说明", "/x")))
    assert tuple(fitting(reply, PUBLIC)) == reply.parts


@pytest.mark.parametrize("hostile", ["\x00", "\x08", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])
def test_what_xml_does_not_allow_is_left_out(hostile: str):
    assert clean(f"你{hostile}好") == "你好"


@given(st.text())
def test_clean_words_make_well_formed_xml(words: str):
    escaped = clean(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    ET.fromstring(f"<a>{escaped}</a>".encode())
    assert clean(clean(words)) == clean(words)


def test_a_choice_too_long_to_tap_is_still_shown_in_words():
    label = "很长的活动名称" * 120
    bubbles = shown(say("请选：", Choice(label, label)))
    assert label in squeezed("".join(bubbles))
    assert all(len(bubble.encode()) <= MOST_BYTES for bubble in bubbles)
