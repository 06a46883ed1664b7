"""A question finds the card that says it, and silence where no card does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nlp import cards, retrieve

NLP = Path(retrieve.__file__).parent
CARDS = cards.load(NLP / "policies")
VOCABULARY = retrieve.load_vocabulary(NLP / "lexicon")
INDEX = retrieve.CardIndex.build(CARDS, VOCABULARY)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.slug)
def test_each_sample_question_finds_its_card_first(card):
    first = {question: INDEX.search(question, 1)[0].card.slug for question in card.questions}
    assert first == dict.fromkeys(card.questions, card.slug)


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("我累计上班十二年了，每年年休假该有几天？", "annual-leave-days"),
        ("老师您好，请问国庆节那三天加班，加班费给几倍呀", "overtime-pay"),
        ("公司现在才说试用期要半年，签的是一年合同，试用期最长多久", "probation-length"),
        ("单位没跟我签劳动合同，能要双倍工资不", "no-contract-double-pay"),
        ("上班路上骑电动车被汽车撞了，算工伤吗", "injury-what-counts"),
        ("我交了八年失业保险，失业金可以领几个月", "unemployment-months"),
        ("申请劳动仲裁收不收费，要交多少钱", "arbitration-free"),
        ("三八妇女节我们女职工放不放假", "half-days"),
        ("工会经费单位要按多少比例拨", "union-funds"),
    ],
)
def test_a_question_in_ones_own_words_is_answered(question, slug):
    found = INDEX.answer(question)
    assert found is not None
    assert found.card.slug == slug


@pytest.mark.parametrize(
    "question",
    [
        "武汉今年最低工资多少钱一个月",
        "丧假国家规定给几天",
        "公租房怎么排队",
        "孩子上小学要什么材料",
        "买卖合同一方违约怎么办",
        "单位体检安排在哪家医院",
        "明天会下雨吗",
        "社保局电话是多少",
        "陪产假有多少天",
        "离婚时房子怎么分",
        "",
        "！！！",
    ],
)
def test_silence_where_no_card_says_it(question):
    assert INDEX.answer(question) is None


def test_the_shared_topics_are_named():
    assert INDEX.search("试用期工资最低给多少", 1)[0].why == ("试用期", "工资")


def test_a_card_not_yet_verified_is_found_but_never_answers():
    doubtful = [replace(card, status="unverified") for card in CARDS]
    index = retrieve.CardIndex.build(doubtful, VOCABULARY)
    question = "哺乳假每天几个小时"
    assert index.search(question, 1)[0].card.slug == "women-nursing"
    assert index.answer(question) is None


def test_no_more_cards_come_than_were_asked_for():
    assert len(INDEX.search("工资", 3)) == 3
