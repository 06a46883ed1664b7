"""A question finds the article that says it; what fits badly is told apart from what fits."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from bot.config import HERE
from nlp.cards import Card
from nlp.judged import load_gates, unanswerable
from nlp.retrieve import Asked, CardIndex, Passage, Vectors, related
from nlp.turn import STRAIGHT, learn_turn

GATE = HERE / "nlp" / "gate"


def first(index: CardIndex, question: str, **more: object) -> str:
    found = index.search(Asked(question, **more), 1)[0]  # type: ignore[arg-type]
    return "" if found.card is None else found.card.slug


def test_nearly_every_sample_question_finds_its_article_first(index: CardIndex):
    """A few stand between two laws that say the same."""
    missed = [
        question
        for card, question in index.samples[::7]
        if index.search(Asked(question), 1)[0].article != card.article
    ]
    assert len(missed) <= 0.03 * len(index.samples[::7]), missed


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("我累计上班十二年了，每年年休假该有几天？", "annual-leave-days"),
        ("单位没跟我签劳动合同，能要双倍工资不", "no-contract-double-pay"),
        ("申请劳动仲裁收不收费，要交多少钱", "arbitration-free"),
    ],
)
def test_a_question_in_ones_own_words_finds_its_card(index: CardIndex, question: str, slug: str):
    assert first(index, question) == slug


def test_a_sample_question_is_said_and_one_that_nothing_answers_mostly_is_not(index: CardIndex):
    gates = load_gates(GATE)

    def said(question: str) -> bool:
        asked = Asked(question)
        found = index.search(asked, 3)
        return gates.passes(asked, found, gates.likelihood(asked, found))

    asked = [question for _, question in index.samples[::40]]
    refused = unanswerable(GATE)
    assert sum(map(said, asked)) >= 0.9 * len(asked)
    assert sum(map(said, refused)) <= 0.25 * len(refused)


def test_questions_by_another_hand_find_their_article(index: CardIndex):
    """Written from the laws by somebody who had seen no card; here without texts and vectors."""
    lines = (HERE / "tests" / "sets" / "policy.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row.get("gold")]
    first = ten = 0
    for row in rows:
        gold = {(each["law"], each["article"]) for each in row["gold"]}
        found = [
            (each.document, each.article) for each in index.search(Asked(row["question"]), 10)
        ]
        first += found[0] in gold
        ten += bool(gold & set(found))
    assert first >= 0.65 * len(rows)
    assert ten >= 0.9 * len(rows)


def test_a_sample_question_left_out_finds_its_card_by_the_others(index: CardIndex):
    question = "年假一年有几天"
    assert first(index, question, without=question) == "annual-leave-days"


def test_the_law_that_binds_ones_unit_goes_first(index: CardIndex):
    question = "交了辞职报告，领导要多久给批"
    assert index.search(Asked(question, "机关"), 1)[0].document.startswith("公务员法")
    assert index.search(Asked(question, "企业"), 1)[0].document.startswith("劳动合同法")


def test_articles_without_a_card_are_candidates_too(index: CardIndex):
    passage = Passage("示例办法(2020-01-01)", "第九条", "骆驼每周饮水三次。")
    found = CardIndex(index.cards[:50], [passage]).search(Asked("骆驼每周饮水几次"), 3)
    assert (found[0].document, found[0].card) == (passage.document, None)


def test_the_meaning_of_a_question_counts_where_there_are_vectors(index: CardIndex):
    some = index.cards[:20]
    small = CardIndex(some)
    vectors = np.eye(len(small.sample_questions), 384, dtype=np.float32)
    last = len(small.sample_questions) - 1
    asked = Asked("嘟嘟", vector=vectors[last])
    assert small.search(asked, 1) == []
    none = np.zeros((len(small.article_texts), 384), np.float32)
    with_samples = small.with_vectors(Vectors(vectors, none, STRAIGHT))
    assert with_samples.search(asked, 1)[0].card == some[-1]


def test_the_meaning_of_an_article_counts_where_it_has_a_vector(index: CardIndex):
    passage = Passage("示例办法(2020-01-01)", "第九条", "骆驼每周饮水三次。")
    small = CardIndex(index.cards[:20], [passage])
    samples = np.zeros((len(small.sample_questions), 384), np.float32)
    articles = np.zeros((len(small.article_texts), 384), np.float32)
    articles[small.article_texts.index("示例办法第九条\n骆驼每周饮水三次。"), 7] = 1
    asked = Asked("嘟嘟", vector=articles[-1])
    found = small.with_vectors(Vectors(samples, articles, STRAIGHT)).search(asked, 3)
    assert [each.document for each in found] == [passage.document]
    assert found[0].why.passage > 0


def test_a_turn_brings_questions_nearer_to_the_articles_they_were_learnt_with():
    random = np.random.default_rng(1)
    articles = _unit(random.normal(size=(30, 384)))
    answers = random.integers(0, 30, 600)
    shift = random.normal(size=(384, 384)) / 20
    questions = _unit(articles[answers] @ shift + random.normal(size=(600, 384)) / 30)
    turn = learn_turn(questions[:500], [[answer] for answer in answers[:500]], articles)
    others, right = questions[500:], answers[500:]
    before = np.mean((others @ articles.T).argmax(axis=1) == right)
    after = np.mean((turn.turned(others) @ articles.T).argmax(axis=1) == right)
    assert after > before + 0.2


def _unit(rows: np.ndarray) -> np.ndarray:
    unit: np.ndarray = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_of_one_article_the_card_for_ones_own_unit_is_shown(index: CardIndex):
    card = index.cards[0]
    theirs = replace(card, slug="theirs", unit="/1/2/", questions=("骆驼休几天年假",))
    ours = replace(card, slug="ours", questions=("骆驼有年假吗",))
    found = CardIndex([theirs, ours]).search(Asked("骆驼休几天年假", unit="/1/3/"), 1)[0]
    assert found.card is not None
    assert found.card.slug == "ours"


@pytest.mark.parametrize("question", ["", "！！！", "\x00", "\ud83d", "字" * 5000])
def test_any_text_may_be_asked(index: CardIndex, question: str):
    assert len(index.search(Asked(question), 10)) <= 10


def test_what_is_shown_beside_the_answer_is_of_other_articles(index: CardIndex):
    found = index.search(Asked("加班费怎么算"), 10)
    others = related(found)
    assert all(isinstance(each.card, Card) for each in others)
    assert found[0] not in others


def test_the_gate_was_fitted_on_questions_that_no_card_asks(index: CardIndex):
    asked = {question for _, question in index.samples}
    assert [question for question in unanswerable(GATE) if question in asked] == []
