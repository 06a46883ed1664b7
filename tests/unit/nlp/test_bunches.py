"""Questions that ask the same are bunched, others are not, and nobody is named in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from nlp.bunches import Wording, likeness, nearest_bunch, vector_bytes, vector_of
from nlp.masked import masked

if TYPE_CHECKING:
    from nlp.retrieve import CardIndex


def wording(index: CardIndex, words: str) -> Wording:
    return Wording(index.likeness(words))


@pytest.mark.parametrize(
    ("words", "bunch"),
    [
        ("食堂饭卡丢了怎么补办", 0),
        ("班车早上几点发车", 1),
        ("饭卡丢了到哪里补办", 0),
        ("体检报告在哪里领", None),
        ("单位给不给发防暑降温的东西", None),
    ],
)
def test_a_question_joins_those_that_ask_the_same(index: CardIndex, words: str, bunch: int | None):
    bunches = [
        [wording(index, "食堂的饭卡丢了去哪里补办"), wording(index, "饭卡掉了怎么办")],
        [wording(index, "单位班车几点发车")],
    ]
    assert nearest_bunch(wording(index, words), bunches) == bunch


def test_with_nothing_to_join_a_question_stands_alone(index: CardIndex):
    assert nearest_bunch(wording(index, "食堂几点开饭"), []) is None
    assert nearest_bunch(wording(index, "，"), [[wording(index, "食堂几点开饭")]]) is None


def test_the_same_meaning_in_other_words_counts_where_there_are_vectors():
    one, other = Wording({"饭": 0.2, "卡": 0.98}), Wording({"餐": 0.98, "卡": 0.2})
    near = np.array([0.6, 0.8], np.float32)
    assert likeness(one, other) < 1
    assert likeness(Wording(one.grams, near), Wording(other.grams, near)) > 1


def test_a_vector_comes_back_as_it_was_kept():
    vector = np.array([0.5, -0.25, 0.125], np.float32)
    assert vector_of(vector_bytes(vector)).tolist() == [0.5, -0.25, 0.125]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("我叫周小禾，电话 139 0000 0001", "我叫＊＊，电话 ＊＊＊＊"),
        ("身份证990000196803141245能查吗", "身份证＊＊＊＊能查吗"),
        ("发到 he@example.org 行吗", "发到 ＊＊＊ 行吗"),
        ("同事张建国的工龄怎么算", "同事＊＊的工龄怎么算"),
        ("2026-11-20 入职，工资 80000 元", "2026-11-20 入职，工资 80000 元"),
        ("我是周末加班的", "我是周末加班的"),
        ("工作六年能休几天年假", "工作六年能休几天年假"),
    ],
)
def test_what_names_a_person_is_masked_and_the_rest_stays(words: str, shown: str):
    assert masked(words) == shown
