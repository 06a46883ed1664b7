"""Laws in Markdown, cut into articles that can be cited."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DIGITS = "零一二三四五六七八九"
HEADER_END = "<!-- INFO END -->"
STEM = re.compile(r"(?P<title>.+)[(（](?P<issued>\d{4}-\d{2}-\d{2})[)）](?:\.md)?")
_NUMBER = re.compile(
    r"第(?P<whole>[零〇一二三四五六七八九十百千]+)条"
    r"(?:之(?P<inserted>[一二三四五六七八九十]+))?"
)
_ARTICLE = re.compile(rf"(?P<number>{_NUMBER.pattern})(?:[ \t\u3000]+(?P<text>.*))?")
_HEADING = re.compile(r"(?P<marks>#+)\s*(?P<words>.+)")
_APPENDIX = re.compile(r"附\s*[录件表][一二三四五六七八九十\d]*\s*[：:]?")
_DAY = re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日")
_IN_FORCE = re.compile(
    r"自(?:(?P<day>\d{4}年\d{1,2}月\d{1,2}日)|(?:公布|发布)(?:之日)?)起(?:施行|实施)"
)
_AMENDED = re.compile(r"修正|修订")


class StatuteError(ValueError):
    """The text is not a law as the collection writes them; the message names line and cause."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article; `heading` is the way to it (编, 章, 节), outermost first.

    `text` is without the number, one paragraph (款) or item (项) a line. `inserted` counts
    the articles put in later behind the same number (第二十二条之一: 1), otherwise 0.
    """

    number: str
    ordinal: int
    inserted: int
    heading: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Statute:
    """One version of one law; `title` as it is cited, without 中华人民共和国.

    `issued` is the date of this version. `in_force_from` is the day the text itself names, which
    for an amended law is the day of its first version; None when the text names none.
    """

    title: str
    issued: date
    in_force_from: date | None
    amended: tuple[date, ...]
    articles: tuple[Article, ...]
    appendix: str


def article_number(ordinal: int, inserted: int = 0) -> str:
    """The number as the law writes it: 6 → 第六条, (22, 1) → 第二十二条之一; 1 to 9999."""
    return f"第{_chinese(ordinal)}条" + (f"之{_chinese(inserted)}" if inserted else "")


def article_ordinal(number: str) -> tuple[int, int]:
    """The way back: 第二十二条之一 → (22, 1), 第六条 → (6, 0); raises StatuteError."""
    found = _NUMBER.fullmatch(number)
    if found is None:
        msg = f"“{number}”不是条文编号，应写作“第六条”或“第二十二条之一”。"
        raise StatuteError(msg)
    return _value(found["whole"]), _value(found["inserted"]) if found["inserted"] else 0


def parse(name: str, markdown: str) -> Statute:
    """Read a law; `name` is the file's name or stem, as in 工会法(2021-12-24).

    Raises StatuteError with the line and what was expected there.
    """
    stem = STEM.fullmatch(name)
    if stem is None:
        msg = f"文件名“{name}”应写作“法律名称(年-月-日).md”，例如“工会法(2021-12-24).md”。"
        raise StatuteError(msg)
    lines = [line.strip() for line in markdown.lstrip("\ufeff").splitlines()]
    if HEADER_END not in lines:
        msg = f"《{stem['title']}》全文没有一行“{HEADER_END}”，无法分清抬头与正文。"
        raise StatuteError(msg)
    border = lines.index(HEADER_END)
    header = tuple(line for line in lines[:border] if line)
    appendix = next(
        (at for at in range(border, len(lines)) if _APPENDIX.fullmatch(lines[at])), len(lines)
    )
    body = [(at + 1, lines[at]) for at in range(border + 1, appendix) if lines[at]]
    articles = tuple(_articles(body))
    if not articles:
        msg = f"《{stem['title']}》第 {border + 1} 行以后没有条文，应有以“第一条”开头的一行。"
        raise StatuteError(msg)
    return Statute(
        title=stem["title"],
        issued=_iso(stem["issued"]),
        in_force_from=_in_force_from(header, articles[-1].text),
        amended=tuple(_days(line for line in header if _AMENDED.search(line))),
        articles=articles,
        appendix="\n".join(line for line in lines[appendix:] if line),
    )


def _articles(body: list[tuple[int, str]]) -> Iterator[Article]:
    path: list[tuple[int, str]] = []
    number = ""
    heading: tuple[str, ...] = ()
    paragraphs: list[str] = []
    ordinal, inserted = 0, 0
    for at, line in body:
        title = _HEADING.fullmatch(line)
        found = _ARTICLE.fullmatch(line)
        if title is None and found is None:
            paragraphs.append(line)
            continue
        if number:
            yield _article(at, number, heading, paragraphs)
        elif paragraphs and ordinal:
            msg = f"第 {at - 1} 行：标题之后应为“{article_number(ordinal + 1)}”。"
            raise StatuteError(msg)
        paragraphs = []
        if title is not None:
            depth = len(title["marks"])
            path = [step for step in path if step[0] < depth]
            path.append((depth, re.sub(r"[\s\u3000]+", " ", title["words"])))
            number = ""
        elif found is not None:
            ordinal, inserted = _follow(at, found["number"], ordinal, inserted)
            number, heading = found["number"], tuple(words for _, words in path)
            paragraphs = [found["text"]] if found["text"] else []
    if number:
        yield _article(body[-1][0] + 1, number, heading, paragraphs)


def _follow(at: int, number: str, ordinal: int, inserted: int) -> tuple[int, int]:
    found = article_ordinal(number)
    if found not in {(ordinal + 1, 0), (ordinal, inserted + 1)}:
        msg = f"第 {at} 行：这里应为“{article_number(ordinal + 1)}”，却是“{number}”。"
        raise StatuteError(msg)
    return found


def _article(at: int, number: str, heading: tuple[str, ...], paragraphs: list[str]) -> Article:
    if not paragraphs:
        msg = f"第 {at} 行之前：“{number}”没有内容，编号后应有条文。"
        raise StatuteError(msg)
    ordinal, inserted = article_ordinal(number)
    return Article(number, ordinal, inserted, heading, "\n".join(paragraphs))


def _in_force_from(header: tuple[str, ...], last: str) -> date | None:
    named = _IN_FORCE.search(last)
    if named is not None and named["day"]:
        return _day(named["day"])
    issues = tuple(line for line in header if re.search(r"公布|发布", line) and "修" not in line)
    if named is not None:
        return next(_days(issues), None)
    return next(_days(line for line in header if line.endswith("施行")), None)


def _days(lines: Iterable[str]) -> Iterator[date]:
    return (_day(line) for line in lines if _DAY.match(line))


def _day(text: str) -> date:
    found = _DAY.match(text)
    if found is None:
        msg = f"“{text}”里应有“2021年12月24日”这样的日期。"
        raise StatuteError(msg)
    return _iso(f"{found['year']}-{int(found['month']):02}-{int(found['day']):02}")


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"日期“{text}”不存在，请核对年、月、日。"
        raise StatuteError(msg) from error


def _chinese(value: int) -> str:
    words = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            words += _DIGITS[digit] + name
        elif words and value and not words.endswith("零"):
            words += "零"
    return words.removeprefix("一") if words.startswith("一十") else words


def _value(words: str) -> int:
    total = digit = 0
    for sign in words.replace("〇", "零"):
        if sign in _DIGITS:
            digit = _DIGITS.index(sign)
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[sign]
            digit = 0
    return total + digit
