"""Reading, checking and showing one answer: a reader for each kind, shared by chat and pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from handlers.catalogue.schema import TYPED, FieldKind, Item, Question, Value, labels_of
from nlp.entities import SHANGHAI, EntityKind, find
from nlp.identifiers import (
    birth_date,
    id_check_character,
    is_bank_card,
    is_id_number,
    is_mobile,
    landline,
)
from nlp.numerals import half_width, spoken_digits, to_number


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an answer cannot be kept, as one sentence that says what to do."""

    sentence: str


Reader = Callable[[Question, str, datetime], "Value | Refusal"]

LARGEST_SUM = 10**8
"""Yuan above which a sum is taken for a slip, unless the question allows more."""

_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
_PAD = " \t\n，。、；：！？,.;:!?~～“”\"'"
_NOTHING = frozenset({"无", "没有", "没", "没有了"})
_NO_IDEA = frozenset({"不知道", "不清楚", "不晓得", "不会", "不会写", "不会填", "不懂", "随便"})
_NO_WORDS = frozenset({"没啥", "没啥说的", "没什么", "没什么说的", "没有什么", "没什么要说的"})
_NONE = _NOTHING | _NO_IDEA | _NO_WORDS
_NEGATION = "不非没未无"


def read(question: Question, text: str, now: datetime) -> Value | Refusal:
    """The answer in a person's words, or why it is none; `now` is aware.

    Photos are not words and a group is read part by part, so both refuse any text.
    """
    return _READERS[question.kind](question, tidy(text), now)


def tidy(text: str) -> str:
    """The text without invisible characters and outer blanks; traditional characters stay."""
    return _UNSEEN.sub("", text).strip()


def says_none(text: str) -> bool:
    """True for words that say there is nothing to answer."""
    return tidy(text).strip(_PAD) in _NONE


def _text(question: Question, text: str, _now: datetime) -> Value | Refusal:
    words = text if question.kind is FieldKind.LONG_TEXT else " ".join(text.split()).strip(_PAD)
    longest = question.max or (500 if question.kind is FieldKind.LONG_TEXT else 60)
    if not any(character.isalnum() for character in words) or says_none(words):
        return Refusal(f"这一项请用文字写一下，例如：{question.example}。")
    if len(words) > longest:
        return Refusal(f"这一项最多写 {longest} 个字，您写了 {len(words)} 个字，请精简一下再发。")
    if len(words) < (question.min or 1):
        return Refusal(f"这一项至少写 {question.min} 个字，请再写详细一点。")
    return words


def _name(question: Question, text: str, now: datetime) -> Value | Refusal:
    """A short text or an organisation: a bare number is an answer to something else."""
    if text and not re.search(r"[^\W\d_]", text):
        return Refusal(f"【{question.label}】要写文字，例如：{question.example}。")
    return _text(question, text, now)


def _choice(question: Question, text: str, _now: datetime) -> Value | Refusal:
    labels = labels_of(question)
    said = half_width(text).strip(_PAD)
    picked = _by_number(said, labels) or _by_words(question, said)
    if len(picked) == 1:
        return picked[0]
    return Refusal(f"请从这几项里选一项，回复数字或文字都可以：{_numbered(labels)}。")


def _choices(question: Question, text: str, _now: datetime) -> Value | Refusal:
    labels = labels_of(question)
    said = half_width(text).strip(_PAD)
    if said in {"都有", "全部", "都是", "全选", "全都有"}:
        picked = list(labels)
    else:
        picked = _several(question, said, labels)
    fewest, most = question.min or 1, question.max or len(labels)
    if not picked:
        return Refusal(f"请选一项或几项，例如回复“1 2”：{_numbered(labels)}。")
    if not fewest <= len(picked) <= most:
        return Refusal(f"这一题请选 {_span(fewest, most)} 项，您选了 {len(picked)} 项。")
    return picked


def _several(question: Question, said: str, labels: tuple[str, ...]) -> list[str]:
    """The labels meant by "1、3", "13" or words, in the order of the list; empty when unclear."""
    parts = [part for part in re.split(r"[\s,，、;；和与及+]+", said) if part]
    if len(parts) == 1 and said.isdecimal() and len(labels) < 10:
        parts = list(said)
    picked = [_by_number(part, labels) or _by_words(question, part) for part in parts]
    if not all(picked):
        picked = [_by_words(question, said)]
    return [label for label in labels if any(label in labels_meant for labels_meant in picked)]


_ORDINAL = re.compile(r"(?:我?选|第)?\s*([0-9]{1,2}|[一二三四五六七八九十]{1,2})\s*(?:个|项|号)?")


def _by_number(said: str, labels: tuple[str, ...]) -> list[str]:
    found = _ORDINAL.fullmatch(said)
    number = int(to_number(found[1]) or 0) if found else 0
    return [labels[number - 1]] if 1 <= number <= len(labels) else []


def _by_words(question: Question, said: str) -> list[str]:
    """Labels named in the words, longer names first; none where one of them is negated."""
    words = [(label, label) for label in labels_of(question)]
    words += [(word, option.label) for option in question.choices for word in option.also]
    exact = [label for word, label in words if word == said]
    if exact:
        return exact[:1]
    found, rest = list[str](), said
    for word, label in sorted(words, key=lambda pair: len(pair[0]), reverse=True):
        at = rest.find(word)
        if at < 0:
            continue
        if rest[max(0, at - 1) : at] in tuple(_NEGATION) or rest[max(0, at - 2) : at] == "不是":
            return []
        rest = rest.replace(word, "\x00" * len(word))
        found += [label] if label not in found else []
    return found


def _numbered(labels: tuple[str, ...]) -> str:
    return "；".join(f"{at}. {label}" for at, label in enumerate(labels, start=1))


def _span(fewest: int, most: int) -> str:
    return str(fewest) if fewest == most else f"{fewest} 到 {most}"


_YES = frozenset(
    [
        "是",
        "是的",
        "对",
        "对的",
        "有",
        "有的",
        "嗯",
        "要",
        "需要",
        "好",
        "好的",
        "可以",
        "行",
        "1",
        "就是",
        "没错",
        "确实",
        "yes",
    ]
)
_NO = frozenset(
    [
        "否",
        "不",
        "不是",
        "不是的",
        "不对",
        "没有",
        "没",
        "没有了",
        "无",
        "不要",
        "不用",
        "不需要",
        "不行",
        "2",
        "no",
    ]
)
_PARTICLES = "吧啊呀呢哦噢哈的了"


def _yes_no(_question: Question, text: str, _now: datetime) -> Value | Refusal:
    said = half_width(text).strip(_PAD).lower()
    for words, meant in ((_YES, True), (_NO, False)):
        if said in words or said.rstrip(_PARTICLES) in words:
            return meant
    return Refusal("请回复“是”或“否”。")


def _consent(question: Question, text: str, _now: datetime) -> Value | Refusal:
    said = text.strip(_PAD).removeprefix("我").rstrip(_PARTICLES)
    if said == "同意":
        return True
    if said == "不同意" and question.optional:
        return False
    return Refusal("这一项要您明确同意才能往下办，请回复“同意”；不想办了请回复“取消”。")


def _number(question: Question, text: str, now: datetime) -> Value | Refusal:
    number = _whole_number(question, text, now)
    if number is None:
        return Refusal(f"请发一个数字，例如：{question.example}。")
    fewest, most = question.min, question.max
    if (fewest is not None and number < fewest) or (most is not None and number > most):
        bounds = _bounds(fewest, most)
        return Refusal(f"【{question.label}】要填{bounds}的数，您填的是 {number}，请再核对一下。")
    return number


def _bounds(fewest: int | None, most: int | None) -> str:
    if fewest is None:
        return f"不大于 {most} "
    return f"不小于 {fewest} " if most is None else f" {fewest} 到 {most} 之间"


def _whole_number(question: Question, text: str, now: datetime) -> int | None:
    """The only whole number of the text; a year may also be said as 今年 or inside a date."""
    said = half_width(text).strip(_PAD)
    if question.unit == "年" and (year := _year(said, now)):
        return year
    bare = to_number(said.removesuffix(question.unit).strip())
    if bare is not None:
        return int(bare) if bare == bare.to_integral_value() else None
    counts = {entity.value for entity in find(said, now, {EntityKind.NUMBER})}
    minus = re.search(r"[-−负]\s*\d", said)
    return int(counts.pop()) if len(counts) == 1 and not minus else None


def _year(said: str, now: datetime) -> int | None:
    short = re.fullmatch(r"([0-9]{2})\s*[年级届]{1,2}", said)
    if short:
        return 2000 + int(short[1])
    years = {str(date_.value)[:4] for date_ in find(said, now, {EntityKind.DATE}, prefer="past")}
    return int(years.pop()) if len(years) == 1 else None


_MONTHLY = re.compile(r"每个?月|一个月|月薪|月收入|月工资|按月|/\s*月")
_YEARLY = re.compile(r"[每一全]年|年薪|年收入|一整年")


def _money(question: Question, text: str, now: datetime) -> Value | Refusal:
    said = half_width(text).strip(_PAD)
    if question.per == "year" and _MONTHLY.search(said) and not _YEARLY.search(said):
        return Refusal("这里要填一整年的钱，请把十二个月加起来再发，例如：36000 元。")
    if question.per == "month" and _YEARLY.search(said) and not _MONTHLY.search(said):
        return Refusal("这里要填一个月的钱，请算成每月多少再发，例如：3000 元。")
    fen = 0 if said.removesuffix("收入") in _NOTHING else _fen(said, now)
    if fen is None:
        return Refusal(f"没看清是多少钱，请只发一个数，例如：{question.example}。")
    least, most = question.min or 0, LARGEST_SUM if question.max is None else question.max
    if not least * 100 <= fen <= most * 100:
        bounds = _bounds(least, most)
        return Refusal(f"【{question.label}】要填{bounds}的数（元），您填的是 {_yuan(fen)}。")
    return fen


_IDENTIFYING = frozenset({EntityKind.PHONE, EntityKind.BANK_CARD, EntityKind.ID_NUMBER})


def _fen(said: str, now: datetime) -> int | None:
    """The only sum of the text in fen; a bare number is yuan, a phone or card is no sum."""
    if re.search(r"[-−负]\s*[\d一二三四五六七八九]", said) or find(said, now, _IDENTIFYING):
        return None
    bare = to_number(re.sub(r"\s*(?:元整?|块钱?|圆|人民币)$", "", said).strip())
    if bare is not None:
        fen = bare * 100
        return int(fen) if fen == fen.to_integral_value() else None
    sums = {entity.value for entity in find(said, now, {EntityKind.MONEY})}
    if not sums:
        found = find(said, now, {EntityKind.NUMBER, EntityKind.DATE})
        sums = {int(e.value) * 100 for e in found if e.kind is EntityKind.NUMBER}
    return int(sums.pop()) if len(sums) == 1 else None


def _date(question: Question, text: str, now: datetime) -> Value | Refusal:
    said = half_width(text)
    found = [str(e.value)[:10] for e in find(said, now, {EntityKind.DATE}, question.tense)]
    if len(set(found)) == 1 and len(found[0]) == 10:
        return found[0]
    return Refusal("请写清楚哪年哪月哪日，例如：2026 年 9 月 1 日。")


def _phone(_question: Question, text: str, now: datetime) -> Value | Refusal:
    said = half_width(text)
    phones = {str(entity.value) for entity in find(said, now, {EntityKind.PHONE})}
    if len(phones) == 1:
        return phones.pop()
    if len(phones) > 1:
        return Refusal("这里只留一个号码就好，请发最常用的那一个。")
    digits = _digits(said)
    if not digits:
        return Refusal("请发手机号，一共 11 位数字。")
    if len(digits) == 11:
        return Refusal("手机号的前几位看着不对，请再核对一下。")
    return Refusal(f"手机号是 11 位，您发的是 {len(digits)} 位，请再核对一下。")


def _digits(said: str) -> str:
    return re.sub(r"[^0-9]", "", spoken_digits(said))


def _id_number(_question: Question, text: str, now: datetime) -> Value | Refusal:
    said = half_width(text).upper()
    whole = re.sub(r"[^0-9X]", "", said)
    numbers = [str(entity.value) for entity in find(said, now, {EntityKind.ID_NUMBER})]
    number = numbers[0] if len(set(numbers)) == 1 else whole
    wrong = _wrong_id_number(number, now)
    return Refusal(wrong) if wrong else number


def _wrong_id_number(number: str, now: datetime) -> str:
    """What is wrong with the characters of an ID number; empty when nothing is."""
    if len(number) == 15:
        return "这是旧的 15 位号码，请发现在身份证上的 18 位号码。"
    if len(number) != 18:
        return f"身份证号是 18 位，您发的是 {len(number)} 位，请再核对一下。"
    if not number[:17].isdecimal():
        return "身份证号只有最后一位可以是 X，请对着证件再核对一下。"
    born = birth_date(number)
    if born is None or born > now.astimezone(SHANGHAI).date():
        return "身份证号中间的出生日期不对，请对着证件再核对一下。"
    if id_check_character(number[:17]) != number[17]:
        return "这个身份证号有一位可能输错了，请对着证件再核对一遍。"
    return ""


def _bank_card(_question: Question, text: str, now: datetime) -> Value | Refusal:
    said = half_width(text)
    cards = {str(entity.value) for entity in find(said, now, {EntityKind.BANK_CARD})}
    if len(cards) == 1:
        return cards.pop()
    if len(cards) > 1:
        return Refusal("这里只填一张卡，请发收款用的那一张。")
    digits = _digits(said)
    if not digits:
        return Refusal("请发银行卡号，就是卡正面那一长串数字。")
    if find(said, now, {EntityKind.ID_NUMBER}):
        return Refusal("您发的像是身份证号，这里要填银行卡号。")
    if not 16 <= len(digits) <= 19:
        return Refusal(f"银行卡号一般是 16 到 19 位，您发的是 {len(digits)} 位，请再核对一下。")
    return Refusal("这个银行卡号有一位可能输错了，请对着卡再核对一遍。")


def _stage(question: Question, text: str, now: datetime) -> Value | Refusal:
    labels = labels_of(question)
    said = half_width(text).strip(_PAD)
    named = [option.label for option in question.choices if said in option.also]
    picked = _by_number(said, labels) or named
    picked = picked or list({str(e.value) for e in find(said, now, {EntityKind.SCHOOL_STAGE})})
    if len(picked) == 1 and picked[0] in labels:
        return picked[0]
    return Refusal(f"请从这几项里选一项，回复数字或文字都可以：{_numbered(labels)}。")


def _photos(question: Question, _text: str, _now: datetime) -> Value | Refusal:
    return Refusal(f"【{question.label}】要发照片，点右下角的“＋”选“照片”或“拍摄”就可以。")


def _group(question: Question, _text: str, _now: datetime) -> Value | Refusal:
    return Refusal(f"【{question.label}】要一项一项地填，我会一步步问您。")


_READERS: dict[FieldKind, Reader] = {
    FieldKind.TEXT: _name,
    FieldKind.LONG_TEXT: _text,
    FieldKind.CHOICE: _choice,
    FieldKind.CHOICES: _choices,
    FieldKind.YES_NO: _yes_no,
    FieldKind.NUMBER: _number,
    FieldKind.MONEY: _money,
    FieldKind.DATE: _date,
    FieldKind.PHONE: _phone,
    FieldKind.ID_NUMBER: _id_number,
    FieldKind.BANK_CARD: _bank_card,
    FieldKind.ORGANISATION: _name,
    FieldKind.SCHOOL_STAGE: _stage,
    FieldKind.PHOTOS: _photos,
    FieldKind.CONSENT: _consent,
    FieldKind.GROUP: _group,
}


def show(question: Question, value: Value, *, masked: bool = True) -> str:
    """The answer as a person reads it; phone, ID and card numbers by their last four only.

    Pass `masked=False` only where the reader may see the whole number.
    """
    if isinstance(value, bool):
        return _agreement(question, agreed=value)
    if isinstance(value, int):
        return _yuan(value) if question.kind is FieldKind.MONEY else _counted(question, value)
    if isinstance(value, str):
        return _shown_text(question, value, masked=masked)
    if question.kind is FieldKind.PHOTOS:
        return f"{len(value)} 张"
    if question.kind is FieldKind.GROUP:
        return f"{len(value)} 位" if value else "没有"
    return "、".join(str(label) for label in value)


def show_item(group: Question, item: Item, *, masked: bool = True) -> str:
    """One round of a group in one line."""
    parts = (part for part in group.questions if part.key in item)
    return "，".join(show(part, item[part.key], masked=masked) for part in parts)


def _agreement(question: Question, *, agreed: bool) -> str:
    words = ("同意", "不同意") if question.kind is FieldKind.CONSENT else ("是", "否")
    return words[0] if agreed else words[1]


def _counted(question: Question, number: int) -> str:
    return f"{number} {question.unit}" if question.unit else str(number)


def _yuan(fen: int) -> str:
    yuan = Decimal(fen) / 100
    return f"{yuan:.0f} 元" if fen % 100 == 0 else f"{yuan:.2f} 元"


def _shown_text(question: Question, value: str, *, masked: bool) -> str:
    if question.kind is FieldKind.DATE:
        day = date.fromisoformat(value)
        return f"{day.year} 年 {day.month} 月 {day.day} 日"
    hidden = {FieldKind.PHONE, FieldKind.ID_NUMBER, FieldKind.BANK_CARD}
    return f"…{value[-4:]}" if masked and question.kind in hidden else value


def keep(question: Question, value: Value) -> Value | None:
    """A kept answer as the question wants it now, or None when it no longer fits.

    A choice whose label has changed is found by its other words.
    """
    if question.kind is FieldKind.GROUP:
        return _keep_items(question, value)
    if isinstance(value, list):
        return _keep_list(question, [part for part in value if isinstance(part, str)])
    return _keep_part(question, value)


def _keep_items(group: Question, value: Value) -> Value | None:
    if not isinstance(value, list) or group.repeat is None:
        return None
    rounds = [item for item in value if isinstance(item, dict)][: group.repeat.max]
    return [dict(_kept_parts(group, item)) for item in rounds]


def _kept_parts(group: Question, item: Item) -> Iterator[tuple[str, str | int | bool | list[str]]]:
    for part in group.questions:
        kept = _keep_part(part, item[part.key]) if part.key in item else None
        if kept is not None:
            yield part.key, kept


def _keep_part(
    question: Question, value: str | int | bool | list[str]
) -> str | int | bool | list[str] | None:
    if isinstance(value, bool):
        return value if question.kind in {FieldKind.YES_NO, FieldKind.CONSENT} else None
    if isinstance(value, int):
        return value if _number_fits(question, value) else None
    if isinstance(value, str):
        return _keep_text(question, value)
    return _keep_list(question, value)


def _number_fits(question: Question, value: int) -> bool:
    if question.kind not in {FieldKind.NUMBER, FieldKind.MONEY}:
        return False
    unit = 100 if question.kind is FieldKind.MONEY else 1
    least = value if question.min is None else question.min * unit
    most = value if question.max is None else question.max * unit
    return least <= value <= most


def _keep_text(question: Question, value: str) -> str | None:
    if question.kind in {FieldKind.CHOICE, FieldKind.SCHOOL_STAGE}:
        return _label(question, value)
    return value if _fits(question, value) else None


def _label(question: Question, value: str) -> str | None:
    if value in labels_of(question):
        return value
    return next((option.label for option in question.choices if value in option.also), None)


def _fits(question: Question, value: str) -> bool:
    if question.kind in TYPED:
        return (question.min or 1) <= len(value) <= (question.max or len(value))
    shapes: dict[FieldKind, Callable[[str], bool]] = {
        FieldKind.PHONE: lambda number: is_mobile(number) or _is_landline(number),
        FieldKind.ID_NUMBER: is_id_number,
        FieldKind.BANK_CARD: is_bank_card,
        FieldKind.DATE: lambda day: re.fullmatch(r"\d{4}-\d\d-\d\d", day) is not None,
    }
    return question.kind in shapes and shapes[question.kind](value)


def _is_landline(number: str) -> bool:
    return landline(number.replace("-", "")) == number


def _keep_list(question: Question, values: list[str]) -> list[str] | None:
    most = question.max or len(values)
    if question.kind is FieldKind.PHOTOS:
        return values[:most]
    if question.kind is not FieldKind.CHOICES:
        return None
    labels = [_label(question, value) for value in values]
    kept = [label for label in labels if label is not None]
    fits = len(kept) == len(values) and (question.min or 1) <= len(kept) <= most
    return kept if fits else None
