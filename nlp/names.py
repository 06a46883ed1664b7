"""Names inside a message: units of the tree, open events, hospitals, illnesses."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import yaml
from pydantic import TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Span = tuple[int, int, str]
"""Start, end and the official name."""

_FORMS: TypeAdapter[dict[str, tuple[str, ...]]] = TypeAdapter(dict[str, tuple[str, ...]])
# Heads and tails that people leave out when they name a unit.
_HEADS = (
    "国家税务总局湖北省",
    "国家税务总局",
    "湖北省直属",
    "湖北省",
    "武汉市",
    "湖北",
    "省直",
    "省",
)
_TAILS = ("有限责任公司", "股份有限公司", "有限公司", "集团", "工会联合会", "工会委员会", "工会")
# Too general to name one unit by themselves.
_NO_UNIT = frozenset(
    [
        "工会",
        "机关",
        "省直机关",
        "直属机关",
        "公司",
        "集团",
        "医院",
        "学校",
        "中心",
        "单位",
        "办公室",
        "委员会",
        "人民医院",
        "保健院",
        "联合会",
        "总局",
        "财政",
        "教育",
        "水利",
        "商务",
        "税务",
        "卫生",
        "农业",
        "司法",
        "审计",
        "统计",
        "交通",
        "体育",
        "文化",
        "公安",
        "民政",
        "应急",
        "信访",
    ]
)
# Words of a title that say what sort of event it is, not which one.
_GENERIC = frozenset(
    [
        "活动",
        "职工",
        "员工",
        "会员",
        "比赛",
        "竞赛",
        "大赛",
        "技能",
        "培训",
        "讲座",
        "健康",
        "健身",
        "沙龙",
        "青年",
        "周末",
        "新年",
        "春节",
        "秋季",
        "春季",
        "夏季",
        "冬季",
        "心灵",
        "驿站",
        "春风",
        "行动",
        "省直",
        "工会",
        "机关",
        "志愿",
        "服务",
        "学习",
        "知识",
        "交流",
        "专场",
        "现场",
        "友谊",
        "联谊",
        "示范",
        "一期",
        "二期",
        "三期",
        "第一",
        "第二",
        "上午",
        "下午",
        "女职",
        "年度",
        "全省",
        "武汉",
        "湖北",
        "开班",
        "训练",
        "分享",
    ]
)
# What an event may be about: alone it names a pastime, not the event.
_PASTIME = re.compile(
    r"羽毛球?|毛球|乒乓球?|篮球|足球|排球|网球|台球|读书|瑜伽|摄影|太极拳?|书法|绘画|合唱|舞蹈|急救|亲子|编校|减压|招聘|出版|心理|游泳|骑行|象棋|围棋|插花|观影|义诊|征文|演讲"
)
_ILL = re.compile(
    r"医院|住院|住进|出院|看病|手术|开刀|就诊|挂号|查出|确诊|检查|化疗|放疗|透析|复查|病房|门诊|体检|动了|生的|生了|躺|治|抢救|转院|开的|看的|做了|发票|诊断"
)
_HOSPITAL = re.compile(
    r"[\u4e00-\u9fff]{2,12}?(?:医院(?:[\u4e00-\u9fff]{1,3}院区)?|妇幼保健院|保健院|卫生院|卫生服务中心|社区卫生中心|疗养院)"
)
_HOSPITAL_HEAD = re.compile(
    r".*(?:住在|住进|住到|转到|送到|送去|送进|躺在|在|去|到|从|是|往|找|转|进|的|了|住|跟|和|把|给|个|由|用|让|家|院|这|那|我们|他们|哪家|"
    r"今天|昨天|明天|上午|下午|妈|爸|婆|公|我|她|他|天|月|日|号|周|年|前|后|人|刚)(?=[\u4e00-\u9fff])"
)
_NO_HOSPITAL = re.compile(
    r"^(?:哪个|哪家|什么|一家|几家|各|别的|其他|定点|大|小|好|三甲|公立|私立|当地|附近|本地|外地|正规|某|同一家?|这家|那家|这个|那个|任何|异地|市|省|县|区|二级|三级|指定|合作|"
    r"单位|社区|指定的|定点的|就近的?|乡镇|县级|市级|省级)?(?:医院|保健院|卫生院|卫生服务中心|疗养院)"
)
# A member who was treated there does not name the employer.
_THERE = re.compile(r"(?:[在去到住进从]|送[往到进])$")
_TREATED = re.compile(r"(?:住|生|看|做|手术|检查|剖|顺产|产检|治|开刀|复查|保胎|抢救)")
_CANCER = re.compile(r"(?:[\u4e00-\u9fff]{1,3}(?:癌|恶性肿瘤))(?:[早中晚]期)?")
_NO_CANCER_HEAD = re.compile(
    r".*(?:查出|得了|患了|确诊|是|的|了|得|患|有|说|叫|怀疑|疑似|治|抗|防|个|出)(?=.{1,2}癌|.{0,2}恶性肿瘤)"
)


@dataclass(frozen=True, slots=True)
class _Sickness:
    """What the files say of hospitals and illnesses."""

    hospitals: Mapping[str, str]
    unsure: frozenset[str]
    hospital: re.Pattern[str]
    diseases: Mapping[str, str]
    disease: re.Pattern[str]


class Names:
    """Names that can stand in a message, made ready for reading; swapped whole when they change.

    Units are official name → further names, events the titles that are open. A name that could
    mean two units means none.
    """

    def __init__(
        self,
        sickness: _Sickness,
        units: Mapping[str, Iterable[str]] | None = None,
        events: Iterable[str] = (),
    ) -> None:
        self._sickness = sickness
        self._units = _unit_forms(units or {})
        self._unit = _any_of(self._units)
        self._events = tuple(dict.fromkeys(events))
        owners: dict[str, set[str]] = defaultdict(set)
        for title in self._events:
            for pair in _pairs(title):
                owners[pair].add(title)
        self._telling = {
            pair: next(iter(titles))
            for pair, titles in owners.items()
            if len(titles) == 1 and pair not in _GENERIC
        }

    @classmethod
    def load(cls, lexicon_dir: Path) -> Self:
        """Hospitals and illnesses of the lexicon; no units and no events yet."""
        hospitals = _read(lexicon_dir / "hospitals.yaml")
        diseases = _read(lexicon_dir / "diseases.yaml")
        forms = {
            word.removesuffix("?"): official
            for official, words in hospitals.items()
            for word in (official, *words)
        }
        unsure = {
            word.removesuffix("?")
            for words in hospitals.values()
            for word in words
            if word[-1] == "?"
        }
        ills = {word: name for name, words in diseases.items() for word in (name, *words)}
        return cls(_Sickness(forms, frozenset(unsure), _any_of(forms), ills, _any_of(ills)))

    def with_places(self, units: Mapping[str, Iterable[str]], events: Iterable[str]) -> Names:
        """The same hospitals and illnesses with the units and events of today."""
        return Names(self._sickness, units, events)

    def units(self, text: str) -> Iterator[Span]:
        """Units by full, short and shortened names; the longest reading of a place."""
        for found in self._unit.finditer(text):
            treated = (
                found[0] in self._sickness.hospitals
                and _THERE.search(text[: found.start()]) is not None
                and _TREATED.match(text[found.end() :]) is not None
            )
            if not treated:
                yield found.start(), found.end(), self._units[found[0]]

    def events(self, text: str) -> Iterator[Span]:
        """Open events, also shortened (读书会 for 青年读书分享会); one span for each mention."""
        best: dict[int, Span] = {}
        for at in range(len(text) - 1):
            title = self._telling.get(text[at : at + 2])
            if title is None:
                continue
            span = _grown(text, at, title)
            kept = best.get(span[0])
            if _PASTIME.fullmatch(text[span[0] : span[1]]):
                continue
            if kept is None or span[1] > kept[1]:
                best[span[0]] = span
        end = -1
        for start in sorted(best):
            if start >= end:
                yield best[start]
                end = best[start][1]

    def hospitals(self, text: str) -> Iterator[Span]:
        """Hospitals by name; short ones that are also something else only beside illness."""
        sick = _ILL.search(text) is not None
        known = [
            (found.start(), found.end(), self._sickness.hospitals[found[0]])
            for found in self._sickness.hospital.finditer(text)
            if sick or found[0] not in self._sickness.unsure
        ]
        for found in _HOSPITAL.finditer(text):
            head = _HOSPITAL_HEAD.match(found[0])
            start = found.start() + (head.end() if head else 0)
            name = text[start : found.end()]
            if len(name) <= 3 or _NO_HOSPITAL.match(name):
                continue
            # 荆州市中心医院 holds the name of another one.
            known = [each for each in known if not (start < each[0] and each[1] <= found.end())]
            if all(found.end() <= first or last <= start for first, last, _ in known):
                known.append((start, found.end(), name))
        yield from known

    def diseases(self, text: str) -> Iterator[Span]:
        """Illnesses and injuries by any of their names, and every further cancer."""
        known: list[Span] = []
        for found in self._sickness.disease.finditer(text):
            start = found.start()
            known.append((start, found.end(), self._sickness.diseases[found[0]]))
        for found in _CANCER.finditer(text):
            head = _NO_CANCER_HEAD.match(found[0])
            start = found.start() + (head.end() if head else 0)
            name = re.sub(r"[早中晚]期$", "", text[start : found.end()])
            end = start + len(name)
            if all(end <= first or last <= start for first, last, _ in known) and len(name) > 1:
                known.append((start, end, name))
        yield from known


def _read(path: Path) -> dict[str, tuple[str, ...]]:
    """Raises ValueError, which names the file, where it cannot be read."""
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as exc:
        raise ValueError(f"{path.name}: {exc}") from exc
    return _FORMS.validate_python(tree)


def _unit_forms(units: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Every name people use for a unit; a form that two units share names neither."""
    forms: dict[str, set[str]] = defaultdict(set)
    given: dict[str, str] = {}
    for official, others in units.items():
        for word in (official, *others):
            given[word] = official
            for short in _shortened(word):
                forms[short].add(official)
    derived = {
        form: next(iter(owners))
        for form, owners in forms.items()
        if len(owners) == 1 and len(form) > 2 and form not in _NO_UNIT
    }
    return {**derived, **given}


def _shortened(name: str) -> Iterator[str]:
    tails = [name, *(name.removesuffix(tail) for tail in _TAILS if name.endswith(tail))]
    for word in tails:
        yield word
        for head in _HEADS:
            if word.startswith(head):
                yield word.removeprefix(head)


def _pairs(title: str) -> set[str]:
    return {title[at : at + 2] for at in range(len(title) - 1)}


def _grown(text: str, at: int, title: str) -> Span:
    """The longest stretch around a telling pair that reads through the title in order.

    Blocks of the title may be left out, as people do: 羽毛球赛 for 羽毛球友谊赛.
    """
    place = title.index(text[at : at + 2])
    start, left = at, place
    while start and left and text[start - 1] == title[left - 1]:
        start, left = start - 1, left - 1
    end, right = at + 2, place + 2
    while end < len(text):
        jump = title.find(text[end], right)
        if jump < 0:
            break
        whole = jump == right or text[end : end + 2] in title[jump:] or jump == len(title) - 1
        if not whole:
            break
        end, right = end + 1, jump + 1
    return start, end, title


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    some = sorted(set(words), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, some)) or r"(?!)")
