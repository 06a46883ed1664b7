"""A card stands under a question that reads well, though its samples are typed by anybody."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from nlp.cards import LONGEST_TITLE, Card, load
from nlp.titles import titles
from tests.unit.member.shelf import REST

CARDS = load(Path(__file__).parents[3] / "nlp" / "policies")
# What nobody writes above an answer: dialect, slips that samples hold, and broken off words.
SLOPPY = re.compile(
    "几多|(?<![什怎])么样|么事|冇|伢|咋|啥|晓得|几久|没得|别个"
    "|陪训|合童|残级|惨疾|瞻养|抚续|劳人|羞入|克寇|公鸡金|退五|高灵|公龄|主织"
)


def card_of_text(lines: str) -> Card:
    """The one card of a file."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "law.yaml").write_text(lines, encoding="utf-8")
        (card,) = load(Path(folder))
    return card


def title(*questions: str) -> str:
    usual = replace(REST, slug="usual", plain="可以申请补偿，也可以仲裁。")
    return titles((replace(REST, questions=questions), usual))["rest-days"]


def test_the_shortest_sample_that_asks_is_taken():
    long = "班长说今年船多，人人都不许休息，划船满一年也没有休息，对吗"
    assert title(long, "划船一年休几天", "划船休息") == "划船一年休几天"


def test_dialect_and_slips_are_left_alone_where_there_is_another():
    assert title("划船休几多天", "划船一年能休息多少天") == "划船一年能休息多少天"
    assert title("能申请仲才吗", "可以申请仲裁吗") == "可以申请仲裁吗"


def test_a_title_of_its_own_stands_above_the_card_and_is_a_sample():
    lines = """
law: 划船条例
documents: [划船条例(2020-01-01)]
cards:
  - slug: rest
    title: 划船一年能休息几天
    article: 第三条
    in_force_from: 2020-01-01
    scope: 全国
    theme: 休假与放假
    binds: [all]
    plain: 三天。
    quote_key: 休息三天
    questions: [划船休几多, 划船休息, 划船歇几天呀, 划船能歇不]
    status: verified
"""
    card = card_of_text(lines)
    assert titles((card,)) == {"rest": "划船一年能休息几天"}
    assert "划船一年能休息几天" in card.questions


def test_every_title_shown_is_one_short_question_of_its_own():
    shown = titles(CARDS)
    named = [shown[card.slug] for card in CARDS if card.status == "verified"]
    assert [words for words in named if SLOPPY.search(words) or len(words) > LONGEST_TITLE] == []
    assert [words for words, times in Counter(named).items() if times > 1] == []


def test_no_title_is_a_sample_of_another_card():
    owners: dict[str, set[str]] = {}
    for card in CARDS:
        for question in card.questions:
            owners.setdefault(question, set()).add(card.slug)
    assert [card.title for card in CARDS if card.title and len(owners[card.title]) > 1] == []


def test_a_card_with_catchwords_only_has_one_of_them():
    assert title("划船休息日", "划船休息") == "划船休息日"
