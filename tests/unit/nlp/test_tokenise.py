"""Texts are cut into words, quietly, with the words of the union kept whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp import tokenise

WORDS = Path(tokenise.__file__).parent / "lexicon" / "words.txt"


@pytest.fixture(scope="module")
def cut(tmp_path_factory):
    words = tokenise.Words(WORDS, tmp_path_factory.mktemp("jieba") / "deep" / "words.cache")
    words.load()
    return words


@pytest.mark.parametrize(
    "word", ["金秋助学", "女职工安康险", "停工留薪期", "医疗互助", "心灵驿站"]
)
def test_words_of_the_union_stay_whole(cut, word):
    assert word in cut(f"我想问{word}的事情")


def test_the_words_together_are_the_text(cut):
    text = "孩子考上大学了，想申请金秋助学 2026！"
    assert "".join(cut(text)) == text


def test_the_cache_is_kept_where_it_was_asked_for(tmp_path, capfd):
    cache = tmp_path / "words.cache"
    tokenise.Words(WORDS, cache).load()
    assert cache.stat().st_size > 1_000_000
    assert capfd.readouterr() == ("", "")


def test_a_text_is_cut_before_the_dictionary_is_there(tmp_path):
    words = tokenise.Words(WORDS, tmp_path / "words.cache")
    assert "".join(words("我想问金秋助学")) == "我想问金秋助学"
    assert not (tmp_path / "words.cache").exists()
