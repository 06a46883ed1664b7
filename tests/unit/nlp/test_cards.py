"""Clause cards are strict, unique and say what the article says."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from nlp import cards, statute

POLICIES = Path(cards.__file__).parent / "policies"
TEXTS = Path(__file__).parents[4] / "shared" / "data" / "policies"
CARDS = cards.load(POLICIES)
FILE = """law: 示例法
documents: [示例法(2011-04-05)]
cards:
  - slug: example
    article: 第二条
    in_force_from: 2001-05-01
    in_force_to: 2020-12-31
    scope: 全国
    theme: 休假与放假
    binds: [企业]
    plain: 三天。先问单位。
    figures: [三天]
    quote_key: 休息三天
    questions: [休几天, 放几天, 歇几天, 能休多久]
    status: verified
"""
TEXT = "# 示例法\n\n<!-- INFO END -->\n\n第一条 甲。\n\n第二条 每人休息三天。\n"


def written(directory, *texts):
    for at, text in enumerate(texts):
        (directory / f"{at}.yaml").write_text(text, encoding="utf-8")
    return directory


def test_a_card_is_read_whole(tmp_path):
    (card,) = cards.load(written(tmp_path, FILE))
    assert (card.law, card.article, card.figures) == ("示例法", "第二条", ("三天",))


def test_a_card_holds_from_its_first_to_its_last_day(tmp_path):
    (card,) = cards.load(written(tmp_path, FILE))
    days = [date(2001, 4, 30), date(2001, 5, 1), date(2020, 12, 31), date(2021, 1, 1)]
    assert [card.in_force(day) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: verified", "status: maybe"),
        ("status: verified", "status: verified\n    colour: red"),
        ("article: 第二条", "article: 二"),
        ("2020-12-31", "1999-12-31"),
        ("[休几天, 放几天, 歇几天, 能休多久]", "[休几天]"),
        ("scope: 全国", "scope: 月球"),
        ("theme: 休假与放假", "theme: 天文"),
        ("law: 示例法", "law: [示例法"),
    ],
)
def test_a_card_that_is_not_well_formed_stops_the_loading(tmp_path, old, new):
    with pytest.raises(cards.CardError, match=r"0\.yaml"):
        cards.load(written(tmp_path, FILE.replace(old, new)))


def test_two_cards_may_not_share_a_slug(tmp_path):
    with pytest.raises(cards.CardError, match="example"):
        cards.load(written(tmp_path, FILE, FILE))


def test_a_figure_the_article_does_not_hold_is_reported(tmp_path):
    (card,) = cards.load(written(tmp_path, FILE.replace("[三天]", "[五天]")))
    found = cards.differences(card, statute.parse("示例法(2011-04-05)", TEXT))
    assert found == ("example：《示例法》第二条里没有“五天”。",)


def test_an_article_that_does_not_exist_is_reported(tmp_path):
    (card,) = cards.load(written(tmp_path, FILE.replace("第二条", "第九条")))
    found = cards.differences(card, statute.parse("示例法(2011-04-05)", TEXT))
    assert found == ("example：《示例法》没有第九条。",)


def test_no_sample_question_belongs_to_two_cards():
    asked = Counter(question for card in CARDS for question in card.questions)
    assert [question for question, times in asked.items() if times > 1] == []


def test_answers_are_short_enough_for_one_bubble():
    assert [card.slug for card in CARDS if len(card.plain) > 160] == []


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the collection of full texts is not beside us")
@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.slug)
def test_every_figure_and_quote_stands_in_the_article(card):
    for stem in card.documents:
        text = (TEXTS / f"{stem}.md").read_text(encoding="utf-8")
        assert cards.differences(card, statute.parse(stem, text)) == ()
