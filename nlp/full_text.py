"""A text as people hand it in, whatever it was written with, read into articles and dates."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, get_args

from nlp.statute import (
    HEADER_END,
    STEM,
    Article,
    Statute,
    StatuteError,
    article_number,
    article_ordinal,
    parse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Scope = Literal["全国", "湖北", "武汉", "本单位"]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_SIGNS = "零〇○一二三四五六七八九十百千"
_HEAD = re.compile(
    rf"第\s*(?P<whole>[{_SIGNS}]+|\d{{1,4}})\s*条(?:之(?P<inserted>[一二三四五六七八九十]+))?"
    r"(?P<gap>[\s:：]*)(?P<text>.*)"
)
# What goes on after “第三条” where a sentence only refers to it.
_REFERS = tuple("规所的之至、，和及与或第款项以中到等")
_HEADING = re.compile(
    rf"(?P<marks>#*)\s*(?P<words>第\s*[{_SIGNS}\d]+\s*(?P<rank>[编章节])(?:\s+.+|[^\s，。；第]{{1,24}})?)"
)
_RANKS = {"编": 1, "章": 2, "节": 3}
_APPENDIX = re.compile(r"附\s*[录件表]\s*[一二三四五六七八九十\d]*\s*(?:[：:].{0,60})?")
_PAGE = re.compile(
    r"[-—–_·\s]*(?:第\s*)?\d{1,4}(?:\s*页)?[-—–_·\s]*"
    r"|第\s*\d+\s*页\s*[，,/]?\s*共\s*\d+\s*页|\d{1,4}\s*/\s*\d{1,4}"
)
_ITEM = re.compile(
    r"[（(][一二三四五六七八九十\d]{1,3}[）)]|[一二三四五六七八九十]{1,3}、|\d{1,2}[.．、](?!\d)"
)
_DAY = re.compile(
    r"(?P<year>\d{4}|[〇○零一二三四五六七八九]{4})\s*年\s*"
    r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,3})\s*月\s*"
    r"(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})\s*日"
)
_FROM = re.compile(rf"自\s*(?:{_DAY.pattern})\s*起\s*(?:正式)?(?:施行|实施|执行|生效|试行)")
_FROM_ISSUE = re.compile(r"自(?:公布|发布|印发|颁布|下发)(?:之日)?起(?:施行|实施|执行|生效|试行)")
_LASTS = re.compile(r"有效期(?:为|限为)?\s*(?P<years>\d{1,2}|[一二三四五六七八九十]{1,2})\s*年")
_UNTIL = re.compile(rf"(?:有效期|施行|执行|实施|有效)(?:至|到)\s*(?:{_DAY.pattern})")
_ISSUED = re.compile(r"公布|发布|印发|颁布|通过|修订|修正|下发")
_PUBLISHED = re.compile(r"公布|发布|印发|颁布|下发")
_TITLE = re.compile(
    r".{2,60}(?:法|条例|规定|办法|规则|细则|准则|章程|制度|方案|意见|规程|标准|协议|合同)"
    r"(?:[（(](?:试行|暂行|修订|修订稿|\d{4}\s*年?修[订正])[)）])?"
)
_NO_TITLE = re.compile(r"目\s*录|.*文件|.*[〔\[(（]\d{4}[〕\])）]\s*第?\s*\d+\s*号|[（(].*[)）]")
_ISSUER = re.compile(
    r"(?P<body>全国人民代表大会常务委员会|全国人民代表大会|中共中央、国务院|中共中央|国务院"
    r"|[\u4e00-\u9fff]{2,20}?(?:总工会|工会委员会|工会联合会|工会|人民代表大会常务委员会"
    r"|人民政府办公厅|人民政府|委员会|社会保障部|社会保障厅|社会保障局|总局|财政部|公司))"
    r"(?:办公厅|办公室)?(?:令|第|公布|发布|印发|制定|通过|会议)"
)
_SIGNED = re.compile(
    r"[\u4e00-\u9fff、\s]{2,40}(?:工会|委员会|部|厅|局|办公室|公司|学校|医院|院|联合会|政府|中心)"
)
_NATIONAL = re.compile(r"全国|国务院|中共中央|中华|[\u4e00-\u9fff]{2,12}(?:部|总局)$")
# Printing to PDF turns some characters into the radicals that look like them.
_DISGUISED = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_RADICALS = dict(
    zip(
        "⺠⻁⻄⻅⻆⻉⻋⻒⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻥⻦⻨⻩⻬⻮⻰",
        "民虎西见角贝车阜长门青韦页风飞食马骨鱼鸟麦黄齐齿龙",
        strict=True,
    )
)
_STOPS = tuple("。；：！？”」）)")
_FULL = 0.85  # of the widest line: a shorter one ends its paragraph
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says about a text; it goes before what file name and text say.

    A blank or None leaves that to them.
    """

    title: str = ""
    issuer: str = ""
    scope: Scope | None = None
    issued: date | None = None
    in_force_from: date | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class FullText:
    """One version of one text and where it belongs.

    `source` says where it was taken from. `in_force_to` is the last day that the text itself
    names, None when it names none.
    """

    statute: Statute
    issuer: str
    scope: Scope
    in_force_to: date | None
    source: str

    @property
    def stem(self) -> str:
        """The name in citations."""
        return f"{self.statute.title}({self.statute.issued})"


def read(name: str, lines: Sequence[str], given: Given, *, wrapped: bool) -> FullText:
    """Read the lines of a file called `name`; `wrapped` when paragraphs run over several lines.

    Laws with a header as the collection writes it are read by its own strict rules. Raises
    StatuteError with what is missing, and what to do about it.
    """
    bare = name.rsplit(".", 1)[0] if "." in name else name
    if HEADER_END in (line.strip() for line in lines):
        return _collected(bare, lines, given)
    numbered = [
        (at, line) for at, line in enumerate(lines, 1) if not _PAGE.fullmatch(line.strip())
    ]
    first = next((n for n, (_, line) in enumerate(numbered) if _begins(line)), None)
    if first is None:
        msg = "没有找到以“第一条”开头的一行，分不出条文。没有条号的文件现在还不能导入。"
        raise StatuteError(msg)
    head = [_plain(line) for _, line in numbered[:first] if _plain(line)]
    body = list(_unwrapped(numbered[first:]) if wrapped else _stripped(numbered[first:]))
    ends = next((n for n, (_, line) in enumerate(body) if _APPENDIX.fullmatch(line)), len(body))
    signed = _signature(body[:ends])
    return _put_together(
        bare,
        given,
        _Parts(
            head,
            tuple(_articles(body[: ends - len(signed)], _headings(head))),
            signed,
            [line for _, line in body[ends:]],
        ),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    head: list[str]
    articles: tuple[Article, ...]
    signed: list[str]
    appendix: list[str]


def _collected(bare: str, lines: Sequence[str], given: Given) -> FullText:
    named = STEM.fullmatch(bare)
    title = given.title or (named["title"] if named else "")
    issued = given.issued.isoformat() if given.issued else (named["issued"] if named else "")
    name = f"{title}({issued})" if title and issued else bare
    statute = parse(name, "\n".join(lines))
    if given.in_force_from:
        statute = replace(statute, in_force_from=given.in_force_from)
    header = [line.strip() for line in lines[: list(map(str.strip, lines)).index(HEADER_END)]]
    issuer = given.issuer or _issuer(header, [])
    scope = given.scope or _scope(statute.title, issuer) or "全国"
    ends = _in_force_to(statute.articles[-1].text, statute.in_force_from)
    return FullText(statute, issuer, scope, ends, given.source)


def _put_together(bare: str, given: Given, parts: _Parts) -> FullText:
    named = STEM.fullmatch(bare)
    heading = _title(parts.head)
    title = given.title or (named["title"] if named else "") or heading
    if not title:
        msg = "没有找到标题。请在登记栏里写上标题，命令行用 --title。"
        raise StatuteError(msg)
    issued = given.issued or (_iso(named["issued"]) if named else None) or _issued(parts)
    if issued is None:
        msg = "没有找到公布日期。请在登记栏里写上公布日期，命令行用 --issued 2024-05-06。"
        raise StatuteError(msg)
    last = "\n".join(article.text for article in parts.articles[-3:])
    starts = given.in_force_from or _in_force_from(last, parts, given.issued)
    issuer = given.issuer or _issuer(parts.head, parts.signed)
    amended = tuple(
        _day(found)
        for line in parts.head
        if re.search(r"修正|修订", line)
        for found in _DAY.finditer(line)
    )
    statute = Statute(
        title=re.sub(r"^中华人民共和国(?=.{2})", "", title),
        issued=issued,
        in_force_from=starts,
        amended=amended,
        articles=parts.articles,
        appendix="\n".join(parts.appendix),
    )
    scope = given.scope or _scope(heading or title, issuer) or "本单位"
    return FullText(statute, issuer, scope, _in_force_to(last, starts), given.source)


def _begins(line: str) -> bool:
    found = _HEAD.fullmatch(_plain(line))
    return found is not None and _number(found) == (1, 0) and not _is_reference(found)


def _plain(line: str) -> str:
    """Without emphasis, odd blanks and what stands around; letters that PDFs disguise undone."""
    line = _DISGUISED.sub(lambda found: _undisguised(found[0]), line)
    line = re.sub(r"[\u00a0\u2002-\u200a\u3000\t]", " ", line.replace("\u200b", ""))
    return re.sub(r"^[>*\s]+|\*\*|\s+$", "", line)


def _undisguised(sign: str) -> str:
    return _RADICALS.get(sign) or unicodedata.normalize("NFKC", sign)


def _stripped(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return ((at, _plain(line)) for at, line in lines if _plain(line))


def _unwrapped(lines: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Paragraphs made whole: a line goes on where the one before it did not end."""
    widest = max(len(line.strip()) for _, line in lines)
    indented = sum(_is_indented(line) for _, line in lines) * 8 > len(lines)
    started, whole, before, blank = 0, "", "", False
    for at, line in lines:
        text = _plain(line)
        if not text:
            blank = True
            continue
        ended = _ended(before, widest, indented=indented, blank=blank)
        if whole and (ended or _opens(text, whole) or (indented and _is_indented(line))):
            yield started, whole
            whole = ""
        if not whole:
            started = at
        whole += (" " if whole[-1:].isascii() and text[:1].isascii() and whole else "") + text
        before, blank = line, False
    if whole:
        yield started, whole


def _is_indented(line: str) -> bool:
    return line[:1] in {"\u3000", " ", "\t"} and bool(line.strip())


def _ended(before: str, widest: int, *, indented: bool, blank: bool) -> bool:
    """Whether the paragraph ended with the line before."""
    text = before.strip()
    if not text.endswith(_STOPS):
        return False
    return blank or (not indented and len(text) < widest * _FULL)


def _opens(text: str, whole: str) -> bool:
    """Whether the line cannot go on a sentence."""
    if _DAY.fullmatch(text) or _APPENDIX.fullmatch(text) or _DAY.fullmatch(whole):
        return True
    if _HEADING.fullmatch(text) or _HEADING.fullmatch(whole):
        return not text.endswith("。") or _HEADING.fullmatch(whole) is not None
    stopped = whole.endswith(_STOPS)
    found = _HEAD.fullmatch(text)
    if found is not None:
        return stopped and not _is_reference(found)
    return stopped and _ITEM.match(text) is not None


def _signature(body: list[tuple[int, str]]) -> list[str]:
    """The lines at the end that say who signed and when."""
    signed: list[str] = []
    for _, line in reversed(body):
        if not (_DAY.fullmatch(line) or _SIGNED.fullmatch(line)):
            break
        signed.insert(0, line)
    return signed


def _headings(head: list[str]) -> list[tuple[int, str]]:
    """The way to the first article, from the headings above it; a table of contents is undone."""
    path: list[tuple[int, str]] = []
    for line in head:
        found = _HEADING.fullmatch(line)
        if found is not None:
            path = _deeper(path, found)
    return path


def _deeper(path: list[tuple[int, str]], found: re.Match[str]) -> list[tuple[int, str]]:
    rank = _RANKS[found["rank"]]
    return [*(step for step in path if step[0] < rank), (rank, " ".join(found["words"].split()))]


def _articles(body: list[tuple[int, str]], path: list[tuple[int, str]]) -> Iterator[Article]:
    place, number, heading = (0, 0), "", tuple(words for _, words in path)
    paragraphs: list[str] = []
    for at, line in body:
        found, title = _HEAD.fullmatch(line), _HEADING.fullmatch(line)
        if title is not None:
            path = _deeper(path, title)
            continue
        if found is None or not _is_next(at, found, place):
            paragraphs.append(line)
            continue
        if number:
            yield _article(number, heading, paragraphs)
        place = _number(found)
        number, heading = article_number(*place), tuple(words for _, words in path)
        paragraphs = [found["text"]] if found["text"] else []
    yield _article(number, heading, paragraphs)


def _is_next(at: int, found: re.Match[str], place: tuple[int, int]) -> bool:
    """Whether an article begins here; StatuteError when it is not the one to come."""
    number, (ordinal, inserted) = _number(found), place
    if _is_reference(found):
        return False
    if number in {(ordinal + 1, 0), (ordinal, inserted + 1)}:
        return True
    if not found["gap"]:
        return False
    wanted, was = article_number(ordinal + 1), article_number(*number)
    msg = f"第 {at} 行：这里应为“{wanted}”，却是“{was}”，可能缺了条文，或者一个文件里有两份文本。"
    raise StatuteError(msg)


def _is_reference(found: re.Match[str]) -> bool:
    return not found["gap"] and found["text"].startswith(_REFERS)


def _number(found: re.Match[str]) -> tuple[int, int]:
    inserted = f"之{found['inserted']}" if found["inserted"] else ""
    whole = found["whole"].replace("○", "零")
    if whole.isdigit() and whole.isascii():
        return int(whole), article_ordinal(f"第一条{inserted}")[1]
    return article_ordinal(f"第{whole}条{inserted}")


def _article(number: str, heading: tuple[str, ...], paragraphs: list[str]) -> Article:
    if not paragraphs:
        msg = f"“{number}”没有内容，编号后应有条文。"
        raise StatuteError(msg)
    ordinal, inserted = article_ordinal(number)
    return Article(number, ordinal, inserted, heading, "\n".join(paragraphs))


def _title(head: list[str]) -> str:
    """The line that names the text: the last one above the articles that ends as titles do."""
    lines = [re.sub(r"^#+\s*", "", line) for line in head if not _HEADING.fullmatch(line)]
    lines = [line for line in lines if not _NO_TITLE.fullmatch(line) and not _DAY.match(line)]
    titles = [line for line in lines if _TITLE.fullmatch(line)]
    return re.sub(r"\s+", "", (titles or lines or [""])[-1 if titles else 0])


def _issued(parts: _Parts) -> date | None:
    """The latest day on which the text says it was issued or amended, or was signed."""
    told = [line for line in parts.head if _ISSUED.search(line)]
    dates = [_day(found) for line in told for found in _DAY.finditer(line)]
    rest = [*parts.signed, *parts.head]
    return max(dates, default=None) or next(
        (_day(found) for line in rest if (found := _DAY.search(line))), None
    )


def _in_force_from(last: str, parts: _Parts, issued: date | None) -> date | None:
    """The day the text names; `issued`, as a person gave it, where that is the day it means."""
    named = _FROM.search(last)
    if named is not None:
        return _day(named)
    if _FROM_ISSUE.search(last):
        told = [line for line in parts.head if _PUBLISHED.search(line)] + parts.signed
        dates = [_day(found) for line in told for found in _DAY.finditer(line)]
        return issued or min(dates, default=None)
    return None


def _in_force_to(last: str, starts: date | None) -> date | None:
    """The last day that the text names, as a date or as years from its first."""
    until = _UNTIL.search(last)
    if until is not None:
        return _day(until)
    lasts = _LASTS.search(last)
    if lasts is None or starts is None:
        return None
    return starts.replace(year=starts.year + _count(lasts["years"]), day=1) + timedelta(
        days=starts.day - 2
    )


def _issuer(head: list[str], signed: list[str]) -> str:
    for line in head:
        found = _ISSUER.search(re.sub(_DAY, " ", line).replace("中华人民共和国国务院", "国务院"))
        if found is not None:
            return re.sub(r"^第.+?届|^经", "", found["body"])
    return next((re.sub(r"\s+", "", line) for line in signed if not _DAY.fullmatch(line)), "")


def _scope(title: str, issuer: str) -> Scope | None:
    """How far it reaches as far as its names say so."""
    for words, scope in (("武汉", "武汉"), ("湖北", "湖北")):
        if issuer.startswith(words) or title.startswith(words):
            own = re.search(r"公司|学校|学院|医院|工会委员会|中心$", issuer)
            return None if own else scope  # type: ignore[return-value]
    return "全国" if _NATIONAL.match(title) or _NATIONAL.match(issuer) else None


def _day(found: re.Match[str]) -> date:
    try:
        return date(_year(found["year"]), _count(found["month"]), _count(found["day"]))
    except ValueError as error:
        msg = f"日期“{found[0]}”不存在，请核对年、月、日。"
        raise StatuteError(msg) from error


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        msg = f"日期“{text}”不存在，请核对年、月、日。"
        raise StatuteError(msg) from error


def _year(text: str) -> int:
    plain = re.sub("[〇○]", "零", text)
    return int("".join(str(_DIGITS.index(sign)) if sign in _DIGITS else sign for sign in plain))


def _count(text: str) -> int:
    return int(text) if text.isascii() else article_ordinal(f"第{text}条")[0]
