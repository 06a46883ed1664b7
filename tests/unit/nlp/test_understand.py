"""A message is understood as its writer meant it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from handlers import texts
from nlp.examples import ExampleError, load
from nlp.understand import INTENTS, Lexicon, LexiconError, Outcome, Understander

if TYPE_CHECKING:
    from handlers.language import Language

SAID = {
    "greet": ["您好呀", "hello，在不在", "老师早上好", "喂，有人吗"],
    "help": ["你这里都能办些什么", "怎么用这个呀，教教我", "你有什么功能", "看一下菜单"],
    "thanks": ["多谢啦，辛苦你们", "太感谢了", "好的，明白了，再见", "给你们点个赞"],
    "human": [
        "不想跟机器人说，换真人来",
        "帮我转接一下工作人员",
        "给我回个电话行不",
        "转人工客服",
    ],
    "feedback": [
        "食堂的菜又贵又难吃",
        "我要投诉我们科长",
        "建议把停车场扩大一点",
        "厂里三个月没发工资了，工会管管吧",
    ],
    "bind": ["怎么绑订会员", "我想加入工会", "实名认证老是失败", "刚入职想入会怎么办理"],
    "profile": [
        "我的会员号是多少",
        "手机号换了，要改一下",
        "查一下我的会费交到几月了",
        "我的名字登记错了",
    ],
    "privacy": ["把我的信息全部删除", "我要撤回同意", "导出我的数据", "谁看过我的资料"],
    "aid_hardship": [
        "家里困难，想申请补助",
        "怎么申请困难职工建档",
        "老公下岗了，我一个人养家，日子难过，工会能帮忙吗",
        "想申情困难帮扶",
    ],
    "aid_tuition": [
        "怎么申请金秋助学",
        "我想申请金秋助学",
        "孩子考上大学了想申请助学",
        "我屋里伢今年考取了，学费交不起么样办",
    ],
    "aid_medical": [
        "得了大病，医疗互助怎么报销",
        "我查出肿瘤做了手术，医药费能不能报消一点",
        "申请大病互助",
        "住院花了八万，想申请互助金",
    ],
    "aid_women": [
        "安康险怎么理赔",
        "查出乳腺癌，那个女职工保险怎么赔",
        "女工险报案找谁",
        "宫颈癌手术后申请理赔",
    ],
    "aid_condolence": [
        "我生孩子了，工会慰问怎么领",
        "父亲去世了，工会有没有慰问",
        "同事住院了想申请慰文金",
        "中秋节发什么东西",
    ],
    "aid_progress": [
        "我的申请到哪一步了",
        "助学批下来没有",
        "补助款几时到账",
        "交的材料审核通过了吗",
    ],
    "aid_supplement": [
        "我要补交一张发票",
        "录取通知书传错了，重新上传",
        "上次漏了户口本，怎么补",
        "材料被退回来了怎么改",
    ],
    "aid_withdraw": [
        "我想撤回申请",
        "那个补助不申请了",
        "把我的助学申请取消",
        "慰问金不要了，撤掉吧",
    ],
    "event_list": [
        "最近有什么活动",
        "这个月有哪些讲座",
        "周末有啥好玩的活动没",
        "看看有什么培训可以参加",
    ],
    "event_signup": [
        "我要报名登高",
        "运动会给我报个名",
        "想参加志愿服务，算我一个",
        "义诊怎么预约报名",
    ],
    "event_cancel": [
        "登高我去不了，取消报名",
        "那个培训不参加了",
        "临时出差，讲座来不了了",
        "退掉我的名额",
    ],
    "event_mine": ["我报了哪些活动", "我报的登高几点集合", "我的报名成功了吗", "看看我的报名"],
    "event_checkin": ["我到现场了，怎么签到", "签倒", "扫码签到扫不出来", "我到了"],
    "club_join": [
        "想加入羽毛球小组",
        "瑜伽班还收不收人",
        "我要退出摄影协会",
        "有没有合唱团，我喜欢唱歌",
    ],
    "job_search": [
        "我老婆想找工作",
        "春风行动招聘会有什么岗位",
        "孩子毕业了，帮忙介绍个工作",
        "你们招不招保洁",
    ],
    "cooling": [
        "送清凉什么时候到我们工地",
        "防暑物资在哪领",
        "今年发不发绿豆汤和藿香正气水",
        "天热了，清凉礼包领了没收到",
    ],
    "counsel_book": [
        "想预约心理咨询",
        "最近压力大，睡不着觉",
        "心里难受想找人聊聊",
        "心灵驿站怎么约",
    ],
    "crisis": ["我不想活了", "车间着火了", "老公又动手打我", "有人晕倒了快来"],
    "quiz": ["我要答题", "今天的每日一题", "我知识竞赛得了多少分", "看看排行榜"],
    "survey": ["满意度调查在哪里填", "问卷交了没有提示", "那个需求调查怎么填", "填问卷"],
    "pairing": ["我想当爱心妈妈", "交这个月的帮带月报", "师徒结对怎么弄", "想资助一个留守儿童"],
    "notice_on": ["有新活动记得通知我", "以后有招聘信息提醒我", "把推送打开", "订阅活动消息"],
    "notice_off": ["别再给我发通知了", "消息太多了，少发点", "退订", "关闭活动提醒"],
    "policy": [
        "产假有多少天",
        "加班费怎么算",
        "会费按什么标准交",
        "试用期公司不交社保合法吗",
        "住院慰问金标准是多少",
        "高温津贴一个月多少钱",
        "年假没休完能不能补钱",
        "金秋助学一个人补助多少",
    ],
    "other": ["讲个笑话", "明天武汉天气怎么样", "今天股票涨了没", "加微信领优惠券"],
}


@pytest.fixture(scope="module")
def reader(language: Language) -> Understander:
    return language.now.understander


@pytest.mark.parametrize("label", INTENTS)
def test_most_of_what_members_say_is_understood_by_characters_alone(reader, label):
    missed = [text for text in SAID[label] if reader.read(text).intent != label]
    assert len(missed) <= 1, missed


def test_every_label_is_tried():
    assert set(SAID) == set(INTENTS)


def test_a_menu_text_is_a_command_and_all_but_certain(reader):
    meaning = reader.read(" 【我的申请】！")
    assert (meaning.intent, meaning.stage, meaning.confidence) == ("aid_progress", "command", 0.99)


@pytest.mark.parametrize("intent", texts.MEANINGS)
def test_what_is_offered_leads_where_it_says(reader, intent):
    meaning = reader.read(texts.MEANINGS[intent].say)
    assert (meaning.intent, meaning.stage) == (intent, "command")


def test_danger_goes_before_everything_else(reader):
    meaning = reader.read("我要申请助学，不然真的不想活了")
    assert (meaning.intent, meaning.stage) == ("crisis", "urgent")


def test_why_it_was_understood_is_told(reader):
    meaning = reader.read("想给家里的丫头申请那个金秋助学")
    assert (meaning.intent, meaning.stage) == ("aid_tuition", "characters")
    assert "金秋助学" in meaning.evidence
    assert "助学" in meaning.nearest


@pytest.mark.parametrize("text", ["", "  ", "。。。", "\ud83d", "\x00\x00", "😂😂😂"])
def test_what_says_nothing_is_not_guessed(reader, text):
    meaning = reader.read(text)
    assert meaning.intent == "other" or meaning.outcome is Outcome.NONE


def test_an_unsure_meaning_comes_with_what_it_might_be_instead(reader):
    meaning = reader.read("关于住院")
    assert meaning.outcome is Outcome.OFFER
    assert meaning.alternatives


def test_the_same_topic_is_a_question_or_a_wish(reader):
    asked, wished = reader.read("慰问金一般给多少钱？"), reader.read("我要申请慰问金")
    assert (asked.intent, asked.is_question) == ("policy", True)
    assert (wished.intent, wished.is_question) == ("aid_condolence", False)


@given(st.text(max_size=200))
def test_any_text_has_a_meaning_with_an_honest_confidence(language, text):
    meaning = language.now.understander.read(text)
    assert meaning.intent in INTENTS
    assert 0 < meaning.confidence <= 1


@pytest.mark.parametrize(
    "text", ["字" * 10_000, "😂" * 10_000, "\x00" * 10_000, "\udc80" * 10_000]
)
def test_floods_of_characters_are_read_like_any_message(reader, text):
    assert reader.read(text).intent in INTENTS


@given(st.sampled_from([text for said in SAID.values() for text in said]))
def test_the_alternatives_are_less_likely_than_the_meaning(language, text):
    meaning = language.now.understander.read(text)
    assert all(share <= meaning.confidence for _, share in meaning.alternatives)


def lexicon(tmp_path, **intents):
    lines = {"fillers": ["啊"], "question": ["吗"], "intents": intents}
    text = yaml.safe_dump(lines, allow_unicode=True)
    (tmp_path / "intents.yaml").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("intents", "fault"),
    [
        ({"dance": {}}, "unknown labels dance"),
        ({"greet": {"exact": ["喂"]}, "help": {"exact": ["喂！"]}}, "leads to greet and help"),
    ],
)
def test_a_lexicon_that_contradicts_itself_is_refused(tmp_path, intents, fault):
    with pytest.raises(LexiconError, match=fault):
        Lexicon.load(lexicon(tmp_path, **intents))


def test_a_misspelt_line_is_refused(tmp_path):
    with pytest.raises(ValidationError):
        Lexicon.load(lexicon(tmp_path, quiz={"exakt": ["答题"]}))


def test_an_example_under_two_labels_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("# a\n报名登高\n", encoding="utf-8")
    (tmp_path / "b.txt").write_text("报名登高\n", encoding="utf-8")
    with pytest.raises(ExampleError, match="stands already"):
        load(tmp_path, ["a", "b"])


def test_a_label_without_examples_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("报名登高\n", encoding="utf-8")
    with pytest.raises(ExampleError, match="differ in b"):
        load(tmp_path, ["a", "b"])


@pytest.mark.parametrize("text", ["不要转人工", "别给我转人工"])
def test_what_is_refused_is_not_done(reader, text):
    meaning = reader.read(text)
    assert (meaning.intent, meaning.outcome) != ("human", Outcome.ACT)


def test_who_wants_to_leave_the_union_is_given_a_person(reader):
    assert reader.read("退会").intent == "human"
