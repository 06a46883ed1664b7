"""What was searched for is found again in a text, and nothing of the text is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlp.marks import MOST_TERMS, excerpt, pieces, terms

LINE = "对怀孕7个月以上的女职工，用人单位不得延长劳动时间或者安排夜班劳动。"


def marked(text: str, words: str) -> list[str]:
    return [piece.text for piece in pieces(text, words) if piece.hit]


def test_words_are_marked_whole_and_a_question_by_what_it_shares():
    assert marked(LINE, "夜班 7") == ["7", "夜班"]
    assert marked(LINE, "怀孕七个月还排我夜班合法吗") == ["怀孕", "个月", "夜班"]
    assert marked("手机 App 收集信息", "app") == ["App"]
    assert marked(LINE, "") == []


@given(st.text(), st.text())
def test_the_pieces_joined_are_the_text(text: str, words: str):
    assert "".join(piece.text for piece in pieces(text, words)) == text


def test_only_so_many_words_are_read_each_once():
    assert terms("产假，产假　９８天") == ("产假", "98天")
    assert len(terms(" ".join(map(str, range(100))))) == MOST_TERMS


def test_an_excerpt_shows_the_line_that_holds_the_words():
    text = "前言。\n" + "无关的话。" * 40 + "船灯每天擦两次。" + "无关的话。" * 40
    shown = excerpt(text, "船灯")
    assert "船灯每天擦两次。" in shown
    assert (shown[:2], shown[-2:]) == ("……", "……")
    assert len(shown) < 130
    assert excerpt("", "船灯") == ""
