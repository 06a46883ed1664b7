"""Whatever a member sends, in whatever order, the form stays whole and asks the right thing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers import flow
from handlers.catalogue.answers import missing, place
from handlers.catalogue.schema import load_programmes
from handlers.draft import Draft, Phase, is_answered, next_path
from handlers.flow import Outcome
from tests.unit.handlers.walk import NOW, example_for, said, sent, walked

TUITION = load_programmes()["tuition"]

SIDE_QUESTIONS = st.sampled_from(
    [
        said("助学金什么时候发？", is_question=True, intent="policy", confidence=0.8),
        said("我想报名登高", intent="event_signup", confidence=0.9),
        said("你好", intent="greet", confidence=0.95),
    ]
)
CORRECTIONS = st.sampled_from(
    [
        said("电话改成13900005678"),
        said("学段改成本科"),
        said("家庭情况改成在档"),
        said("家庭情况改成没有建档"),
        said("不对，是初三"),
        said("刚才的金额错了，是 3200"),
    ]
)
INTERRUPTIONS = st.one_of(
    SIDE_QUESTIONS,
    CORRECTIONS,
    st.sampled_from(["暂停", "人工", "取消", "继续", "重新开始", "123", "啊这"]).map(said),
    st.sampled_from(["p1", "p2", "p3"]).map(sent),
)
DETOURS = st.sampled_from(["上一步", "修改第2项", "修改第11项", "修改某项", "不对", "跳过"]).map(
    said
)
SHORT = [
    "同意",
    "是",
    "没有了",
    "还有",
    "完成",
    "1",
    "2",
    "改第1位",
    "删除第1位",
    "再加一位",
    "重拍",
]
LONG = [
    "柳大山，父亲，务农",
    "姓名：柳小雨，电话：1390000",
    "女儿，高三",
    "学校写错了",
    "确定取消吗",
]
ANYTHING = st.one_of(
    INTERRUPTIONS,
    DETOURS,
    st.text(max_size=40).map(said),
    st.sampled_from([*SHORT, *LONG]).map(said),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), INTERRUPTIONS), max_size=40))
def test_after_any_interleaving_the_first_open_question_is_asked(events):
    draft = flow.begin(TUITION, NOW).draft
    for event in events:
        turn = example_for(TUITION, draft) if event is None else event
        if event is None and draft.phase is Phase.CONFIRMING:
            continue
        step = flow.answer(TUITION, draft, turn)
        if step.outcome is not Outcome.CANCELLED:
            draft = step.draft
        if draft.phase is not Phase.CONSENT:
            assert draft.asked == next_path(TUITION, draft)
            assert bool(draft.asked) is (draft.phase is Phase.ASKING)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), ANYTHING), max_size=40))
def test_no_message_breaks_the_form_and_it_can_always_be_finished(events):
    draft = flow.begin(TUITION, NOW).draft
    for event in events:
        step = flow.answer(TUITION, draft, example_for(TUITION, draft) if event is None else event)
        assert Draft.from_json(step.draft.to_json()) == step.draft
        if step.outcome is Outcome.SEND:
            assert event is None
            assert missing(TUITION, step.draft.answers) == []
        if step.outcome in {Outcome.ASKING, Outcome.PAUSED, Outcome.PERSON}:
            assert step.reply.text
        draft = step.draft
    assert walked(TUITION, draft=draft).outcome is Outcome.SEND


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), ANYTHING), max_size=25))
def test_a_question_that_is_asked_out_of_turn_is_one_that_was_answered(events):
    draft = flow.begin(TUITION, NOW).draft
    for event in events:
        draft = flow.answer(
            TUITION, draft, example_for(TUITION, draft) if event is None else event
        ).draft
        if draft.asked and draft.asked != next_path(TUITION, draft):
            where = place(TUITION, draft.asked)
            assert (
                where.step or is_answered(TUITION, draft, draft.asked) or where.question.optional
            )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), ANYTHING), max_size=30), st.data())
def test_a_newer_schema_keeps_the_answers_to_the_questions_it_still_has(events, data):
    draft = flow.begin(TUITION, NOW).draft
    for event in events:
        draft = flow.answer(
            TUITION, draft, example_for(TUITION, draft) if event is None else event
        ).draft
    needed = {"family", "hardship"}
    kept = [
        question
        for question in TUITION.questions
        if question.key in needed or data.draw(st.booleans(), label=question.key)
    ]
    newer = TUITION.model_copy(update={"version": 2, "questions": tuple(kept)})
    moved = flow.migrate(newer, draft)
    assert moved.version == 2
    assert moved.answers == {
        key: value for key, value in draft.answers.items() if key in {q.key for q in kept}
    }
    if moved.phase is not Phase.CONSENT:
        assert moved.asked == next_path(newer, moved)


@settings(max_examples=60, deadline=None)
@given(st.text(), st.sampled_from([q.key for q in TUITION.questions]), st.booleans())
def test_any_words_anywhere_are_answered(text, asked, is_question):
    draft = ASKED.get(asked) or walked(TUITION, asked).draft
    step = flow.answer(TUITION, draft, said(text, is_question=is_question))
    assert step.reply.text or step.outcome is Outcome.ASIDE


ASKED = {
    question.key: walked(TUITION, question.key).draft
    for question in TUITION.questions
    if question.key != "household"
} | {"household": walked(TUITION, "household.more").draft}


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.text(max_size=30), st.sampled_from(["确认", "是", "好", "1", "提交", "行"])))
def test_only_the_clear_words_send(text):
    ready = replace(walked(TUITION, "proof").draft, closed=("household", "proof"))
    draft = flow.answer(TUITION, ready, sent("p1")).draft
    draft = flow.answer(TUITION, draft, said("完成")).draft
    step = flow.answer(TUITION, draft, said(text))
    assert (step.outcome is Outcome.SEND) is (text in {"确认", "提交"})
