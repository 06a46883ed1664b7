"""What a message means to an open form: a command, a question, a correction, several answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from handlers.catalogue.fields import tidy
from nlp.normalise import normalise
from nlp.numerals import half_width, to_number
from nlp.situation import denies

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

PAD = " \t\n，。、；：！？,.;:!?~～“”\"'（）()"
PARTICLES = "吧了啊呀呢哦噢嗯哈嘛哟"


class Command(StrEnum):
    """What a person may tell the form at any time."""

    BACK = "back"
    SKIP = "skip"
    PAUSE = "pause"
    CANCEL = "cancel"
    RESTART = "restart"
    PERSON = "person"
    GO_ON = "go_on"
    AMEND = "amend"
    AMEND_LAST = "amend_last"


_COMMANDS: Mapping[Command, str] = {
    Command.BACK: "上一步 返回上一步 退回上一步 回上一步 上一题 上一项 上一个 返回 退回 往回",
    Command.SKIP: (
        "跳过 跳过这项 跳过这一项 跳过这题 这项跳过 略过 先跳过 不填这项 这项不填 这个不填"
    ),
    Command.PAUSE: (
        "暂停 先暂停 停一下 先停 先停一下 先不填 先不填了 先放着 先放一放 等会发 等会儿发 "
        "等会再发 待会发 待会儿发 晚点发 晚点再发 明天发 明天再发 回头发 回头再发 "
        "等会再说 等会儿再说 等会再填 等会儿再填 等一下再填 等下再填 待会再说 待会儿再说 待会再填 "
        "待会儿再填 晚点再说 晚点再填 回头再说 回头再填 改天再说 改天再填 明天再说 明天再填 "
        "稍后再填 稍后再说 以后再填 以后再说 下次再填 下次再说 有空再填 先这样 我先忙 先忙"
    ),
    Command.CANCEL: (
        "取消 取消申请 取消填写 不办 不办了 不想办了 不申请了 不想申请了 不填了 不想填了 "
        "不弄了 不搞了 放弃 放弃申请 退出 退出填写 算了 算了不办了 算了不填了 不要了"
    ),
    Command.RESTART: (
        "重新开始 重新填 重新填写 从头来 从头开始 从头填 从头再来 重来 重填 全部重填 "
        "全部重来 重头来 重头开始 重头填 再来一遍"
    ),
    Command.PERSON: (
        "人工 转人工 找人工 要人工 人工客服 转人工客服 转客服 人工服务 找客服 找真人 转真人 "
        "找工作人员 找工会的人 找工会的同志 转工作人员"
    ),
    Command.GO_ON: (
        "不取消 不取消了 别取消 先不取消 不重新填 "
        "继续 继续填 继续填写 接着填 接着来 往下填 下一步 下一项 下一题 不改 不改了 不用改 "
        "不修改了"
    ),
    Command.AMEND: (
        "修改 修改某项 修改一下 改一下 要修改 要改 有错 有错的 填错了 有地方要改 更正 更改"
    ),
    Command.AMEND_LAST: (
        "不对 错了 写错了 打错了 发错了 说错了 搞错了 弄错了 刚才错了 刚才写错了 刚才说错了 "
        "刚才填错了 刚才那个错了 上一个错了 上一个填错了 上一项错了 上一项填错了 上一步错了 "
        "上一步填错了"
    ),
}
_MEANT = {word: command for command, words in _COMMANDS.items() for word in words.split()}
_POLITE = re.compile(r"^(?:那就|那|请|麻烦|帮我|帮忙|给我|我想要|我想|我要|我|好的?[，, ]?)+")
LONGEST_COMMAND = 14
_NAMED = re.compile(r"(?:是|应该)?(?:叫做?|名叫|名字(?:是|叫))(?=.{2})")


def plain(text: str) -> str:
    """The bare words of a short message, for comparing with fixed phrases."""
    return normalise(half_width(tidy(text))).strip(PAD)


def command(text: str) -> Command | None:
    """The command that the whole message is; a command inside a longer text is none."""
    said = plain(text)
    if len(said) > LONGEST_COMMAND:
        return None
    bare = _POLITE.sub("", said)
    for words in (said, said.rstrip(PARTICLES), bare, bare.rstrip(PARTICLES)):
        found = _MEANT.get(words) or _MEANT.get(words.removesuffix("一下"))
        if found is not None:
            return found
    return Command.CANCEL if denies(text) else None


def is_name(text: str) -> bool:
    """True for "叫柳小穗": whatever is corrected, it is somebody's name."""
    return _NAMED.match(plain(text)) is not None


_NUMBER = r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_CHANGE = "修改|更改|改|重填|重写|重新填写?|更正"
_WRONG = "[填写打发说搞弄]错了?|错了?|不对|不正确|有误|要改|改一下|要修改"
_ITEM_NUMBER = re.compile(
    rf"(?:我?要|我想|请|帮我|想)*(?:(?:{_CHANGE})(?:一?下)?\s*第?\s*{_NUMBER}\s*(?:项|条|题|个)?"
    rf"|第\s*{_NUMBER}\s*(?:项|条|题|个)\s*(?:{_CHANGE}|{_WRONG}))"
)


def item_to_amend(text: str) -> int | None:
    """The number in "修改第 3 项" or "第三项填错了"."""
    found = _ITEM_NUMBER.fullmatch(plain(text).rstrip(PARTICLES))
    return int(to_number(found[1] or found[2]) or 0) if found else None


_ROUND = re.compile(
    rf"(?P<do>{_CHANGE}|删除|删掉|去掉|删)?(?:一?下)?\s*第?\s*{_NUMBER}\s*(?:位|个|项|人)?(?P<gone>删除|删掉|去掉)?"
)


@dataclass(frozen=True, slots=True)
class RoundChange:
    """Which round of a group to fill again or to remove."""

    number: int
    removed: bool


def round_to_change(text: str) -> RoundChange | None:
    """ "改第 1 位", "删除第二位" or a bare number."""
    found = _ROUND.fullmatch(plain(text).rstrip(PARTICLES))
    if found is None:
        return None
    removed = found["gone"] is not None or (found["do"] or "")[:1] in {"删", "去"}
    return RoundChange(int(to_number(found[2]) or 0), removed)


@dataclass(frozen=True, slots=True)
class Correction:
    """An earlier answer to be replaced, called by its `name`.

    `value` is empty when the person only says that the answer is wrong.
    """

    name: str
    value: str


_SOFT = r"(?:(?:不对|错了|不好意思|对不起|抱歉|等一下|等等|哎|哦|噢|啊)[，,。！!\s]*)?"
_EARLIER = (
    r"(?:刚才|刚刚|上面|前面|之前)?[填写说发报]?的?(?:那个)?"
    r"(?:把|将|请把|帮我把)?(?:我的|我|孩子的)?"
)
_INTO = "改成|改为|换成|换为|更正为|更正成|修改为|修改成|应该是|应当是|应是|应该为|改|换"


@dataclass(frozen=True, slots=True)
class _LabelPatterns:
    """The three ways in which a message calls a question by its name."""

    into: re.Pattern[str]
    wrong: re.Pattern[str]
    named: re.Pattern[str]


@lru_cache(maxsize=256)
def _label_patterns(names: frozenset[str]) -> _LabelPatterns:
    label = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) or "(?!)"
    return _LabelPatterns(
        into=re.compile(
            rf"{_SOFT}{_EARLIER}(?P<name>{label})(?:号码|号)?\s*"
            rf"(?:(?:{_WRONG})[，,：:。\s]*(?:{_INTO}|是|为)?|[，,\s]*(?:{_INTO}))[：:\s]*"
            rf"(?P<value>.+)",
            re.DOTALL,
        ),
        wrong=re.compile(
            rf"{_SOFT}{_EARLIER}(?P<name>{label})(?:{_WRONG})"
            rf"|(?:我?要|我想|请|帮我)*(?:{_CHANGE})(?:一?下)?(?:我的)?(?P<other>{label})"
        ),
        named=re.compile(
            rf"(?:^|(?<=[，,；;。、\n\s]))(?:我的|孩子的?)?(?P<name>{label})(?:号码)?"
            rf"(?:\s*(?P<firm>[:：=])\s*|(?:{_WRONG})[，,\s]*(?:{_INTO}|是|为)?\s*|(?:{_INTO})[:：\s]*"
            rf"|\s*(?:是|为|叫)\s*|[ \t]+|(?=\d))"
        ),
    )


def labelled_correction(text: str, names: Iterable[str]) -> Correction | None:
    """ "电话改成 139…", "刚才的金额错了，是 3200", "修改电话", "学校写错了"."""
    said = half_width(tidy(text)).strip(PAD)
    patterns = _label_patterns(frozenset(names))
    wrong = patterns.wrong.fullmatch(said.rstrip(PARTICLES + PAD))
    if wrong is not None:
        return Correction(wrong["name"] or wrong["other"], "")
    into = patterns.into.fullmatch(said)
    return Correction(into["name"], into["value"].strip(PAD)) if into is not None else None


_NOT_BUT = re.compile(
    r"(?:不对|错了)?[，,。\s]*不是(?P<denied>.+?)[，,。\s]*而?(?:应该)?是(?P<value>.+)", re.DOTALL
)
_DENIAL = re.compile(
    r"(?:哦|噢|啊|哎|呃)?[，,]?(?:我|刚才|刚刚|上面|上一个|上一项|前面)?(?:那个)?"
    r"(?:不对|不是|错了|说错了|写错了|填错了|打错了|发错了|搞错了|弄错了|选错了|点错了|更正|纠正|更正一下)"
    r"[，,。：:！!\s]+(?:应该是|应当是|应是|改成|改为|是|应该)?\s*(?P<value>.+)"
    r"|(?:应该是|应当是|改成|改为|更正为|换成)[：:\s]*(?P<only>.+)",
    re.DOTALL,
)


def unlabelled_correction(text: str) -> str:
    """The new value in "不对，是高三" or "不是高二，是高三"; "" for anything else."""
    said = half_width(tidy(text)).strip(PAD)
    swapped = _NOT_BUT.fullmatch(said)
    if swapped is not None:
        return str(swapped["value"]).strip(PAD)
    denied = _DENIAL.fullmatch(said)
    return str(denied["value"] or denied["only"]).strip(PAD) if denied is not None else ""


_ENDS_ASKING = re.compile(r"[吗么][？?]*$")
_BEGINS_ASKING = re.compile(r"(?:你好|您好)?[，,。\s]*(?:请问|想问|我想问|问一下|问下|我问|咨询)")
_ASKS = re.compile(
    "多少|几天|几张|几个|几号|几岁|怎么|怎样|咋|如何|什么|啥|哪里|哪儿|哪些|哪个|哪家|为什么|为何|是不是|能不能|"
    "可不可以|可以不|要不要|会不会|有没有|行不行|算不算|需不需要|多久|谁"
)
LONGEST_QUESTION = 20


def asks(text: str, *, seems: bool, long: bool) -> bool:
    """True for a clear question.

    `seems` is the opinion of the understanding stage, `long` says that a long free text is
    expected, in which 怎么办 is more often part of the story.
    """
    said = half_width(tidy(text)).strip()
    marked = said.endswith(("？", "?"))
    begins = _BEGINS_ASKING.match(said) is not None
    if len(said) < 3 or (long and len(said) > LONGEST_QUESTION):
        return False
    if begins or (_ENDS_ASKING.search(said) is not None and (marked or seems)):
        return True
    return _ASKS.search(said) is not None and (marked or (seems and not long))


_WISH = re.compile(
    r"(?:我想|我要|我的|想|要|帮我|给我|请|麻烦|查|看看|看一下|能|可以|怎么|如何|有没有|报名|申请|取消|退订|绑定)"
)


def wishes(text: str) -> bool:
    """True for words that begin like a request."""
    return _WISH.match(tidy(text).lstrip(PAD)) is not None


@dataclass(frozen=True, slots=True)
class Labelled:
    """An answer given with the name of its question; `firm` when a colon joins the two."""

    name: str
    value: str
    start: int
    end: int
    firm: bool


_STOP = re.compile(r"[，；;。\n]|,(?!\d{3}(?!\d))")


def labelled_answers(text: str, names: Iterable[str]) -> Iterator[Labelled]:
    """Answers such as "姓名：…，电话是 139…", each up to the next name, separator or line."""
    found = list(_label_patterns(frozenset(names)).named.finditer(text))
    for at, match in enumerate(found):
        until = found[at + 1].start() if at + 1 < len(found) else len(text)
        stop = _STOP.search(text, match.end(), until)
        end = stop.start() if stop else until
        value = text[match.end() : end].strip(PAD)
        if value:
            yield Labelled(match["name"], value, match.start(), end, match["firm"] is not None)


_BREAK = re.compile(
    r"[，；;。！\n、]+|,(?!\d{3}(?!\d))|(?<=[^\d\s])\s+(?=\S)|(?<=\S)\s+(?=[^\d\s])"
)


def segments(text: str) -> list[str]:
    """The pieces of a message between its separators; digits in groups stay together."""
    return [piece.strip(PAD) for piece in _BREAK.split(text) if piece.strip(PAD)]


_FILLER = re.compile(
    "我家|我的|我|孩子|女儿|儿子|娃|他|她|今年|现在|秋天|开学|已经|刚|的|是|在|读|上|念|考上了?|电话|手机号?码?|"
    "银行卡|卡号?|身份证|号码?|年|收入|大概|大约|差不多|一共|总共|左右|多|了|呢|啊|吧|[\\s:：]"
)


def without_filler(piece: str) -> str:
    """The piece without words that only lead to a value."""
    return _FILLER.sub("", piece).strip(PAD)


def is_only(segment: str, start: int, end: int, names: Iterable[str] = ()) -> bool:
    """True when nothing but filler, or a name of the question, is around `segment[start:end]`."""
    around = segment[:start] + segment[end:]
    for name in sorted(names, key=len, reverse=True):
        around = around.replace(name, "")
    return _FILLER.sub("", around) == ""


_LEAD = re.compile(
    r"(?:(?:我|他|她)?(?:家|的)?(?:孩子|女儿|儿子|闺女|小孩|娃)?的?(?:名字|姓名|全名|学校|单位)?)"
    r"(?:名叫|叫做|叫|是)(?=.{2})"
)
_LEAD_PLACE = re.compile(
    r"(?:(?:我|他|她)?(?:家|的)?(?:孩子|女儿|儿子|闺女|小孩|娃)?的?(?:学校|单位)?(?:现在|今年)?)"
    r"(?:就读于|考上了?|读的是|上的是|叫|是|在|读|上)(?=.{3})"
)


def without_lead(text: str, *, place: bool) -> str:
    """The name in "我女儿叫柳小穗", the school in "在江城一中"; other words stay as they are."""
    said = tidy(text)
    return (_LEAD_PLACE if place else _LEAD).sub("", said, count=1) if said else said


_NO_MORE = re.compile(
    "没有?(?:其他|别的)?(?:家庭成员|家人|人)?的?了?|没别人了?"
    "|(?:我?家里?)?就(?:(?:我|我们)?[一两]个人?|我们俩|我[和跟].{1,4})"
    "|就这些|就这么多|就这几个|完了|无|不用了?|不了|否|不|2|no"
)
_MORE = re.compile("还?有的?|还有[一两]?[位个]?|再?加一[位个]|添加|加|继续添?加|是的?|对|嗯|1|yes")


_SOME_MORE = re.compile("还?有(?!没有).{1,8}")


def wants_more(text: str) -> bool | None:
    """Whether a group goes on; None when the words do not say."""
    said = plain(text).lower().rstrip(PARTICLES.replace("了", ""))
    if _NO_MORE.fullmatch(said):
        return False
    short = _SOME_MORE.fullmatch(said) is not None and len(segments(said)) == 1
    return True if short or _MORE.fullmatch(said) else None


class Word(StrEnum):
    """Short answers that mean something only at their own place in the form."""

    DONE = "done"
    RETAKE = "retake"
    SEND = "send"
    SURE_CANCEL = "sure_cancel"
    SURE_RESTART = "sure_restart"
    USE_IT = "use_it"
    USE_OTHER = "use_other"
    LEAVE_OUT = "leave_out"
    ONE_MORE = "one_more"
    AGREE = "agree"
    NOD = "nod"
    DISAGREE = "disagree"


_WORDS: Mapping[Word, str] = {
    Word.DONE: (
        "完成 完成了 没有了 没了 没有 好了 好 好的 发完了 发完 传完了 传完 拍完了 发好了 "
        "传好了 就这些 就这么多 完了 结束 ok 可以了 行了 没有其他的 都发了 都发完了 全发了"
    ),
    Word.RETAKE: (
        "重拍 重发 重传 重新上传 重新拍 重新发 清空照片 清空 删除照片 删掉照片 照片重发 重拍照片"
    ),
    Word.SEND: (
        "确认提交 确认 提交 确定 确定提交 可以提交 可以提交了 没问题提交 没问题，提交 "
        "没问题,提交 确认无误 确认无误提交 确认无误，提交 我确认 我确认提交 提交申请 "
        "确认提交申请 核对无误 核对无误提交 核对无误，提交"
    ),
    Word.SURE_CANCEL: "确定取消 确定 确认 确认取消 是 是的 对 对的 真的不办了 确定不办",
    Word.SURE_RESTART: "确定重填 确定 确认 确认重填 是 是的 对 对的 确定重来",
    Word.USE_IT: (
        "就用这个 用这个 是 是的 对 对的 嗯 可以 好 好的 就这个 不换 不用换 没变 没错 "
        "还用这个 行 1"
    ),
    Word.USE_OTHER: "换一个 换 不用 不是 不是的 不对 换了 变了 换号了 不用这个 改 否 不 2",
    Word.LEAVE_OUT: "不填 不填了 不想填 不想填了 不要了",
    Word.ONE_MORE: "再加一位 再加一个 加一位 加一个 添加 添人 加人 还有",
    Word.AGREE: "同意 我同意 同意的 我同意的 我知道并同意 已阅读并同意",
    Word.NOD: (
        "好 好的 好吧 好嘞 嗯 嗯嗯 行 行吧 可以 哦 噢 ok 知道 知道了 晓得了 明白 明白了 收到"
    ),
    Word.DISAGREE: "不同意 我不同意 不同意的 不太同意 拒绝 不愿意 我不愿意",
}
_SAID = {word: frozenset(words.split()) for word, words in _WORDS.items()}


def means(text: str, word: Word) -> bool:
    """True when the whole message is such an answer."""
    said = plain(text).lower()
    return said in _SAID[word] or said.rstrip(PARTICLES) in _SAID[word]
