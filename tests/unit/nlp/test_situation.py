"""Short words mean what is open."""

from __future__ import annotations

import pytest

from nlp.situation import Situation, chosen, takes_back

LIST = Situation(("报名 登高", "报名 摄影课", "报名 合唱"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2", "报名 摄影课"),
        ("第二个", "报名 摄影课"),
        ("选第三个吧", "报名 合唱"),
        ("我要1", "报名 登高"),
        ("最后一个", "报名 合唱"),
        ("2。", "报名 摄影课"),
        ("4", None),
        ("0", None),
        ("两个人", None),
        ("好的", None),
        ("二楼在哪", None),
    ],
)
def test_after_a_list_a_number_means_its_item(text: str, words: str | None):
    assert chosen(text, LIST) == words


@pytest.mark.parametrize("text", ["好", "嗯", "是的", "要", "对对", "1"])
def test_a_yes_takes_the_only_offer(text: str):
    assert chosen(text, Situation(("我的申请",))) == "我的申请"


@pytest.mark.parametrize("text", ["1", "好", "第二个"])
def test_without_an_offer_nothing_is_chosen(text: str):
    assert chosen(text, Situation()) is None


@pytest.mark.parametrize("text", ["取消", "算了吧", "不要了", "帮我取消", "撤了"])
def test_some_words_take_back_what_they_do_not_name(text: str):
    assert takes_back(text)


@pytest.mark.parametrize("text", ["取消报名", "我想取消登高的报名", "算了一下工资", "不要了解"])
def test_others_say_what_they_mean(text: str):
    assert not takes_back(text)
