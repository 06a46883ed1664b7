"""Danger is seen; figures of speech, stories and questions on rules are not danger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE
from nlp.urgency import Danger

if TYPE_CHECKING:
    from handlers.language import Language
    from nlp.understand import Understander

DANGER = {
    Danger.SELF_HARM: [
        "我真的不想活了",
        "活着太没意思了，对不起大家",
        "想从楼上跳下去一了百了",
        "我同事刚发消息说她想自杀，你们快联系她",
        "晚上老在想，不如死了算了",
        "安眠药我吃了一整瓶",
        "撑不下去了，各位再见",
        "有个工友爬到塔吊上不肯下来",
        "不 想 活 了",
        "我不想活瞭，請幫幫我",
        "没有我他们会过得更好",
        "看了那部电影，我也好想死",
        "遗书都写好了",
    ],
    Danger.VIOLENCE: [
        "我老公喝了酒又在打我",
        "他把我锁在屋里，还拿着菜刀",
        "男朋友掐我脖子",
        "老公家暴，我带着孩子跑出来了怎么办",
        "邻居家打老婆打得头破血流",
        "被主管打了，现在不敢回家",
        "他说要弄死我全家",
    ],
    Danger.ACCIDENT: [
        "三号车间着火了",
        "有人从脚手架上掉下来了，快",
        "师傅的手卷进机器里了",
        "仓库货架倒了，把小李压住了",
        "氨气泄漏，好多人跑出来",
        "工友触电倒了",
        "下井的人被困在里面",
        "食堂好多人食物中毒",
    ],
    Danger.MEDICAL: [
        "老张在岗位上晕倒了",
        "他没有呼吸了怎么办",
        "快帮忙打120",
        "救命啊",
        "师傅热得抽搐，口吐白沫",
        "同事流了好多血，血流不止",
    ],
}

CALM = [
    "笑死我了",
    "今天热死了，什么时候送清凉",
    "加班累死了",
    "饿死了，食堂几点开门",
    "想死你们了",
    "打死我也不去",
    "这死机了怎么办",
    "跳楼价大甩卖，加我微信",
    "昨天看的电视剧，女主角最后自杀了",
    "小说里写他跳江了",
    "消防演练是模拟着火吗",
    "触电了怎么急救，这题选什么，知识竞赛用的",
    "打我电话就行",
    "钱打我卡上了，谢谢",
    "被打回来的材料怎么改",
    "我妈动手术住院了",
    "去年从梯子上摔下来，能算工伤吗",
    "上班晕倒算不算工伤",
    "心理压力大，想找人聊聊",
    "工作压得我喘不过气，想约心灵驿站",
    "人身安全保护令怎么申请",
    "自杀算工伤吗",
    "这救命钱什么时候能到账",
    "群里消息爆炸，能不能少发",
    "卡里的钱死活取不出来",
    "遗书和遗嘱有什么区别，遗嘱要公证吗",
    "高温下中暑算职业病吗",
    "孩子考上大学了，想申请助学",
]


@pytest.fixture(scope="module")
def reader(language: Language) -> Understander:
    return language.now.understander


@pytest.mark.parametrize("text", [text for texts in DANGER.values() for text in texts])
def test_danger_is_seen(reader, text):
    meaning = reader.read(text)
    assert meaning.intent == "crisis"
    assert meaning.danger is not None


def test_most_dangers_are_seen_for_what_they_are(reader):
    told = [(kind, reader.read(text).danger) for kind, said in DANGER.items() for text in said]
    right = [found is not None and found.kind is kind for kind, found in told]
    assert sum(right) >= 0.85 * len(right)


def test_hardly_an_alarm_where_there_is_no_danger(reader):
    alarms = [text for text in CALM if reader.read(text).intent == "crisis"]
    assert len(alarms) <= 3, alarms


def test_the_words_that_decided_are_named(reader):
    danger = reader.read("车间着火了，有人被困在里面").danger
    assert danger is not None
    assert "着火了" in danger.words


@pytest.mark.parametrize(
    "text",
    [
        "撑不下去了",
        "家里煤气味好大",
        "我*想*死*",
        "不 想 活 了",
        "zisha",
        "紫砂自己",
        "哪种死法不疼",
    ],
)
def test_few_or_hidden_words_are_enough(reader, text):
    assert reader.read(text).intent == "crisis"


@pytest.mark.parametrize("text", ["空调撑不住了要修", "热得撑不住，什么时候送清凉"])
def test_things_that_cannot_hold_out_are_no_danger_to_a_life(reader, text):
    assert reader.read(text).intent != "crisis"


def sets() -> list[dict[str, object]]:
    file = HERE / "tests" / "sets" / "crisis.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_of_two_hundred_in_danger_hardly_one_is_left_without_help(reader):
    """Written by somebody who knew neither the examples nor the code."""
    told = [reader.read(str(row["text"])) for row in sets() if row["crisis"]]
    assert sum(meaning.intent == "crisis" for meaning in told) >= 0.94 * len(told)
    assert sum(meaning.danger is not None for meaning in told) >= 0.98 * len(told)


def test_most_of_the_hardest_harmless_messages_alarm_nobody(reader):
    told = [reader.read(str(row["text"])) for row in sets() if not row["crisis"]]
    assert sum(meaning.intent == "crisis" for meaning in told) <= 0.14 * len(told)


@pytest.mark.parametrize("text", ["老板不发钱我就去跳江", "工资要不回来，我只有去跳桥"])
def test_a_reason_does_not_calm_what_somebody_means_to_do(reader, text):
    assert reader.read(text).intent == "crisis"


@pytest.mark.parametrize(
    "text",
    [
        "我妈昨天走了",
        "我爸走了",
        "婆婆去世了",
        "家里还有老娘,70多了,有糖尿病,常年吃药",
        "四口人",
        "jinqiuzhuxue",
        "woxiangbaoming",
        "我把饭都吃了",
        "我有个女儿",
        "药吃完了怎么报销",
    ],
)
def test_grief_long_illness_and_plain_words_alarm_nobody(reader, text):
    assert reader.read(text).intent != "crisis"


def test_who_is_touched_by_a_superior_is_not_told_of_hopelessness(reader):
    danger = reader.read("班长摸我，我不敢说").danger
    assert danger is not None
    assert danger.kind is Danger.VIOLENCE
