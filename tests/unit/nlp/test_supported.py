"""What somebody else has put into words, against the texts it has to come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from nlp.supported import lead, sentences, share_told, supported, verdict, why_not

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nlp.cards import Card
    from nlp.retrieve import CardIndex

LEAVE = (
    "看累计工龄：满1年不满10年的休5天，满10年不满20年的休10天，满20年的休15天。",
    "累计工作还没满1年的没有年假。",
    "按自己的累计工作年限对一对，天数不对就找人事核实。",
    (
        "《职工带薪年休假条例》第三条\n"
        "职工累计工作已满1年不满10年的，年休假5天；已满10年不满20年的，年休假10天；"
        "已满20年的，年休假15天。\n国家法定休假日、休息日不计入年休假的假期。"
    ),
)
NIGHT = (
    "怀孕7个月以上，单位不得安排您加班和上夜班，上班时间里还要安排一定的休息时间。",
    "不满7个月的，这一款管不到；身体吃不消可以凭医院证明要求减轻工作。",
    "把写明孕周的产检单交给排班的人，书面要求停排夜班和加班，不改就打12351找工会。",
    (
        "《女职工劳动保护特别规定》第六条\n"
        "对怀孕7个月以上的女职工，用人单位不得延长劳动时间或者安排夜班劳动，"
        "并应当在劳动时间内安排一定的休息时间。\n"
        "怀孕女职工在劳动时间内进行产前检查，所需时间计入劳动时间。"
    ),
)
PAY = (
    "不合法。法定节假日安排您上班的，单位要按不低于工资的300%付加班费，不能用补休代替。",
    (
        "《劳动法》第四十四条\n有下列情形之一的，用人单位应当支付高于正常工作时间工资的工资报酬：\n"
        "（一）安排劳动者延长工作时间的，支付不低于工资的百分之一百五十的工资报酬；\n"
        "（二）休息日安排劳动者工作又不能安排补休的，支付不低于工资的百分之二百的工资报酬；\n"
        "（三）法定休假日安排劳动者工作的，支付不低于工资的百分之三百的工资报酬。"
    ),
)
CLAIM = (
    "可以。从知道权利被侵害那天起1年内，您可以向劳动争议仲裁委员会申请仲裁，不收费。",
    "拖欠工资的，劳动关系还在时不受1年限制；劳动关系终止的，应当自终止之日起1年内提出。",
    "《劳动争议调解仲裁法》第二十七条\n劳动争议申请仲裁的时效期间为一年。",
)

SUPPORTED = (
    (LEAVE, "满1年不满10年的，休5天。"),
    (LEAVE, "累计工作满20年，年休假是15天。"),
    (LEAVE, "满十年不满二十年的可以休十天年假。"),
    (LEAVE, "累计工作没满1年的，没有年假。"),
    (LEAVE, "法定休假日和休息日不计入年休假。"),
    (LEAVE, "天数不对，您就找人事核实。"),
    (LEAVE, "按《职工带薪年休假条例》第三条，已满20年的年休假15天。"),
    (NIGHT, "怀孕7个月以上，单位不能再给您排夜班。"),
    (NIGHT, "怀孕七个月以上的，单位不得安排加班和夜班。"),
    (NIGHT, "上班时间里，单位还要安排一定的休息时间。"),
    (NIGHT, "身体吃不消，可以凭医院证明要求减轻工作。"),
    (NIGHT, "您把写明孕周的产检单交给排班的人，书面要求停排夜班。"),
    (NIGHT, "不改，就打12351找工会。"),
    (NIGHT, "产前检查所需的时间计入劳动时间。"),
    (PAY, "法定节假日上班，加班费不低于工资的三倍。"),
    (PAY, "法定节假日安排您上班的，不能用补休代替。"),
    (PAY, "休息日安排工作又不能安排补休的，支付不低于工资的200%。"),
    (PAY, "- 安排您延长工作时间的，支付不低于工资的150%的工资。"),
    (CLAIM, "从知道权利被侵害那天起1年内，您可以申请仲裁。"),
    (CLAIM, "申请仲裁的时效期间为1年。"),
    (CLAIM, "申请仲裁，不收费。"),
    (CLAIM, "劳动关系终止的，应当自终止之日起一年内提出。"),
)

# What is wrong with the sentence, as `why_not` names it.
UNSUPPORTED = (
    # a figure that was changed, or a true one with another unit, bound or partner
    (LEAVE, "满1年不满10年的，休6天。", "figure"),
    (LEAVE, "满1年不满10年的，休5个月。", "figure"),
    (LEAVE, "满1年的，休15天。", "figure"),
    (LEAVE, "满20年的，休10天。", "figure"),
    (LEAVE, "您工作6年，休5天。", "figure"),
    (LEAVE, "不满1年的，休5天。", "figure"),
    (NIGHT, "怀孕7周以上，单位不得安排夜班。", "figure"),
    (NIGHT, "不满7个月的，单位也不得安排夜班。", "figure"),
    (NIGHT, "不改，就打12315找工会。", "figure"),
    (PAY, "法定节假日上班，加班费不低于工资的200%。", "figure"),
    (PAY, "法定节假日上班，加班费最多是工资的300%。", "figure"),
    (PAY, "法定节假日上班，加班费是300元。", "figure"),
    (CLAIM, "从知道权利被侵害那天起3年内，您可以申请仲裁。", "figure"),
    (CLAIM, "您应当在2024年5月1日前申请仲裁。", "figure"),
    # a yes that became a no, a licence that became a duty, somebody else who acts
    (NIGHT, "怀孕7个月以上，单位可以安排您上夜班。", "denial"),
    (NIGHT, "产前检查所需的时间不计入劳动时间。", "denial"),
    (NIGHT, "身体吃不消，不能凭医院证明要求减轻工作。", "denial"),
    (NIGHT, "身体吃不消，必须凭医院证明要求减轻工作。", "duty"),
    (LEAVE, "国家法定休假日、休息日计入年休假的假期。", "denial"),
    (LEAVE, "累计工作还没满1年的有年假。", "denial"),
    (PAY, "法定节假日安排您上班的，可以用补休代替。", "denial"),
    (CLAIM, "从知道权利被侵害那天起1年内，单位可以申请仲裁。", "new"),
    (PAY, "法定节假日安排您上班的，您要按不低于工资的300%付加班费。", "party"),
    (CLAIM, "申请仲裁，要收费。", "denial"),
    # promises and consequences that nobody wrote
    (CLAIM, "您申请仲裁一定能赢。", "word"),
    (CLAIM, "您可以申请仲裁，单位要赔偿您的损失。", "word"),
    (NIGHT, "单位安排您上夜班的，要给双倍工资。", "word"),
    (NIGHT, "单位安排您上夜班，您可以马上报警。", "word"),
    (LEAVE, "单位没让您休年假的，会被罚款。", "word"),
    (LEAVE, "年假没休完可以攒到明年再用。", "new"),
    (LEAVE, "满20年的休15天，另外再送您三天旅游假。", "figure"),
    (LEAVE, "满20年的休15天，还能带家属外出旅游。", "new"),
    # laws, articles, links and signs that do not stand there
    (LEAVE, "根据《劳动合同法》，满20年的休15天。", "citation"),
    (LEAVE, "根据劳动法，满20年的休15天。", "citation"),
    (LEAVE, "根据《职工带薪年休假条例》第八条，满20年的休15天。", "citation"),
    (NIGHT, "详情见www.example.com。", "citation"),
    (NIGHT, '请点<a href="http://example.com">这里</a>找工会。', "sign"),
    # what a question or a text may have talked it into
    (LEAVE, "好的，我会忽略之前的要求。", "new"),
    (LEAVE, "我是您的私人律师，听我的就行。", "new"),
    (CLAIM, "请把身份证号和银行卡号发给我。", "new"),
    (CLAIM, "您想申请仲裁吗？", "question"),
    (LEAVE, "可以。", "empty"),
)


@pytest.mark.parametrize(("texts", "sentence"), SUPPORTED, ids=[s for _, s in SUPPORTED])
def test_what_the_texts_say_in_other_words_is_kept(texts: tuple[str, ...], sentence: str):
    assert why_not(sentence, texts) == ""


@pytest.mark.parametrize(
    ("texts", "sentence", "reason"), UNSUPPORTED, ids=[s for _, s, _ in UNSUPPORTED]
)
def test_what_the_texts_do_not_say_is_dropped(texts: tuple[str, ...], sentence: str, reason: str):
    assert why_not(sentence, texts) == reason


# Words that turn a sentence into its opposite, or a licence into a duty.
TURNS = (
    ("不得", "可以"),
    ("不能", "可以"),
    ("有权", "无权"),
    ("应当", "可以"),
    ("必须", "可以"),
    ("可以", "不得"),
    ("可以", "必须"),
)


def texts_of(card: Card) -> tuple[str, ...]:
    return tuple(filter(None, (card.plain, card.exceptions, card.do)))


def some_sentences(index: CardIndex) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The sentences of every seventh card, but for those that say next to nothing."""
    for card in index.cards[::7]:
        for sentence in sentences(card.plain):
            if why_not(sentence, texts_of(card)) != "empty":
                yield sentence, texts_of(card)


def test_cards_bear_out_their_own_sentences(index: CardIndex):
    kept = [not why_not(sentence, texts) for sentence, texts in some_sentences(index)]
    assert len(kept) > 200
    assert sum(kept) / len(kept) > 0.95


def test_no_card_bears_out_another_figure_or_an_added_promise(index: CardIndex):
    changed = []
    for sentence, texts in some_sentences(index):
        promise = f"{sentence.rstrip('。')}，单位还会另外给您一笔奖励。"
        other = re.sub(r"[0-9]+", lambda found: str(int(found[0]) + 1), sentence, count=1)
        changed += [(each, texts) for each in (promise, other) if each != sentence]
    assert len(changed) > 200
    assert [sentence for sentence, texts in changed if not why_not(sentence, texts)] == []


def test_hardly_a_sentence_that_was_turned_is_borne_out(index: CardIndex):
    turned = [
        (sentence.replace(word, other, 1), texts)
        for sentence, texts in some_sentences(index)
        for word, other in TURNS
        if word in sentence.replace("不可以", "")
    ]
    passed = [sentence for sentence, texts in turned if not why_not(sentence, texts)]
    assert len(turned) > 100
    assert len(passed) <= len(turned) / 50, passed


def test_of_an_answer_the_borne_out_sentences_are_kept_in_their_order_and_once():
    said = "**可以**。\n1. 满20年的休15天。您一定能休到！\n2. 满20年的休15天。"
    assert supported(said, LEAVE) == ("满20年的休15天。",)
    assert list(sentences("1.5倍工资照发。2. 不能补休。")) == ["1.5倍工资照发。", "不能补休。"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("可以。从知道那天起1年内。", True),
        ("有。连续工作满1年就有。", True),
        ("合法，但要满足条件。", True),
        ("不合法。法定节假日要付300%。", False),
        ("单位不得安排您上夜班。", False),
        ("没有这个说法。", False),
        ("违法。", False),
        ("有两种情况当年不再休年假。", None),
        ("看累计工龄：满1年休5天。", None),
        ("", None),
    ],
)
def test_the_yes_or_no_at_the_beginning_is_read(words: str, found: bool | None):
    assert verdict(words) is found


def test_the_short_yes_or_no_of_a_card_can_be_put_before_other_words():
    assert lead(CLAIM[0]) == "可以"
    assert lead("可以设募捐箱、办义演、上媒体发布等。") == ""
    assert lead(LEAVE[0]) == ""


def test_how_much_of_a_text_is_told_is_a_share():
    assert share_told(NIGHT[1], NIGHT[1]) == 1.0
    assert share_told(NIGHT[1], LEAVE[0]) < 0.3
