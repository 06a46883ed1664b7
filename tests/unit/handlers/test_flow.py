"""How a form talks with a member: consent, answers, corrections, commands, sending."""

from __future__ import annotations

import pytest

from handlers import flow
from handlers.catalogue.schema import FieldKind, labels_of, load_programmes
from handlers.draft import Phase
from handlers.flow import Outcome
from handlers.types import Choice
from tests.unit.handlers.walk import NOW, said, sent, talk, taps, trial, walked

TUITION = load_programmes()["tuition"]

NAME = "  - {key: name, label: 姓名, ask: 叫什么名字？, example: 柳小穗}\n"
PHONE = (
    "  - {key: phone, label: 电话, ask: 电话？, kind: phone, known: phone, "
    "example: '13900001234'}\n"
)
POOR = "  - {key: poor, label: 低保, ask: 有低保吗？, kind: yes_no, example: 是}\n"
SICK = "  - {key: sick, label: 大病, ask: 有大病吗？, kind: yes_no, example: 是}\n"
NOTE = (
    "  - {key: note, label: 说明, ask: 还想说什么？, kind: long_text, optional: true, "
    "example: 无话}\n"
)


def at(path: str) -> flow.Draft:
    """A tuition draft that asks `path`, everything before it filled with the examples."""
    return walked(TUITION, path).draft


def ready() -> flow.Draft:
    """A tuition draft that waits for the confirmation."""
    draft = walked(TUITION, "proof").draft
    return talk(TUITION, sent("p1", "p2"), "完成", draft=draft).draft


def test_nothing_is_asked_before_the_member_agreed():
    step = flow.begin(TUITION, NOW)
    assert step.draft.phase is Phase.CONSENT
    assert "您同意吗？" in step.reply.text
    assert "孩子叫什么名字" not in step.reply.text


def test_refusing_consent_ends_kindly_and_keeps_nothing():
    step = talk(TUITION, "不同意")
    assert step.outcome is Outcome.CANCELLED
    assert step.draft.answers == {}
    assert step.reply.text.startswith("好的，尊重您的决定，什么都没有保存。")


@pytest.mark.parametrize("text", ["好的", "嗯", "可以", "1", "行吧"])
def test_only_a_clear_word_counts_as_consent(text):
    step = talk(TUITION, text)
    assert step.draft.phase is Phase.CONSENT
    assert "请回复“同意”或“不同意”" in step.reply.text


def test_the_moment_of_consent_is_kept():
    assert talk(TUITION, "同意").draft.agreed == NOW


def test_a_photo_sent_before_consent_is_not_kept():
    step = talk(TUITION, sent("p1"))
    assert step.draft.answers == {}
    assert "还没有保存" in step.reply.text


def test_a_question_before_consent_is_left_to_the_others():
    step = talk(TUITION, said("要交哪些材料？", is_question=True))
    assert step.outcome is Outcome.ASIDE
    assert "您同意吗" in flow.ask_again(TUITION, step.draft).text


def test_a_form_without_sensitive_questions_asks_at_once():
    assert flow.begin(trial(NAME), NOW).draft.asked == "name"


def test_each_question_says_which_of_how_many_it_is():
    assert "（第 1 项，共 12 项）孩子叫什么名字？" in talk(TUITION, "同意").reply.text


def test_an_answer_is_read_back_before_the_next_question():
    step = talk(TUITION, "3万6", draft=at("income"))
    assert step.reply.text.startswith("已记下【家庭年收入】：36000 元。\n（第 9 项")


@pytest.mark.parametrize("text", ["2", "２", "女儿", "是我闺女", "第二个"])
def test_a_choice_takes_its_number_its_words_or_another_name(text):
    assert talk(TUITION, text, draft=at("relation")).draft.answers["relation"] == "女儿"


def test_choices_are_numbered_and_can_be_tapped():
    reply = flow.ask_again(TUITION, at("relation"))
    assert taps(reply)[1] == Choice("2. 女儿", "女儿")


def test_several_named_answers_in_one_message_are_all_taken():
    step = talk(TUITION, "姓名：柳小穗，女儿，高三，电话13900001234", draft=at("child_name"))
    assert step.draft.answers == {
        "child_name": "柳小穗",
        "relation": "女儿",
        "stage": "高中",
        "phone": "13900001234",
    }
    assert step.reply.text.startswith(
        "已记下：\n· 孩子姓名：柳小穗\n· 与孩子的关系：女儿\n· 学段：高中\n· 联系电话：…1234\n"
    )
    assert step.draft.asked == "school"


def test_unnamed_answers_find_their_question_by_their_kind():
    step = talk(TUITION, "我女儿高三，电话13900001234", draft=at("stage"))
    assert step.draft.answers["stage"] == "高中"
    assert step.draft.answers["phone"] == "13900001234"


def test_a_phone_sent_instead_of_a_sum_is_kept_as_the_phone():
    step = talk(TUITION, "13900001234", draft=at("income"))
    assert step.draft.answers["phone"] == "13900001234"
    assert step.draft.asked == "income"


def test_a_question_that_depends_on_an_answer_is_asked_only_then():
    assert talk(TUITION, "已经建档", draft=at("family")).draft.asked == "income"
    assert talk(TUITION, "没有建档", draft=at("family")).draft.asked == "hardship"


@pytest.mark.parametrize("name", ["何问", "任问天", "谢谢", "高兴"])
def test_a_name_that_looks_like_something_else_is_a_name(name):
    step = talk(TUITION, said(name, is_question=name == "何问"), draft=at("child_name"))
    assert step.draft.answers["child_name"] == name


def test_a_story_may_contain_commands_questions_and_sums():
    story = "本来想取消的，去年电话改成了新的，看病花了3万块，孩子上学怎么办"
    step = talk(
        TUITION,
        said(story, is_question=True, intent="aid_tuition", confidence=0.9),
        draft=at("reason"),
    )
    assert step.draft.answers["reason"] == story
    assert step.draft.asked == "proof"


def test_what_the_lead_in_says_is_not_part_of_the_name():
    assert talk(TUITION, "我女儿叫柳小穗", draft=at("child_name")).draft.answers == {
        "child_name": "柳小穗"
    }


def test_the_second_unreadable_answer_gets_an_example_and_a_way_to_a_person():
    step = talk(TUITION, "不晓得", draft=at("phone"))
    assert "可以照这个样子写" not in step.reply.text
    step = talk(TUITION, "真不晓得", draft=step.draft)
    assert "可以照这个样子写：13900001234。" in step.reply.text
    assert Choice("人工", "人工") in taps(step.reply)


def test_two_different_sums_are_not_guessed_between():
    step = talk(TUITION, "前年2万，去年3万", draft=at("income"))
    assert step.draft.asked == "income"
    assert "income" not in step.draft.answers


def test_a_named_answer_with_a_mistake_says_so_and_keeps_the_rest():
    step = talk(TUITION, "柳小穗，电话：1390000", draft=at("child_name"))
    assert step.draft.answers == {"child_name": "柳小穗"}
    assert "【联系电话】没有记下：手机号是 11 位，您发的是 7 位" in step.reply.text


def test_the_answer_just_given_is_corrected_after_the_next_question():
    step = talk(TUITION, "不对，是初三", draft=at("school"))
    assert step.reply.text.startswith("已把【学段】从 高中 改成 初中。\n（第 4 项")
    assert step.draft.asked == "school"


def test_a_denied_value_is_not_taken_for_the_new_one():
    step = talk(TUITION, "不是高三，是初三", draft=at("school"))
    assert step.draft.answers["stage"] == "初中"


def test_an_earlier_answer_is_corrected_by_its_name():
    step = talk(TUITION, "电话改成 139 0000 5678", draft=at("bank_card"))
    assert step.reply.text.startswith("已把【联系电话】从 …1234 改成 …5678。")
    assert step.draft.asked == "bank_card"


def test_a_sum_is_corrected_by_another_name_of_its_question():
    step = talk(TUITION, "刚才的金额错了，是 3200", draft=at("bank_card"))
    assert step.draft.answers["income"] == 320_000


def test_a_correction_that_cannot_be_read_changes_nothing_and_says_why():
    step = talk(TUITION, "电话改成 1390000567", draft=at("bank_card"))
    assert step.draft.answers["phone"] == "13900001234"
    assert "【联系电话】没有改：手机号是 11 位，您发的是 10 位" in step.reply.text


def test_a_correction_works_at_the_confirmation_too():
    step = talk(TUITION, "电话改成13900005678", draft=ready())
    assert step.outcome is Outcome.ASKING
    assert step.draft.phase is Phase.CONFIRMING
    assert step.draft.answers["phone"] == "13900005678"


def test_saying_only_that_an_item_is_wrong_asks_it_again():
    step = talk(TUITION, "学校写错了", draft=at("bank_card"))
    assert step.draft.asked == "school"
    assert "现在填的是：江城市临湖第一中学。" in step.reply.text


def test_after_a_correction_only_the_newly_needed_question_is_asked():
    draft = talk(TUITION, "已经建档", draft=at("family")).draft
    draft = walked(TUITION, "phone", draft).draft
    step = talk(TUITION, "家庭情况改成没有建档", draft=draft)
    assert step.draft.asked == "hardship"
    assert talk(TUITION, "1", draft=step.draft).draft.asked == "phone"


def test_an_answer_that_no_longer_applies_is_not_sent():
    draft = talk(TUITION, "家庭情况改成在档", draft=ready()).draft
    step = talk(TUITION, "确认提交", draft=draft)
    assert step.outcome is Outcome.SEND
    assert "hardship" not in step.draft.answers


def test_the_same_value_again_is_said_to_be_no_change():
    step = talk(TUITION, "学段改成高三", draft=at("school"))
    assert step.reply.text.startswith("【学段】本来就是 高中，没有变。")


def test_a_correction_that_fits_nothing_asks_what_to_change():
    step = talk(TUITION, "不对，是柳小雨", draft=at("stage"))
    assert step.reply.text.startswith("要改哪一项？")
    assert talk(TUITION, "1", draft=step.draft).draft.asked == "child_name"


def test_no_as_an_answer_to_yes_or_no_is_no_correction():
    step = talk(trial(NAME + POOR + SICK), "柳小穗", "不是")
    assert step.draft.answers == {"name": "柳小穗", "poor": False}


def test_the_last_question_comes_back_with_what_it_holds():
    step = talk(TUITION, "上一步", draft=at("school"))
    assert step.draft.asked == "stage"
    assert "现在填的是：高中" in step.reply.text
    assert talk(TUITION, "继续", draft=step.draft).draft.asked == "school"


def test_there_is_nothing_before_the_first_question():
    assert "这已经是第一项了。" in talk(TUITION, "同意", "上一步").reply.text


def test_an_optional_question_may_be_skipped():
    step = talk(TUITION, "跳过", draft=at("reason"))
    assert step.draft.asked == "proof"
    assert "reason" not in step.draft.answers


def test_a_needed_question_may_not_be_skipped():
    step = talk(TUITION, "跳过", draft=at("phone"))
    assert step.draft.asked == "phone"
    assert "【联系电话】这一项必须填，不能跳过。" in step.reply.text


@pytest.mark.parametrize("text", ["暂停", "先不填了", "等会儿再说", "我先忙"])
def test_a_pause_keeps_everything(text):
    draft = at("phone")
    step = talk(TUITION, text, draft=draft)
    assert step.outcome is Outcome.PAUSED
    assert step.draft == draft


def test_not_filling_an_optional_question_is_no_cancelling():
    assert talk(TUITION, "不填了", draft=at("reason")).draft.asked == "proof"


def test_cancelling_asks_once_before_anything_is_dropped():
    step = talk(TUITION, "取消", draft=at("phone"))
    assert step.outcome is Outcome.ASKING
    assert "已填的 8 项会删掉" in step.reply.text
    step = talk(TUITION, "确定取消", draft=step.draft)
    assert step.outcome is Outcome.CANCELLED
    assert step.draft.answers == {}


def test_a_second_tap_on_cancel_drops_nothing():
    step = talk(TUITION, "取消", "取消", draft=at("phone"))
    assert step.outcome is Outcome.ASKING
    assert step.draft.answers["child_name"] == "柳小穗"


def test_after_asking_about_cancelling_the_form_can_go_on():
    assert talk(TUITION, "取消", "继续", draft=at("phone")).draft == at("phone")


def test_starting_over_asks_once_and_keeps_the_consent():
    step = talk(TUITION, "重新开始", draft=at("phone"))
    assert step.draft.answers["child_name"] == "柳小穗"
    step = talk(TUITION, "确定重填", draft=step.draft)
    assert step.draft.answers == {}
    assert step.draft.asked == "child_name"


@pytest.mark.parametrize("text", ["人工", "转人工", "我要找人工客服"])
def test_a_person_can_be_asked_for_without_losing_the_draft(text):
    step = talk(TUITION, said(text, intent="human", confidence=0.95), draft=at("school"))
    assert step.outcome is Outcome.PERSON
    assert step.draft.answers["child_name"] == "柳小穗"


@pytest.mark.parametrize("text", ["修改第4项", "第四项填错了", "改第 4 项", "修改学校名称"])
def test_an_item_is_changed_by_its_number_or_name(text):
    assert talk(TUITION, text, draft=ready()).draft.asked == "school"


def test_an_item_that_does_not_exist_is_said_not_to():
    assert "没有第 40 项，一共 13 项。" in talk(TUITION, "修改第40项", draft=ready()).reply.text


def test_an_item_not_reached_yet_waits_for_its_turn():
    step = talk(TUITION, "修改第8项", draft=at("school"))
    assert step.draft.asked == "school"
    assert "【联系电话】还没有填到，轮到的时候再填就好。" in step.reply.text


def test_an_optional_item_left_out_can_be_added_from_the_summary():
    draft = talk(TUITION, "跳过", sent("p1"), "完成", draft=at("reason")).draft
    step = talk(TUITION, "修改第12项", "孩子爸爸做了手术", draft=draft)
    assert step.draft.answers["reason"] == "孩子爸爸做了手术"
    assert step.draft.phase is Phase.CONFIRMING


def test_changed_from_the_summary_one_returns_to_the_summary():
    step = talk(TUITION, "修改某项", "4", "江城市第二中学", draft=ready())
    assert step.draft.phase is Phase.CONFIRMING
    assert "已把【学校名称】从 江城市临湖第一中学 改成 江城市第二中学。" in step.reply.text


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("助学金什么时候发？", {"intent": "policy", "confidence": 0.8, "is_question": True}),
        ("请问要交哪些材料", {"is_question": True}),
        ("孩子名字写错了怎么改", {"intent": "profile", "confidence": 0.8, "is_question": True}),
        ("查一下我的申请到哪了", {"intent": "aid_progress", "confidence": 0.8}),
        ("我想报名登高", {"intent": "event_signup", "confidence": 0.9}),
        ("你好", {"intent": "greet", "confidence": 0.95}),
        ("我不想活了", {"intent": "crisis", "confidence": 0.9}),
    ],
)
def test_a_question_or_request_in_the_middle_leaves_the_draft_alone(text, meaning):
    draft = at("school")
    step = talk(TUITION, said(text, **meaning), draft=draft)
    assert step.outcome is Outcome.ASIDE
    assert step.draft == draft
    assert "学校的全名是什么？" in flow.ask_again(TUITION, draft).text


def test_asking_for_the_aid_that_is_being_filled_goes_on_with_it():
    turn = said("我想申请金秋助学", intent="aid_tuition", confidence=0.9)
    step = talk(TUITION, turn, draft=at("school"))
    assert step.outcome is Outcome.ASKING
    assert step.reply.text.startswith("您正在填的就是【金秋助学】")


def test_a_plea_inside_a_story_is_part_of_it():
    story = "孩子爸去年车祸走了，我一个人带孩子，能不能多补一点？"
    step = talk(TUITION, said(story, is_question=True), draft=at("reason"))
    assert step.draft.answers["reason"] == story


def test_danger_is_heard_inside_a_story():
    turn = said("孩子爸打我，现在就在打", intent="crisis", confidence=0.9)
    assert talk(TUITION, turn, draft=at("reason")).outcome is Outcome.ASIDE


def test_consent_tapped_twice_is_no_name():
    step = talk(TUITION, "同意", "同意")
    assert step.draft.answers == {}
    assert step.draft.asked == "child_name"


def test_a_choice_tapped_twice_is_no_school():
    step = talk(TUITION, "高中", "高中", draft=at("stage"))
    assert "school" not in step.draft.answers


def test_yes_tapped_twice_answers_one_question():
    programme = trial(POOR + SICK)
    tap = taps(flow.begin(programme, NOW).reply)[0].say
    step = talk(programme, tap, tap)
    assert step.draft.answers == {"poor": True}
    assert step.draft.asked == "sick"


def test_the_same_words_typed_for_two_questions_answer_both():
    assert talk(trial(POOR + SICK), "是", "是").draft.answers == {"poor": True, "sick": True}


def test_one_line_fills_a_whole_round():
    step = talk(TUITION, "还有", "柳大山，父亲，务农", draft=at("household.more"))
    assert step.draft.answers["household"] == [
        {"name": "柳大山", "relation": "父亲", "work": "务农"}
    ]
    assert step.draft.asked == "household.more"


def test_members_are_asked_for_until_there_are_no_more():
    step = talk(
        TUITION,
        "还有",
        "柳大山",
        "父亲",
        "跳过",
        "还有",
        "柳小雨",
        "妹妹",
        "上学",
        "没有了",
        draft=at("household.more"),
    )
    assert step.draft.answers["household"] == [
        {"name": "柳大山", "relation": "父亲"},
        {"name": "柳小雨", "relation": "妹妹", "work": "上学"},
    ]
    assert step.draft.asked == "reason"


@pytest.mark.parametrize(
    "text", ["没有了", "没有其他人了", "就我和孩子", "家里就我一个人", "没有了，谢谢"]
)
def test_having_nobody_else_is_understood(text):
    step = talk(TUITION, text, draft=at("household.more"))
    assert step.draft.answers["household"] == []
    assert step.draft.asked == "reason"


@pytest.mark.parametrize("text", ["还有", "有两个", "还有孩子爸爸", "有，我妈"])
def test_having_somebody_else_asks_who(text):
    assert talk(TUITION, text, draft=at("household.more")).draft.asked == "household.1.name"


def test_somebody_else_may_be_told_in_the_same_breath():
    step = talk(TUITION, "还有，柳大山，父亲，务农", draft=at("household.more"))
    assert step.draft.answers["household"] == [
        {"name": "柳大山", "relation": "父亲", "work": "务农"}
    ]


def test_a_round_begun_by_mistake_is_given_up():
    step = talk(TUITION, "还有", "没有了", draft=at("household.more"))
    assert step.draft.answers["household"] == []
    assert step.draft.asked == "reason"


def test_one_member_is_filled_again_from_the_summary():
    step = talk(TUITION, "修改第11项", "改第1位", "柳小雨，母亲，退休", draft=ready())
    assert step.draft.answers["household"] == [
        {"name": "柳小雨", "relation": "母亲", "work": "退休"}
    ]
    assert step.draft.phase is Phase.CONFIRMING


def test_a_member_is_removed_from_the_summary():
    step = talk(TUITION, "修改第11项", "删除第1位", "没有了", draft=ready())
    assert step.draft.answers["household"] == []
    assert step.draft.phase is Phase.CONFIRMING


def test_photos_are_counted_and_completed_by_a_word():
    step = talk(TUITION, sent("p1"), sent("p2"), draft=at("proof"))
    assert "已收到 2 张" in step.reply.text
    assert talk(TUITION, "完成", draft=step.draft).draft.phase is Phase.CONFIRMING


def test_too_few_photos_are_not_complete():
    step = talk(TUITION, "好了", draft=at("proof"))
    assert step.draft.asked == "proof"
    assert "至少要 1 张，现在有 0 张，还差 1 张" in step.reply.text


def test_words_where_a_photo_is_wanted_are_answered_kindly():
    step = talk(TUITION, "我发了呀", draft=at("proof"))
    assert step.reply.text.startswith("这一项要发照片")


def test_a_photo_sent_early_is_kept_and_the_question_asked_again():
    step = talk(TUITION, sent("p1"), draft=at("school"))
    assert step.draft.answers["proof"] == ["p1"]
    assert step.draft.asked == "school"


def test_the_same_photo_twice_counts_once():
    step = talk(TUITION, sent("p1"), sent("p1"), draft=at("proof"))
    assert step.draft.answers["proof"] == ["p1"]


def test_photos_beyond_the_limit_are_not_kept_and_that_is_said():
    step = talk(TUITION, sent(*(f"p{n}" for n in range(8))), draft=at("proof"))
    assert step.draft.answers["proof"] == [f"p{n}" for n in range(6)]
    assert "最多 6 张" in step.reply.text


def test_photos_can_be_taken_anew():
    step = talk(TUITION, "修改第13项", "重拍", draft=ready())
    assert "proof" not in step.draft.answers
    assert step.draft.asked == "proof"


def test_a_photo_where_none_is_wanted_is_said_not_to_be_kept():
    step = talk(trial(NAME), sent("p1"))
    assert step.draft.answers == {}
    assert "不用发照片" in step.reply.text


def test_the_summary_shows_every_item_and_masks_numbers():
    text = flow.summary(TUITION, ready())
    assert "9. 联系电话：…1234" in text
    assert "10. 银行卡号：…4563" in text
    assert "11. 家庭成员：1 位\n　第 1 位：柳大山，父亲，务农" in text
    assert "6230000000001234563" not in text


@pytest.mark.parametrize(
    "text",
    [
        "好",
        "好的",
        "嗯",
        "1",
        "可以吧",
        "应该没问题",
        "是",
        "提交了吗",
        "不提交",
        "先不提交",
        "👌",
    ],
)
def test_doubtful_words_never_send(text):
    step = talk(TUITION, text, draft=ready())
    assert step.outcome is not Outcome.SEND


@pytest.mark.parametrize("text", ["确认提交", "提交吧", "确认", "没问题，提交"])
def test_a_clear_confirmation_sends(text):
    step = talk(TUITION, text, draft=ready())
    assert step.outcome is Outcome.SEND
    assert step.reply.text.startswith("申请已经交上去了")


def test_a_confirmation_before_the_end_sends_nothing():
    step = talk(TUITION, "确认提交", draft=at("phone"))
    assert step.outcome is Outcome.ASKING
    assert step.draft.asked == "phone"


def test_coming_back_says_where_one_stopped_and_how_much_is_left():
    step = flow.resume(TUITION, at("school"))
    assert step.reply.text.startswith("上次填到第 4 项（学校名称），还差 9 项。")
    assert step.draft.asked == "school"


def test_coming_back_to_a_full_form_shows_the_summary():
    assert "就差您核对一下" in flow.resume(TUITION, ready()).reply.text


def test_a_newer_schema_keeps_every_answer_that_still_fits():
    old = trial(NAME + PHONE + NOTE)
    draft = talk(old, "柳小穗", "13900001234").draft
    new = trial(
        "  - {key: name, label: 全名, ask: 叫什么名字？, example: 柳小穗}\n"
        "  - {key: age, label: 年龄, ask: 多大了？, kind: number, example: '9'}\n"
        "  - {key: phone, label: 电话, ask: 卡号？, kind: bank_card, "
        "example: '6230000000001234563'}\n"
    ).model_copy(update={"version": 2})
    moved = flow.migrate(new, draft)
    assert moved.version == 2
    assert moved.answers == {"name": "柳小穗"}
    assert moved.asked == "age"


def test_a_form_that_became_sensitive_asks_for_consent_before_going_on():
    draft = talk(trial(NAME + PHONE), "柳小穗").draft
    newer = trial(NAME + PHONE, consent="要用到电话。").model_copy(update={"version": 2})
    moved = flow.migrate(newer, draft)
    assert moved.phase is Phase.CONSENT
    assert talk(newer, "同意", draft=moved).draft.asked == "phone"


def test_a_draft_of_the_same_version_stays_exactly_as_it_is():
    draft = talk(TUITION, "上一步", "取消", draft=at("school")).draft
    assert flow.migrate(TUITION, draft) is draft


def test_a_case_that_came_back_is_confirmed_again_without_asking_anew():
    answers = talk(TUITION, "跳过", sent("p1"), "完成", draft=at("reason")).draft.answers
    draft = flow.reopen(TUITION, answers, 1, NOW)
    assert draft.phase is Phase.CONFIRMING
    step = talk(TUITION, "电话改成13900005678", draft=draft)
    assert step.draft.phase is Phase.CONFIRMING


def test_a_case_that_came_back_asks_only_what_is_missing():
    answers = {key: value for key, value in ready().answers.items() if key != "school"}
    assert flow.reopen(TUITION, answers, 1, NOW).asked == "school"


def test_what_the_record_knows_is_offered_and_not_asked():
    programme = trial(NAME + PHONE)
    draft = flow.prefill(programme, flow.begin(programme, NOW).draft, {"phone": "13900001234"})
    step = talk(programme, "柳小穗", draft=draft)
    assert "我们这里登记的是 …1234，还用这个吗？" in step.reply.text
    assert talk(programme, "就用这个", draft=step.draft).draft.answers["phone"] == "13900001234"


def test_an_offer_declined_is_asked_and_a_new_value_needs_no_declining():
    programme = trial(NAME + PHONE)
    draft = flow.prefill(programme, flow.begin(programme, NOW).draft, {"phone": "13900001234"})
    declined = talk(programme, "柳小穗", "换一个", draft=draft)
    assert "电话？" in declined.reply.text
    replaced = talk(programme, "柳小穗", "13900005678", draft=draft)
    assert replaced.draft.answers["phone"] == "13900005678"


def test_a_record_value_that_is_no_phone_is_not_offered():
    programme = trial(PHONE)
    draft = flow.prefill(programme, flow.begin(programme, NOW).draft, {"phone": "12"})
    assert draft.offered == {}


def test_progress_counts_the_questions_that_apply():
    assert flow.progress(TUITION, at("school")) == (4, 12)
    assert flow.progress(TUITION, ready()) == (13, 13)


CHOICES = [
    (question.key, label)
    for question in TUITION.questions
    for label in (*labels_of(question), *(word for each in question.choices for word in each.also))
    if question.kind is FieldKind.CHOICE
]


@pytest.mark.parametrize(("path", "label"), CHOICES)
def test_an_offered_answer_is_an_answer_even_where_it_looks_like_a_question(path, label):
    step = flow.answer(TUITION, at(path), said(label, is_question=True))
    assert step.outcome is Outcome.ASKING
    assert path in step.draft.answers


# What no question wants.

PLACES = ["child_name", "relation", "school", "enrolled", "family", "income", "phone", "proof"]
SHOWN = "您说的学费 5000 元，这张表里没有要填的地方，我没有记；"


@pytest.mark.parametrize("path", [*PLACES, "household.more"])
@pytest.mark.parametrize("text", ["学费5000", "学费五千块", "好的，学费是5000元"])
def test_a_sum_that_no_question_wants_is_said_back_and_not_kept(path, text):
    draft = at(path)
    step = talk(TUITION, text, draft=draft)
    assert step.draft.answers == draft.answers
    assert step.draft.asked == path
    assert "您说的学费" in step.reply.text
    assert "没有要填的地方，我没有记；" in step.reply.text


def test_a_sum_beside_an_answer_is_said_back_with_a_way_on():
    step = talk(TUITION, "女儿，学费5000", draft=at("relation"))
    assert step.draft.answers["relation"] == "女儿"
    way = "想让经办的同志知道，问到【申请说明】时写上就行。"
    assert f"已记下【与孩子的关系】：女儿。\n{SHOWN}{way}\n" in step.reply.text


def test_after_the_free_text_was_answered_the_way_on_is_to_change_it():
    step = talk(TUITION, "学费5000", draft=ready())
    assert f"{SHOWN}想让经办的同志知道，回复“修改申请说明”写上就行。" in step.reply.text
    assert talk(TUITION, "修改申请说明", draft=step.draft).draft.asked == "reason"


def test_without_a_free_text_the_way_on_is_a_person():
    step = talk(trial(NAME + PHONE), "柳小穗，房贷每月3000", draft=None)
    assert step.draft.answers == {"name": "柳小穗"}
    assert "您说的房贷每月 3000 元，" in step.reply.text
    assert "回复“人工”" in step.reply.text


@pytest.mark.parametrize("text", ["学费5000", "医药费花了3万", "还欠了2万"])
def test_what_something_costs_is_never_kept_as_what_is_earned(text):
    assert "income" not in talk(TUITION, text, draft=at("income")).draft.answers


def test_the_sum_that_was_asked_for_is_kept_beside_another():
    step = talk(TUITION, "36000，学费5000", draft=at("income"))
    assert step.draft.answers["income"] == 3600000
    assert SHOWN in step.reply.text


def test_a_cost_is_the_answer_where_costs_are_asked_for():
    cost = "  - {key: c, label: 医疗费用, ask: 花了多少医疗费？, kind: money, example: '3000'}\n"
    assert talk(trial(cost), "医药费3万").draft.answers == {"c": 3000000}


def test_a_story_takes_its_sums():
    step = talk(TUITION, "孩子学费5000，房贷每月3000", draft=at("reason"))
    assert step.draft.answers["reason"] == "孩子学费5000，房贷每月3000"
    assert "没有记" not in step.reply.text


def test_words_beside_an_answer_that_no_question_takes_are_said_back():
    step = talk(TUITION, "女儿，她爸爸去年走了", draft=at("relation"))
    assert step.draft.answers["relation"] == "女儿"
    assert "您说的“她爸爸去年走了”，我没有记；" in step.reply.text


@pytest.mark.parametrize("text", ["女儿，谢谢", "女儿呀，麻烦您了", "嗯，女儿"])
def test_courtesy_beside_an_answer_is_not_said_back(text):
    assert "没有记" not in talk(TUITION, text, draft=at("relation")).reply.text


def test_of_two_phones_neither_is_guessed():
    step = talk(TUITION, "女儿，13800001234，13700001234", draft=at("relation"))
    assert "phone" not in step.draft.answers
    assert "【联系电话】没有记下：您说了不止一个，" in step.reply.text


def test_having_nobody_else_is_no_answer_to_another_question():
    step = talk(TUITION, "还有，学费5000", draft=at("relation"))
    assert "family" not in step.draft.answers


def test_what_follows_the_word_that_nobody_else_lives_there_is_taken_or_said_back():
    step = talk(TUITION, "没有了，学费5000", draft=at("household.more"))
    assert (step.draft.answers["household"], step.draft.asked) == ([], "reason")
    assert SHOWN in step.reply.text
    step = talk(TUITION, "没有了，电话改成13700005678", draft=at("household.more"))
    assert step.draft.answers["phone"] == "13700005678"


def test_what_is_told_with_the_wish_for_one_more_is_asked_for_in_its_order():
    step = talk(TUITION, "还有，柳大山", draft=at("household.more"))
    assert step.draft.asked == "household.1.name"
    assert "您说的“柳大山”，请照下面问的一项一项说" in step.reply.text


def test_a_sum_beside_a_correction_is_said_back():
    step = talk(TUITION, "不对，是高二，学费5000", draft=at("school"))
    assert step.draft.answers["stage"] == "高中"
    assert SHOWN in step.reply.text


def test_details_told_while_asking_for_the_same_aid_are_said_back():
    turn = said("我想申请金秋助学，学费5000", intent="aid_tuition", confidence=0.95)
    assert "学费 5000 元" in talk(TUITION, turn, draft=at("relation")).reply.text
