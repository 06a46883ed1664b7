"""What a message does is seen apart from what it is about."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.config import HERE
from nlp.acts import Acts
from nlp.linear import grams

LEXICON = HERE / "nlp" / "lexicon"


@pytest.fixture(scope="module")
def acts() -> Acts:
    return Acts.load(LEXICON)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("比赛的消息别再推给我了", "⟨stop⟩"),
        ("体检排到我们单位了喊我一声", "⟨tell⟩"),
        ("那个补助我不要了", "⟨drop×aid⟩"),
        ("羽毛球比赛我不去了", "⟨drop×event⟩"),
        ("发票少传了一张", "⟨add⟩"),
        ("我交的表批了没有", "⟨follow×aid⟩"),
    ],
)
def test_an_act_is_marked(acts: Acts, text: str, mark: str):
    assert mark in acts(text)


def test_the_characters_are_still_read(acts: Acts):
    assert acts("今天天气好")[: len(grams("今天天气好"))] == grams("今天天气好")
    assert acts.marks("今天天气好") == []


def test_other_patterns_have_another_fingerprint():
    assert Acts({"stop": ["别发"]}, {}).fingerprint != Acts({"stop": ["别推"]}, {}).fingerprint


@pytest.mark.parametrize("text", ["acts: {stop: ['(']}\nsubjects: {}\n", "acts: {Stop: ['a']}"])
def test_a_broken_file_is_refused(tmp_path, text: str):
    (tmp_path / "acts.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError):
        Acts.load(tmp_path)
