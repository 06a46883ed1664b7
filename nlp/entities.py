"""Values inside a message: dates, money, counts, phones and cards, kinship, schooling."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from nlp.almanac import Prefer
from nlp.dates import find_dates
from nlp.identifiers import is_bank_card, is_id_number, is_mobile, landline
from nlp.names import Names
from nlp.normalise import simplified
from nlp.numerals import DIGITS, NUMERAL, half_width, spoken_digits, to_number

if TYPE_CHECKING:
    from decimal import Decimal

SHANGHAI = ZoneInfo("Asia/Shanghai")


class EntityKind(StrEnum):
    """What a stretch of text names; earlier kinds win where two would overlap."""

    ID_NUMBER = "id_number"
    BANK_CARD = "bank_card"
    PHONE = "phone"
    UNIT = "unit"
    HOSPITAL = "hospital"
    EVENT = "event"
    SCHOOL_STAGE = "school_stage"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"
    DISEASE = "disease"
    RELATION = "relation"


@dataclass(frozen=True, slots=True)
class Entity:
    """A stretch `text[start:end]` and what it means.

    `value` is fen for money, a whole number for counts, the canonical word for relation, school
    stage and disease, the official name for unit, hospital and event, the bare digits for phone,
    card and ID number (X in capitals). A date is ISO text as precise as it was said: "2026",
    "2026-08", "2026-08-22" or, with a time, "2026-08-22T15:00" (Asia/Shanghai); what is no single
    day is "start/end".
    """

    kind: EntityKind
    text: str
    value: str | int
    start: int
    end: int


_Span = tuple[int, int, "str | int"]
_Finder = Callable[[str, datetime, Prefer], Iterator[_Span]]
_Namer = Callable[[Names, str], Iterator[tuple[int, int, str]]]

_NUMBERED = (EntityKind.ID_NUMBER, EntityKind.BANK_CARD, EntityKind.PHONE)


def find(
    text: str,
    now: datetime,
    kinds: Collection[EntityKind] | None = None,
    prefer: Prefer = "future",
    names: Names | None = None,
) -> list[Entity]:
    """All values of the wanted kinds in order of appearance, without overlaps.

    `now` is aware. `prefer` decides for dates that name no year or week: 8 月 22 号 is the next
    one or the last one. The digits of an ID number, card or phone are never a date, money or
    count, also when only those are wanted. Without `names` no unit, hospital, event or disease is
    found.
    """
    wanted = frozenset(EntityKind if kinds is None else kinds)
    plain, places = _tightened(simplified(half_width(text)))
    local = now.astimezone(SHANGHAI)
    taken: list[Entity] = []
    for kind in EntityKind:
        if kind not in wanted and kind not in _NUMBERED:
            continue
        spans = sorted(
            _spans(kind, plain, local, prefer, names), key=lambda span: span[0] - span[1]
        )
        for first, behind, value in spans:
            start, end = places[first], places[behind - 1] + 1
            if all(end <= other.start or other.end <= start for other in taken):
                taken.append(Entity(kind, text[start:end], value, start, end))
    return sorted(
        (entity for entity in taken if entity.kind in wanted), key=lambda entity: entity.start
    )


def _spans(
    kind: EntityKind, text: str, now: datetime, prefer: Prefer, names: Names | None
) -> Iterator[_Span]:
    if kind in _FINDERS:
        yield from _FINDERS[kind](text, now, prefer)
    elif names is not None:
        yield from _NAMERS[kind](names, text)


_LOOSE = re.compile(
    r"(?<=\d)[ \t]+(?=[年月日号点时分万千百十亿元块毛角])|(?<=[年月点时万千百亿])[ \t]+(?=\d)"
)


def _tightened(text: str) -> tuple[str, list[int]]:
    """The text without blanks between digits and their units, and where each character was."""
    loose = {at for gap in _LOOSE.finditer(text) for at in range(*gap.span())}
    places = [at for at in range(len(text)) if at not in loose]
    return "".join(text[at] for at in places), places


_SPOKEN = re.compile(rf"[{''.join(DIGITS)}]{{7,}}")
_RUN = re.compile(r"(?<![\dA-Za-z.])\d(?:[ \-]{0,2}\d)*[Xx]?(?![\dA-Za-z])")
_CHUNK = re.compile(r"\d+[Xx]?")


def _numbered(kind: EntityKind, text: str) -> Iterator[_Span]:
    """Runs of digits, apart or together, read from the left as the longest number they make."""
    digits = _SPOKEN.sub(lambda found: spoken_digits(found[0]), text)
    for run in _RUN.finditer(digits):
        chunks = [
            (run.start() + c.start(), run.start() + c.end()) for c in _CHUNK.finditer(run[0])
        ]
        at = 0
        while at < len(chunks):
            size, read = _longest_number(digits, chunks[at : at + 8])
            if read is not None and read[0] is kind:
                start = chunks[at][0]
                plus = digits[start - 1 : start] == "+"
                yield start - plus, chunks[at + size - 1][1], read[1]
            at += size


def _longest_number(
    digits: str, chunks: list[tuple[int, int]]
) -> tuple[int, tuple[EntityKind, str] | None]:
    """How many chunks make a number, and which; one and None when none do."""
    for size in range(len(chunks), 0, -1):
        read = _identify("".join(digits[start:end] for start, end in chunks[:size]))
        if read is not None:
            return size, read
    return 1, None


def _identify(number: str) -> tuple[EntityKind, str] | None:
    number = number.upper()
    if is_id_number(number):
        return EntityKind.ID_NUMBER, number
    if is_bank_card(number):
        return EntityKind.BANK_CARD, number
    mobile = number.removeprefix("86") if len(number) == 13 else number
    if is_mobile(mobile):
        return EntityKind.PHONE, mobile
    fixed = landline(number)
    return (EntityKind.PHONE, fixed) if fixed else None


_STAGES: tuple[tuple[str, str], ...] = (
    ("博士", r"博士(?:研究生)?|读博|博[一二三四]"),
    ("硕士", r"硕士(?:研究生)?|(?<!博士)研究生|研[一二三]|读研|考上研"),
    ("大专", r"大专|(?<!中等)(?<!中)专科(?:生)?|高职|高等职业"),
    ("中职", r"中职|中专|职高|技校|技工学校|中等职业(?:学校)?|中等专业"),
    (
        "本科",
        r"(?:大学)?本科(?:生)?|大学(?!附|城|路|生活)(?:[一二三四]年级)?|大[一二三四](?![万千百十个])",
    ),
    ("高中", r"(?:普通)?高中(?:[一二三]年级)?|普高|高[一二三123](?![中\d万千])|高级中学"),
    (
        "初中",
        r"初中(?:[一二三]年级)?|(?<![大新]年)(?<!月)(?<!年)初[一二三123](?![十\d])|初级中学|(?<![十\d])[七八九789]年级",
    ),
    (
        "小学",
        r"小学(?:[一二三四五六]年级)?|(?<![中学一-九\d十])[一二三四五六1-6]年级|小[一二三四五六](?!十)",
    ),
)
STAGES = ("小学", "初中", "高中", "中职", "大专", "本科", "硕士", "博士")
"""School stages in the order of a school life."""

_STAGE = re.compile("|".join(f"(?P<s{at}>{words})" for at, (_, words) in enumerate(_STAGES)))


def _stages(text: str, _now: datetime, _prefer: Prefer) -> Iterator[_Span]:
    for found in _STAGE.finditer(text):
        yield found.start(), found.end(), _STAGES[int(str(found.lastgroup)[1:])][0]


_RELATIONS: dict[str, str] = {
    word: canonical
    for canonical, words in {
        "女儿": "女儿 闺女 千金 大女儿 小女儿 二女儿 姑娘 丫头",
        "儿子": "儿子 崽 大儿子 小儿子 二儿子",
        "子女": "子女 孩子 小孩 小孩子 伢 伢们 娃 娃儿 娃娃 小伢 细伢",
        "丈夫": "丈夫 老公 先生",
        "妻子": "妻子 老婆 媳妇儿 媳妇",
        "配偶": "配偶 爱人 对象 老伴 老伴儿",
        "父亲": "父亲 爸爸 老爸 爸 老父亲 老父 爹",
        "母亲": "母亲 妈妈 老妈 妈 老母亲 老娘 娘",
        "父母": "父母 爸妈 爹妈 爹娘 双亲 父母亲",
        "公公": "公公",
        "婆婆": "婆婆 婆母",
        "嫂子": "嫂子",
        "岳父": "岳父 丈人 老丈人",
        "岳母": "岳母 丈母娘",
        "爷爷": "爷爷 祖父 爹爹",
        "奶奶": "奶奶 祖母",
        "外公": "外公 姥爷 外祖父 家公",
        "外婆": "外婆 姥姥 外祖母 家家",
        "哥哥": "哥哥 大哥 亲哥 哥",
        "弟弟": "弟弟 亲弟 弟",
        "姐姐": "姐姐 亲姐 姐",
        "妹妹": "妹妹 亲妹 妹",
        "孙子": "孙子 外孙",
        "孙女": "孙女 外孙女",
        "侄子": "侄子 侄儿 外甥",
        "侄女": "侄女 外甥女",
        "儿媳": "儿媳 儿媳妇",
        "女婿": "女婿",
        "继子": "继子",
        "继女": "继女",
        "养子": "养子",
        "养女": "养女",
    }.items()
    for word in words.split()
}
# One sound alone is kin only behind 我, 他, 她 or a place in the family; 爱心妈妈 is a programme.
_SHORT_KIN = frozenset("爸妈哥弟姐妹爹娘崽")
_RELATION = re.compile(
    r"(?<!爱心)(?<!代理)(?<!好)(?:"
    + "|".join(
        rf"(?<=[我他她家亲俺老])(?<!大家){word}(?![{word}们大小长妹夫])"
        if word in _SHORT_KIN
        else word
        for word in sorted(_RELATIONS, key=len, reverse=True)
    )
    + r")(?!节|岗|之家|驾|桥|树下|坟)"
)
# What a kinship word is inside of without meaning one.
_NO_KIN = re.compile(
    r"大姑娘|小姑娘|先生们|各位先生|王先生|女士先生|找对象|处对象|对象是|帮扶对象|服务对象|谈对象|女朋友|娘家人?|姑娘们|老师傅|公公婆婆(?!$)(?=妈妈)|娃娃菜|娃娃机|工会妈妈|"
    r"留守(?:儿童|的?孩子|娃)|[一二两三四五六七八九十\d]个娃娃鱼|儿童|他妈的|你妈|奶奶的|姐妹们|兄弟们|哥们儿?|婆婆妈妈|爷爷奶奶辈|孩子王|孩子气|熊孩子们"
)


def _relations(text: str, _now: datetime, _prefer: Prefer) -> Iterator[_Span]:
    hidden = [found.span() for found in _NO_KIN.finditer(text)]
    for found in _RELATION.finditer(text):
        if all(found.end() <= start or end <= found.start() for start, end in hidden):
            yield found.start(), found.end(), _RELATIONS[found[0]]


def _dates(text: str, now: datetime, prefer: Prefer) -> Iterator[_Span]:
    yield from find_dates(text, now, prefer)


_COUNTED = "个人名位口户家张次天年月日号岁米里分斤公步字题篇本件套辆台届级度点楼路%"
_CUE = re.compile(
    r"(?:收入|工资|月薪|年薪|薪水|费用|花了|花费|花掉|交了|缴了|金额|自付|自费|学费|药费"
    r"|共计|一共|合计|总共|退休金|养老金|低保金|挣|赚|人民币|RMB|¥|￥)"
    r"(?:大概|大约|差不多|约|是|有|了|为|在|到|[:：\s])*$"
)
_DIGIT = f"[0-9{''.join(DIGITS)}]"
_YUAN = re.compile(
    rf"\s*[多余来]?(?:(?:块钱|块|元整|元|圆)"
    rf"(?:(?P<jiao>{_DIGIT})[毛角](?:(?P<fen>{_DIGIT})(?:分|(?![\d.])))?)?)"
)
# 五块五 is 5.50, 五块五个人 is not.
_LOOSE_JIAO = re.compile(rf"(?<=块)(?P<jiao>{_DIGIT}|半)(?![\d.毛角十百千万{_COUNTED}])")
_SIGN = re.compile(r"[¥￥]\s?$")
_NO_MONEY = re.compile(rf"[多余来几]?[{_COUNTED}十百千万亿]")
_COINS = re.compile(
    rf"(?<![块元\d.第{''.join(DIGITS)}十百千万])(?P<n>[1-9]|[{''.join(DIGITS)}])(?:毛钱?|角钱?)(?![\u4e00-\u9fff]?[巾衣病绒线皮孩笔度落])"
)
_LARGE_ENOUGH = frozenset("百佰千仟万萬亿wWkK")
_NUMERAL = re.compile(NUMERAL)
_COUNT_BEFORE = 24


def _numerals(text: str) -> Iterator[tuple[int, int, Decimal]]:
    """Numerals that stand by themselves: not part of a code, an order or a vague 几万."""
    for found in _NUMERAL.finditer(text):
        start, end = found.span()
        before, value = text[start - 1 : start], to_number(found[0])
        apart = not (before.isascii() and before.isalpha()) and before not in {
            ".",
            "-",
            "第",
            "几",
            "数",
        }
        begins = found[0][0].isdecimal() or found[0][0] in DIGITS or found[0][0] in "十拾"
        if value is not None and apart and begins:
            yield start, end, value


def _money(text: str, _now: datetime, _prefer: Prefer) -> Iterator[_Span]:
    for start, end, value in _numerals(text):
        unit = _YUAN.match(text, end)
        if unit is not None:
            last = unit if unit["jiao"] else _LOOSE_JIAO.match(text, unit.end()) or unit
            small, stop = (last["jiao"], unit["fen"]), last.end()
        elif _is_money(text, start, end):
            small, stop = (None, None), end
        else:
            continue
        jiao, fen = (to_number((digit or "0").replace("半", "五")) or 0 for digit in small)
        total = value * 100 + jiao * 10 + fen
        if total == total.to_integral_value():
            sign = _SIGN.search(text[:start])
            yield sign.start() if sign else start, stop, int(total)
    for found in _COINS.finditer(text):
        yield found.start(), found.end(), int((to_number(found["n"]) or 0) * 10)


def _is_money(text: str, start: int, end: int) -> bool:
    """Without a unit: a large numeral that counts nothing, or a number after a word for money."""
    if _NO_MONEY.match(text, end):
        return False
    if _LARGE_ENOUGH.intersection(text[start:end]):
        return True
    return _CUE.search(text[max(0, start - _COUNT_BEFORE) : start]) is not None


LARGEST_COUNT = 10**9
"""Longer numbers are codes, not counts."""
_COUNTS = re.compile(r"[多来几]?[个人名位口户家张次天年月岁门只套件台份盒包袋瓶辆双箱部]")
_ONE_COUNTS = re.compile(r"个人|个月|人(?!一)|口人|[岁天年周名]|位(?!数)")
# What a number is a name of, not a count: 验证码, QQ 号, a bus line, a door, a score.
_CODE_BEFORE = re.compile(
    r"(?:验证码|密码|编号|账号|帐号|工号|邮编|QQ号?|qq号?|微信号?|号码|房间?|第|高压|低压|血糖|得了|考了|排|版本|\d[号栋-])"
    r"(?:是|为|[:：])?\s*$"
)
_CODE_AFTER = re.compile(
    r"\s*(?:路(?!人)|号|栋|幢|单元|室|楼|层|小时|度|℃|%|倍|折|点|分(?!之|钟)|公里|米|斤|型|届|寸|：|:\d)"
)


def _counts(text: str, _now: datetime, _prefer: Prefer) -> Iterator[_Span]:
    """Whole numbers: Arabic ones that are no code, spelled ones where they count something."""
    for start, end, value in _numerals(text):
        after = text[end : end + 1]
        arabic = text[start].isdecimal() and not (after.isascii() and after.isalpha())
        if text[start:end] == "一":
            counted = _ONE_COUNTS.match(text, end) is not None
        else:
            counted = arabic or _COUNTS.match(text, end) is not None
        whole = value == value.to_integral_value() and value < LARGEST_COUNT
        code = _CODE_AFTER.match(text, end) or _CODE_BEFORE.search(text[:start])
        if counted and whole and not code:
            yield start, end, int(value)


_FINDERS: dict[EntityKind, _Finder] = {
    EntityKind.ID_NUMBER: lambda text, _now, _prefer: _numbered(EntityKind.ID_NUMBER, text),
    EntityKind.BANK_CARD: lambda text, _now, _prefer: _numbered(EntityKind.BANK_CARD, text),
    EntityKind.PHONE: lambda text, _now, _prefer: _numbered(EntityKind.PHONE, text),
    EntityKind.SCHOOL_STAGE: _stages,
    EntityKind.DATE: _dates,
    EntityKind.MONEY: _money,
    EntityKind.NUMBER: _counts,
    EntityKind.RELATION: _relations,
}
_NAMERS: dict[EntityKind, _Namer] = {
    EntityKind.UNIT: Names.units,
    EntityKind.HOSPITAL: Names.hospitals,
    EntityKind.EVENT: Names.events,
    EntityKind.DISEASE: Names.diseases,
}


_WEEKDAYS = "一二三四五六日"


def read_back(entity: Entity) -> str:
    """The value in words that a person can say yes or no to: 8 月 22 日星期六 09:00."""
    value = entity.value
    if entity.kind is EntityKind.MONEY:
        yuan = f"{int(value) / 100:.2f}".removesuffix(".00")
        return f"{yuan} 元"
    if entity.kind is EntityKind.DATE:
        return "到".join(_said_date(part) for part in str(value).split("/"))
    if entity.kind in {EntityKind.PHONE, EntityKind.ID_NUMBER, EntityKind.BANK_CARD}:
        names = {"phone": "电话", "id_number": "身份证号", "bank_card": "银行卡号"}
        return f"{names[entity.kind]}尾号 {str(value)[-4:]}"
    return str(value)


def _said_date(said: str) -> str:
    day, _, clock = said.partition("T")
    parts = [int(part) for part in day.split("-")]
    words = [f"{part} {unit}" for part, unit in zip(parts, "年月日", strict=False)]
    if len(parts) == len("年月日"):
        weekday = _WEEKDAYS[datetime(*parts, tzinfo=SHANGHAI).weekday()]  # type: ignore[misc, arg-type]
        words.append(f"星期{weekday}")
    return f"{' '.join(words[:3])}{''.join(words[3:])}{' ' + clock if clock else ''}"
