"""Figures with units, as laws and members write them: 5天, 百分之八十, 不满二十年, 第三条."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from nlp.numerals import NUMERAL, half_width, to_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# One name for each unit; 7个月 is a span, 7月 a month of the year.
UNITS = {
    "个工作日": "工作日",
    "工作日": "工作日",
    "个月": "个月",
    "月": "月",
    "天": "天",
    "日": "天",
    "号": "天",
    "周岁": "岁",
    "岁": "岁",
    "周年": "年",
    "年": "年",
    "个小时": "小时",
    "小时": "小时",
    "个钟头": "小时",
    "分钟": "分钟",
    "个星期": "周",
    "星期": "周",
    "周": "周",
    "元": "元",
    "块钱": "元",
    "块": "元",
    "倍": "倍",
    "成": "成",
    "%": "%",
    "次": "次",
    "人": "人",
    "名": "人",
    "位": "人",
    "个": "个",
    "种": "种",
    "级": "级",
    "项": "项",
    "条": "条",
    "款": "款",
    "份": "份",
    "家": "家",
    "里": "里",
}
_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
# “一个单位” and “一家公司” count nothing; “一天” and “一次” do.
_ARTICLES = frozenset("个种项位家份名里条")
_DATE = r"(?P<y>(?:19|20)\d\d)(?:年|-)(?P<m>\d{1,2})(?:月|-)(?P<d>\d{1,2})日?"
_FIGURE = re.compile(
    rf"{_DATE}"
    rf"|第(?P<place>{NUMERAL})(?P<of>[条款项章节级次年个])"
    rf"|(?P<whole>{NUMERAL})分之(?P<part>{NUMERAL})"
    r"|(?P<share>一半|半数)|半(?P<half>年|天|日|月|个月|小时|个小时)"
    rf"|(?P<number>{NUMERAL})(?P<more>多)?(?P<unit>{_UNIT})?(?P<and_half>半)?"
)
# What bounds a figure stands before it, in the same breath; the first that is found counts.
_NOT = "不(?:得|能|应当|应|可以)?"
_BEFORE = (
    ("within", re.compile(rf"{_NOT}(?:超过|多于|高于)|最多|至多|最高|最长")),
    ("over", re.compile(rf"{_NOT}(?:少于|低于|小于)|至少|最少|最低|起码")),
    ("under", re.compile(r"(?:不满|未满|没满|不足|未达到|不到).{0,2}$|少于|低于|小于")),
    ("over", re.compile(r"满了?$|达到|超过|多于|高于")),
)
_BREATH = re.compile(r"[，。；：、,;:（）“”\n]")
_BEHIND = {"under": ("以下",), "over": ("以上", "及以上"), "within": ("以内", "之内", "内")}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its unit ("" for a bare one) and its bound: "", "under", "over" or "within".

    A share is in per cent whatever it was written as; a date has the unit "date".
    """

    value: str
    unit: str
    bound: str = ""

    def stands_for(self, said: Figure) -> bool:
        """Whether a text with this figure bears out the other one.

        The bound may be left out, but for “不满”: 不满二十年 does not bear out 二十年.
        """
        if (self.value, self.unit) != (said.value, said.unit):
            return False
        return self.bound == said.bound or (not said.bound and self.bound != "under")


def figures(text: str) -> tuple[Figure, ...]:
    """Every figure of a text, in its order."""
    return tuple(figure for figure, _, _ in located(compact(text)))


def located(text: str) -> Iterator[tuple[Figure, int, int]]:
    """Every figure with its place; the text must have no blanks and half-width digits."""
    last = 0
    for found in _FIGURE.finditer(text):
        read = _read(found)
        if read is not None:
            value, unit = read
            start, end = found.span()
            bound = _bound(_BREATH.split(text[last:start])[-1], text[end : end + 3])
            last = end
            yield Figure(value, unit, bound), start, end


def compact(text: str) -> str:
    """The text without blanks, digits and letters half width."""
    return re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"\s+", "", half_width(text)))


def bear_out(there: Sequence[Figure], said: Sequence[Figure]) -> bool:
    """Whether one statement bears out the figures of another, alone and in their pairs.

    满1年的休15天 has two true figures that do not belong together: between 1年 and 15天 the
    statement names other days. So of two figures that follow each other in what is said, the
    second has to be the first of its unit behind the first one.
    """
    if not all(any(one.stands_for(each) for one in there) for each in said):
        return False
    return all(_follows(there, first, second) for first, second in pairwise(said))


def _follows(there: Sequence[Figure], first: Figure, second: Figure) -> bool:
    for at, one in enumerate(there):
        if one.stands_for(first):
            after = next((each for each in there[at + 1 :] if each.unit == second.unit), None)
            if after is not None and after.stands_for(second):
                return True
    return False


def _read(found: re.Match[str]) -> tuple[str, str] | None:
    if found["y"]:
        return f"{found['y']}-{int(found['m']):02}-{int(found['d']):02}", "date"
    if found["place"]:
        return _text(to_number(found["place"])), f"第{found['of']}"
    if found["whole"]:
        return _share(found["whole"], found["part"])
    if found["half"]:
        return "0.5", "个月" if found["half"] == "月" else UNITS[found["half"]]
    return ("50", "%") if found["share"] else _counted(found)


def _share(whole: str, part: str) -> tuple[str, str] | None:
    """百分之八十 and 三分之一 in per cent."""
    parts, count = to_number(part), Decimal(100) if whole == "百" else to_number(whole)
    return (_text(parts * 100 / count), "%") if parts is not None and count else None


def _counted(found: re.Match[str]) -> tuple[str, str] | None:
    written, unit = found["number"], UNITS.get(found["unit"] or "", "")
    spelled = not any(character.isdecimal() for character in written)
    if spelled and ((not unit and len(written) < 3) or (written == "一" and unit in _ARTICLES)):
        return None
    if (
        spelled
        and written == "一"
        and found.string.startswith(("次性", "人"), found.end("number"))
    ):
        return None
    number = to_number(written)
    if number is None:
        return written, unit
    if found["and_half"]:
        number += Decimal("0.5")
    factor = {"倍": 100, "成": 10}.get(unit, 1)
    value = _text(number * factor)
    if not unit and written.isdecimal():
        value = written  # a number to call keeps its zeros
    return value + ("+" if found["more"] else ""), "%" if factor > 1 else unit


def _text(number: Decimal | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def _bound(before: str, behind: str) -> str:
    for name, pattern in _BEFORE:
        if pattern.search(before):
            return name
    return next((name for name, ends in _BEHIND.items() if behind.startswith(ends)), "")
