"""A card stands under a question that reads well, though its samples are typed by anybody."""

from __future__ import annotations

from dataclasses import replace

from nlp.titles import titles
from tests.unit.member.shelf import REST


def title(*questions: str) -> str:
    usual = replace(REST, slug="usual", plain="可以申请补偿，也可以仲裁。")
    return titles((replace(REST, questions=questions), usual))["rest-days"]


def test_the_shortest_sample_that_asks_is_taken():
    long = "班长说今年船多，人人都不许休息，划船满一年也没有休息，对吗"
    assert title(long, "划船一年休几天", "划船休息") == "划船一年休几天"


def test_dialect_and_slips_are_left_alone_where_there_is_another():
    assert title("划船休几多天", "划船一年能休息多少天") == "划船一年能休息多少天"
    assert title("能申请仲才吗", "可以申请仲裁吗") == "可以申请仲裁吗"


def test_a_card_with_catchwords_only_has_one_of_them():
    assert title("划船休息日", "划船休息") == "划船休息日"
