"""Danger to life, violence, accidents under way: seen before anything else is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import TYPE_CHECKING

from nlp.linear import Linear, probabilities

if TYPE_CHECKING:
    from nlp.tokenise import Cut


class Danger(StrEnum):
    """What threatens; each has its file of examples."""

    SELF_HARM = "self_harm"
    VIOLENCE = "violence"
    ACCIDENT = "accident"
    MEDICAL = "medical"


@dataclass(frozen=True, slots=True)
class Urgency:
    """A danger and the words that gave it away; `likelihood` from 0 to 1.

    What alarms nobody is a concern: the message is answered, and help is offered beside it.
    """

    kind: Danger
    words: tuple[str, ...]
    likelihood: float

    def alarms_beside(self, intent: str, confidence: float) -> bool:
        """Whether somebody has to be called, when the message otherwise reads as this intent.

        A clear wish for something else calms a middling likelihood, never a high one.
        """
        if self.likelihood >= SURE or intent == "crisis":
            return self.likelihood >= ALARM
        return self.likelihood >= ALARM and confidence < CLEAR_WISH


# Measured on the blind set of 450 (tests/sets/crisis.jsonl); a plain sign counts from SIGNED on.
ALARM, SURE, CONCERN, SIGNED = 0.5, 0.7, 0.25, 0.05
SIGN_LIKELIHOOD = 0.9
# What a story, a question of rule or something past leaves of a likelihood: never an alarm.
CALMED = 0.49
CLEAR_WISH = 0.85
# One or two characters (快, 急) worry nobody unless they are a sign, nor does a word in letters; a
# whole sentence in letters may be a cry for help, and is offered help.
SPELLED_OUT = 20
SAYS_SOMETHING = 3

_SIGN = re.compile(
    "|".join(
        (
            r"(?:不|没|冇)(?:太|怎么|是很|大)?想(?:再|继续)?活(?!动|跃)|活(?:着)?(?:不下去|够了|腻了?)|生不如死|不如死",
            r"(?:怎么样?|如何|哪种)(?:才能?|能|可以)?(?:去)?死(?:得|法|最|才|不疼|不痛)|自杀|自尽|自残|轻生|寻短见|寻死|割腕|割脉|上吊|服毒|烧炭|遗书|遗言|绝笔|紫砂了?自己|自鲨|自沙",
            r"想(?:去|要)?死(?!你|他|她|您|大家|我了|妈|老家|家|读书|记硬背|缠|磕|机|心)|死了(?:算了|算哒|干净|更好|解脱)|去死(?!角)",
            r"跳(?:楼|江|河|桥|轨|崖)(?!机|价|市|甩|大)|(?:结束|了结|了断)(?:了|掉)?(?:我|自己)?(?:自己)?的?(?:这条)?(?:生命|性命|命|一生)",
            r"(?:喝|吞|吃)[^。！？]{0,6}(?:农药|百草枯|敌敌畏|老鼠药|安眠药)",
            r"家暴|强奸|性侵|掐[我她他]?(?:的)?脖子|(?:拿|提|举)着?(?:菜)?刀|要杀|弄死[我她他]|打死我(?!也)|救命(?!之恩|钱|稻草|药|恩人)",
            r"着火了|起火了|触电|塌方|坍塌|(?:压|埋|困)在[^。！？]{0,6}(?:下面|底下|里面)|(?:卷|绞|轧)(?:进|断)|(?:煤气|燃气|瓦斯)味|(?:燃气|煤气|氨气|氯气)泄漏",
            r"没(?:有|了)?(?:呼吸|心跳|脉搏|意识)|昏迷|晕倒|心脏骤停|大出血|血流不止|口吐白沫|快?(?:帮忙?)?(?:打|叫)(?:120|救护车)|(?:食物|煤气|一氧化碳|集体)中毒",
        )
    )
)


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


# What is only said so, told from elsewhere, asked of a rule, or long past.
_FIGURE_OF_SPEECH = _any_of(
    r"(?:笑|累|热|气|烦|饿|困|冷|忙|吓|愁|急|渴|美|香|馋|羡慕|难吃|丑|无聊|堵|晒|冻|臭|吵|痒|乐|爽|贵|穷|酸|甜|辣|撑|闷"
    r"|恨|郁闷|尴尬|社)死(?:我|个|人|了|啦|哒|宝宝|老子|他|她)*",
    r"打死(?:我)?也|死(?:活|板|记硬背|机|党|角|心塌地|脑筋|磕|对头|缓|猪|循环|忠粉)|要死不活|该死|死鬼|找死|作死|半死不活|生死",
    r"跳楼(?:价|机|大甩卖|甩卖)|想死(?:你|他|她|您|大家|我了|妈)[^，。！？]{0,4}|遗(?:书|言)(?=.*遗嘱)",
    r"救命(?:啊|呀)?[，！!。~ ]*(?:也?太|真|这也|这题|哈)[^，。！？]{0,8}",
    r"(?:太难|好笑|笑|尴尬)[^。！？]{0,6}救命",
    r"(?:压力|房贷|工作|学习|作业|任务|指标|kpi|考核|加班|生活|日子)[^，。！？]{0,8}(?:喘|透)不过气",
    r"晕(?:车|船|针|碳)|炸(?:了锅|鸡|酱)|群里?(?:都)?炸了|困在(?:路上|高峰|高速|电脑|难题)|被困(?:在)?(?:路上|高速)",
    r"被(?:领导|老师|主任|客户|题目|考试|生活|现实|工作)[^，。！？]{0,3}(?:打击|打脸|毒打|打败)",
    r"压(?:在|到)(?:心里|心头|心上|身上|肩)|(?:事情|工作|任务|活)[^，。！？]{0,4}压(?:在|住|着)|压(?:了|着)(?:我)?的?工资",
)
_STORY = _any_of(
    r"电影|电视剧?|小说|剧里|剧情|片子|游戏|歌词|台词|段子|故事里|书里|书上|动漫|综艺|话剧|小品|相声|名著|诗|历史|古代",
    r"演习|演练|讲座|宣传|课件|课程|培训|预案|展板|海报|条幅|新闻|报道|热搜|视频里|抖音",
    r"考题|答题|题目|竞赛|猜谜|密室|剧本杀|王者|吃鸡|翻译|大爆炸",
)
_QUESTION_OF_RULE = _any_of(
    r"算(?:不算|是|得上|么|吗)?[^，。！？]{0,4}工伤|工伤(?:吗|认定|待遇|保险|怎么|申请|赔)|赔(?:偿|多少|不赔|钱)|理赔|报销|互助|慰问|补助",
    r"规定|条例|第[一二三四五六七八九十]+条|法律上|合法|违法|犯法|判(?:几年|刑|多久)|抚恤|保护令|反家(?:庭)?暴力?法|举报电话",
    r"定义|标准|算不算|是不是算|属不属于|谁(?:来)?负责|责任|安康险|保险|遗嘱",
)
_AFTERWARDS = _any_of(
    r"去年|前年|上个?月|上(?:个)?(?:周|星期|礼拜)|以前|之前|曾经|那年|几年前|前几年|半年前|当年|年前|\d+年前|当时|大前天|小时候",
    r"已经?(?:出院|好了|康复|没事|处理)|出院|康复|好多了|虚惊|休养|在家养|养伤|住院费|医药费",
    r"工资|底薪|收入|房贷|工会能|求助|帮扶|困难|谁出|险|几个月|公司不|单位不|老板不",
)
_NOW = re.compile(
    r"现在|正在|刚刚|刚才|刚(?=从|被|把|才|有)|马上|快(?=来|救|点|叫|打|去|帮)|救(?:命|人|救我|我|他|她)"
    r"|怎么办|赶紧|赶快|还在|急[!！]|一会儿?就|今晚|此刻|这会儿?"
)
_OWN_LIFE = re.compile(
    r"(?:我|俺)[^，。！？!?：:]{0,8}?(?:不想(?:再)?活|想(?:去)?死|想自杀|想轻生|要自杀|想跳|要跳|活不下去|活够|活着没"
    r"|想消失|想解脱|不如死|(?:就|去|只有|只好|只能)跳(?:楼|江|河|桥|下去))"
)
_QUOTED = re.compile(r"[“\"「『《][^”\"」』》]{0,60}[”\"」』》]")
# A death in the family is grief, and a meal that was eaten no overdose; what else is said counts.
_HARMLESS = _any_of(
    r"(?:爸|妈|爹|娘|父亲|母亲|爷爷?|奶奶?|公公?|婆婆?|岳父|岳母|外公|外婆|老伴|老人)"
    r"[^，。！？我]{0,6}?(?:走了|去世了?|过世了?|病故了?|离世了?|不在了|没了)",
    r"(?:饭|菜|面条?|粥|汤|水果|零食|蛋糕|粽子|月饼|早餐|夜宵)[^，。！？药]{0,3}(?:吃|喝)(?:了|完|光|掉)",
)
# Written so that no filter sees it: nobody spells these by chance.
_SPELLED = re.compile(
    r"buxianghuo|xiangsi(?!nian)|zisha(?!n)|huobuxiaqu|chushile|jiuren|yadaoren|zhaohuo|jiuming(?!zhi)"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_NOTHING_BETWEEN = re.compile(r"[\W_·]+")


class Alarm:
    """Finds danger by plain signs and by what was learnt; misses weigh more than false alarms."""

    def __init__(self, danger: Linear, kinds: Linear, cut: Cut) -> None:
        self._cut = cut
        self._danger = danger
        self._kinds = kinds

    def read(self, text: str) -> Urgency | None:
        """The danger that a plain text (`nlp.linear.plain`) tells of, or None."""
        told = _HARMLESS.sub("·", _FIGURE_OF_SPEECH.sub("·", text))
        some = self._danger.features(told)
        if not some.rows:
            return None
        likely = 1 / (1 + exp(-float(self._danger.scores(some)[0])))
        bare = _NOTHING_BETWEEN.sub("", told)
        calmed = _is_calmed(told)
        spelled = [found[0] for found in _SPELLED.finditer(bare)]
        plainly = likely >= SIGNED and not calmed
        signs = tuple(
            dict.fromkeys((*spelled, *(found[0] for found in _SIGN.finditer(bare) if plainly)))
        )
        if signs:
            likely = max(likely, SIGN_LIKELIHOOD)
        elif calmed:
            likely *= CALMED
        if not signs and _CHINESE.search(bare) is None:
            likely = likely * CALMED if len(bare) >= SPELLED_OUT else 0.0
        if not signs and len(bare) < SAYS_SOMETHING:
            return None
        if likely < CONCERN:
            return None
        words = signs or self._danger.deciding(some, self._danger.labels[0], self._cut(text))
        return Urgency(self._kind(text), words, round(likely, 3))

    def _kind(self, text: str) -> Danger:
        shares = probabilities(self._kinds.scores(self._kinds.features(text)))
        return Danger(self._kinds.labels[int(shares.argmax())])


def _is_calmed(text: str) -> bool:
    """Whether a story, a question of rule or something past is told, and nothing of now."""
    outside = _QUOTED.sub("·", text) if _STORY.search(text) else text
    if _OWN_LIFE.search(outside) is not None:
        return False
    if _STORY.search(text) is not None:
        return True
    past = _QUESTION_OF_RULE.search(text) is not None or _AFTERWARDS.search(text) is not None
    return past and _NOW.search(text) is None
