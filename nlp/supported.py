"""Whether the given texts bear out what somebody else has put into words, sentence by sentence.

A sentence is kept when one sentence of the texts says the same: its figures with their units in
their pairs, its citations, its words of consequence, its yes and no, and most of its characters.
What two sentences of the texts say apart is not taken from one sentence that joins them: a
condition of the one and a consequence of the other make a rule that nobody wrote.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from nlp.measures import Figure, bear_out, compact, located

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# At least this share of the characters that carry meaning has to stand in the sentence that bears
# it out, in pairs of neighbours (one alone counts half), and never so many in a row may be new.
ENOUGH, NEW_IN_A_ROW = 0.65, 4
# So much has to stand in one clause of that sentence, and not here and there in it.
TOGETHER = 0.5
# A sentence of fewer such characters says too little to be borne out.
LEAST = 4
# A shorter sentence of a text, as “可以。”, is read together with the next.
LEAD = 8
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
_CLAUSE = re.compile(r"[，；：,;:（）()]")
_QUOTES = re.compile(r"[“”‘’]")
_ITEM = re.compile(r"^[（(]?[一二三四五六七八九十0-9]{1,3}(?:[）)、]|[.．](?![0-9]))|^[-*•·]")
# One word for what is the same to a member and to a law.
_SAME = (
    ("用人单位", "单位"),
    ("所在单位", "单位"),
    ("公司", "单位"),
    ("老板", "单位"),
    ("女职工", "您"),
    ("劳动者", "您"),
    ("职工", "您"),
    ("员工", "您"),
    ("你", "您"),
    ("女方", "您"),
    ("不可以", "不能"),
    ("带薪年休假", "年休假"),
    ("年假", "年休假"),
    ("劳动报酬", "工资"),
    ("工钱", "工资"),
    ("薪水", "工资"),
    ("延长劳动时间", "加班"),
    ("延长工作时间", "加班"),
)
_FUNCTION = frozenset(
    "的了是在和与或及把被给让对于由从到等其这那就都也还而且但如果因为所以您我他们她它再才只会要能可以"
    "应当该须必不没未无有得者之为按照时候后前里上下中请做过着呢吗吧啊"
)
# Words with a consequence: one of a line may be said only where one of the line stands.
_WEIGHTY = tuple(
    line.split()
    for line in (
        "一定 肯定 必然 绝对 保证 保准 稳赢 必赢 放心 百分之百 包您",
        "赢 胜诉 胜算 打赢",
        "补偿",
        "赔偿 赔",
        "罚款 罚",
        "双倍 两倍 加倍 翻倍",
        "全额 全部 所有 一律 任何",
        "免费 不收费 不要钱",
        "随时 立即 立刻 马上 当天 当场",
        "永远 终身 终生 永久",
        "自动",
        "开除 辞退 解雇 炒 解除",
        "坐牢 判刑 刑事 犯罪",
        "起诉 诉讼 法院",
        "仲裁",
        "报警 公安",
        "退款 退还 返还",
        "奖金 奖励",
        "补贴 津贴 补助",
        "只要 无论 不管 不论",
        "左右 大约 大概 差不多 几乎 至少 起码 最多 至多",
        "每年 每月 每天 每日 每次 每周",
        "按月 按年 按日 按天 一次性",
    )
)
_NO = re.compile(
    r"不(?:得|能|可以|可|准|许|允许|应当|应该|应|该|行|会|是|算|合法|受|给|管|收|影响|予|少于|低于|超过)"
    r"|不|没有|没|未|无|禁止|严禁|违法|非法|拒(?!绝)"
)
_NEEDLESS = re.compile(r"不用|不必|不需要|不需|无须|无需|不强制|免于")
# Words with 不 and 无 in them that deny nothing.
_NOT_DENYING = re.compile(
    r"不仅|不但|不论|不管|无论|不同|不良|不足|未来|未成年|不动产|无偿|无障碍|不满|未满|没满|不到"
)
_DUTY = re.compile(r"必须|应当|应该|务必|一定要|(?<![不只重主需必])要(?!求|是|不|么|紧)")
_STRONG = re.compile(r"必须|务必|一定要|应当|应该")
_LEAVE = re.compile(r"可以|有权|允许")
_LICENCE = re.compile(
    rf"{_LEAVE.pattern}|(?<![不可])能(?!力|够|适应|胜任|自理)|(?<![不许认])可(?![能靠是以])"
)
_EMPLOYER = ("单位", "雇主", "企业")
_SELF = ("您",)
_PARTIES = (_EMPLOYER, _SELF, ("工会",), ("法院",), ("仲裁",), ("医院",), ("行政部门",))
_LAW = re.compile(r"《([^》]*)》")
_ARTICLE = re.compile(r"《([^》]*)》(第[零〇一二三四五六七八九十百0-9]+条)")
_CITATION = re.compile(
    r"(?:根据|按照|依据|依照|按)?《[^》]*》(?:第[零〇一二三四五六七八九十百0-9]+条)?(?:的?规定)?[，：]?"
)
_BARE_LAW = re.compile(
    r"[\u4e00-\u9fff]{2}(?:条例|法(?![律定院庭官规人援制治])|规定(?=第))|[\u4e00-\u9fff]{2}解释"
)
_NO_LAW = re.compile(r"(?:合|违|非|办|方|做|说|看|想|依|守|执|用|无|司|立|手|书|算)法|办法(?!第)")
_LATIN = re.compile(r"[A-Za-z]+")
_STRANGE = re.compile(r"[<>{}\[\]\\|@#￥$^=~`_/]")
_YES_FIRST = re.compile(
    r"(?:可以|可|能|行(?!政)|有(?![两三四五六七八几的些关下])|算|合法|会|要|是|对(?![于方])|应当|应该|必须|"
    r"给|管|受|享受|照发|允许|适用|得(?!看))"
)
_NO_FIRST = re.compile(
    r"(?:绝对)?(?:不(?![管论满足仅但过同])|没|无(?!论)|禁止|严禁|非法|违法)|这?属于?违法"
)


@dataclass(frozen=True, slots=True)
class _Clause:
    """What stands between two commas: its pairs of neighbours, and who acts."""

    text: str
    pairs: frozenset[str]
    party: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Said:
    """One sentence, folded: figures are #, words that mean the same are one."""

    text: str
    folded: str
    figures: tuple[Figure, ...]
    clauses: tuple[_Clause, ...]
    pairs: frozenset[str]


def supported(words: str, texts: Sequence[str]) -> tuple[str, ...]:
    """The sentences of the words that the texts bear out, in their order, each once.

    Marks of lists and emphasis are taken off. A sentence without anything to bear out (“可以。”)
    is not among them; `verdict` reads it.
    """
    there = [said for text in texts for said in _stated(text)]
    together = compact("\n".join(texts))
    kept = (sentence for sentence in sentences(words) if not objection(sentence, there, together))
    return tuple(dict.fromkeys(kept))


def why_not(sentence: str, texts: Sequence[str]) -> str:
    """What speaks against a sentence; "" when the texts bear it out.

    One of: empty, question, sign, citation, figure, word, denial, duty, party, new.
    """
    there = [said for text in texts for said in _stated(text)]
    return objection(sentence, there, compact("\n".join(texts)))


def sentences(words: str) -> Iterator[str]:
    """The sentences of an answer, without marks of lists and emphasis."""
    for line in words.replace("**", "").splitlines():
        for found in _SENTENCE.findall(line):
            bare = _ITEM.sub("", found.strip()).strip()
            if bare:
                yield bare


def verdict(words: str) -> bool | None:
    """Whether an answer begins with yes or no; None when it does with neither."""
    first = next(iter(sentences(words)), "")
    opening = re.sub(r"^(?:您好[，！]?|这|您|单位|公司)", "", compact(first))
    if _NO_FIRST.match(opening):
        return False
    return True if _YES_FIRST.match(opening) else None


def lead(words: str) -> str:
    """The short yes or no that an answer begins with, as “可以”; "" when it has none."""
    opening = re.split(r"[，。；：！]", words, maxsplit=1)[0]
    return opening if verdict(words) is not None and len(opening) <= LEAD else ""


def share_told(text: str, words: str) -> float:
    """Which part of a text, by its characters that carry meaning, the words tell as well."""
    folded = _fold(text)[0]
    return _covered(folded, frozenset(map("".join, pairwise(_fold(words)[0]))))[0]


def objection(sentence: str, there: Sequence[_Said], together: str) -> str:
    """What speaks against a sentence, of the statement that comes nearest; "" for nothing."""
    plain = compact(sentence)
    if plain.endswith(("?", "？")):
        return "question"
    if _STRANGE.search(plain):
        return "sign"
    if not _citations_stand(plain, together):
        return "citation"
    said = _read(_CITATION.sub("", plain))
    if not said.figures and sum(map(_carries_meaning, said.folded)) < LEAST:
        return "empty"
    objections = [(_objection_of(said, one), one) for one in there]
    if any(not reason for reason, _ in objections):
        return ""
    nearest = max(
        objections,
        key=lambda pair: _covered(said.folded, pair[1].pairs)[0],
        default=("new", None),
    )
    return nearest[0]


def _objection_of(said: _Said, there: _Said) -> str:
    """The first thing that one statement does not bear out; "" when it bears out all."""
    if not bear_out(there.figures, said.figures):
        return "figure"
    if not _weighty_words_stand(said.folded, there.folded):
        return "word"
    standing: dict[int, list[_Clause]] = defaultdict(list)
    for clause in said.clauses:
        if not any(map(_carries_meaning, clause.text)):
            return "new"
        share, in_a_row = _covered(clause.text, there.pairs)
        if share < ENOUGH or in_a_row >= NEW_IN_A_ROW:
            return "new"
        at = _nearest(clause, there.clauses)
        if _covered(clause.text, there.clauses[at].pairs)[0] < TOGETHER:
            return "new"
        standing[at].append(clause)
    reasons = (_opposed(clauses, there.clauses, at) for at, clauses in standing.items())
    return next(filter(None, reasons), "")


def _nearest(clause: _Clause, there: Sequence[_Clause]) -> int:
    """The place of the clause that shares most with this one."""
    return max(range(len(there)), key=lambda at: _covered(clause.text, there[at].pairs)[0])


def _opposed(clauses: Sequence[_Clause], there: Sequence[_Clause], at: int) -> str:
    """Whether what is said in place of one clause denies, demands or lets act otherwise."""
    base = there[at]
    said = "，".join(clause.text for clause in clauses)
    if not _denials_agree(said, base.text):
        return "denial"
    if not _duties_agree(said, base.text):
        return "duty"
    parties = all(_parties_agree(clause, there, at) for clause in clauses)
    return "" if parties else "party"


def _citations_stand(plain: str, together: str) -> bool:
    cited = [f"《{law}》{article}" for law, article in _ARTICLE.findall(plain)]
    named = [f"《{law}》" for law in _LAW.findall(plain)]
    bare = _BARE_LAW.findall(_NO_LAW.sub("", _LAW.sub("", plain)))
    latin = _LATIN.findall(plain)
    return all(each.lower() in together.lower() for each in (*cited, *named, *bare, *latin))


def _weighty_words_stand(said: str, there: str) -> bool:
    return all(
        any(word in there for word in line)
        for line in _WEIGHTY
        if any(word in said for word in line)
    )


def _duties_agree(said: str, there: str) -> bool:
    """A duty is not a licence, nor the other way; “休 5 天” says that one may."""
    duty, licence = bool(_DUTY.search(there)), bool(_LICENCE.search(there))
    if _STRONG.search(said) and not duty:
        return False
    if _DUTY.search(said) and licence and not duty:
        return False
    if _LEAVE.search(said) and duty:
        return bool(_LEAVE.search(there))
    return not _LICENCE.search(said) or licence or ("#" in there and not duty)


def _parties_agree(clause: _Clause, there: Sequence[_Clause], at: int) -> bool:
    """Who acts is the same; a member may be spoken to where the text names nobody."""
    if clause.party is None:
        return True
    acting = there[at].party
    if acting is None:
        before = (each.party for each in reversed(there[:at]) if not each.text.endswith("的"))
        acting = next((party for party in before if party is not None), None)
    return clause.party == acting or (acting is None and clause.party == _SELF)


def _stated(text: str) -> list[_Said]:
    """The statements of a text: its sentences, items with the line that they belong to."""
    found: list[str] = []
    head = ""
    for line in text.splitlines():
        plain = compact(line)
        if plain.endswith(("：", ":")):
            head = plain
        elif head and _ITEM.match(plain):
            found.append(head + _ITEM.sub("", plain))
            continue
        elif plain:
            head = ""
        parts = _SENTENCE.findall(plain)
        found.extend(parts)
        found.extend(
            f"{first.rstrip('。')}，{second}"
            for first, second in pairwise(parts)
            if len(first) <= LEAD
        )
    return [said for said in map(_read, found) if said.clauses]


def _read(plain: str) -> _Said:
    folded, figures = _fold(plain)
    clauses = tuple(_clause(part) for part in _CLAUSE.split(folded.strip("。！!")) if part)
    pairs = frozenset(map("".join, pairwise(folded)))
    return _Said(plain, folded, figures, clauses, pairs)


def _denials_agree(said: str, there: str) -> bool:
    """As many are denied, and each of them one of those that the text denies."""
    for denial in (_NEEDLESS, _NO):
        ours, theirs = _denied(said, denial), _denied(there, denial)
        if len(ours) != len(theirs):
            return False
        if not all(any(our[:1] in their for their in theirs) for our in ours):
            return False
    return True


def _denied(text: str, denial: re.Pattern[str]) -> list[str]:
    """The two characters with meaning behind each denial."""
    bare = _NOT_DENYING.sub("", text)
    if denial is _NO:
        bare = _NEEDLESS.sub("", bare)
    behind = (bare[found.end() :] for found in denial.finditer(bare))
    return ["".join(islice(filter(_carries_meaning, rest), 2)) for rest in behind]


def _clause(text: str) -> _Clause:
    return _Clause(text, frozenset(map("".join, pairwise(text))), _party(text))


def _party(text: str) -> tuple[str, ...] | None:
    """Who a clause begins with."""
    opening = re.sub(r"^(?:如果|只要|那么|但是|但|所以|因此|同时|而且|并且)", "", text)
    return next((party for party in _PARTIES if opening.startswith(party)), None)


def _fold(text: str) -> tuple[str, tuple[Figure, ...]]:
    plain = compact(text)
    pieces, figures, last = [], [], 0
    for figure, start, end in located(plain):
        pieces += [plain[last:start], "#"]
        figures.append(figure)
        last = end
    folded = _QUOTES.sub("", "".join((*pieces, plain[last:])))
    for long, short in _SAME:
        folded = folded.replace(long, short)
    return folded, tuple(figures)


def _covered(text: str, pairs: frozenset[str]) -> tuple[float, int]:
    """The share of characters that stand in the pairs, and how many in a row do not."""
    singles = {character for pair in pairs for character in pair}
    within = set()
    for at, pair in enumerate(map("".join, pairwise(text))):
        if pair in pairs:
            within |= {at, at + 1}
    score, count, row, longest = 0.0, 0, 0, 0
    for at, character in enumerate(text):
        if not _carries_meaning(character):
            continue
        count += 1
        part = 1.0 if at in within else 0.5 * (character in singles)
        score += part
        row = 0 if part else row + 1
        longest = max(longest, row)
    return (score / count if count else 1.0), longest


def _carries_meaning(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff" and character not in _FUNCTION
