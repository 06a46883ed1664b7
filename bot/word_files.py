"""The paragraphs of a Word file as lines, with the numbers that Word counts by itself."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import docx
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from nlp.statute import article_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement

# Source: ECMA-376, 17.18.59 (number formats) as far as Chinese editions of Word write them.
CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "chineseLegalSimplified",
    "ideographDigital",
    "japaneseCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
}
# Labels after which laws leave no blank.
CLOSED = ("）", ")", "、")
UNNUMBERED = {"bullet", "none"}
CHANGES = (qn("w:ins"), qn("w:del"), qn("w:moveFrom"), qn("w:moveTo"))


class TrackedChangesError(ValueError):
    """The file holds changes that nobody has accepted or refused: its text is not settled."""


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts; `pattern` is such as “第%1条”."""

    start: int
    shape: str
    pattern: str


def lines(content: bytes) -> Iterator[str]:
    """Paragraphs as lines, rows of tables with their cells apart; TrackedChangesError."""
    document = docx.Document(io.BytesIO(content))
    body = document.element.body
    if next(body.iter(*CHANGES), None) is not None:
        raise TrackedChangesError
    numbers = Numbers(document)
    for element in _blocks(body):
        if element.tag == qn("w:tbl"):
            for row in Table(element, document).rows:
                yield "　".join(" ".join(cell.text.split()) for cell in row.cells)
        else:
            paragraph = Paragraph(element, document)
            text = numbers.of(element, paragraph) + paragraph.text
            yield from text.splitlines() or [""]


def _blocks(parent: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    """Paragraphs and tables in their order, those inside content controls too."""
    for child in parent.iterchildren():
        if child.tag in {qn("w:p"), qn("w:tbl")}:
            yield child
        elif child.tag in {qn("w:sdt"), qn("w:sdtContent")}:
            yield from _blocks(child)


class Numbers:
    """Counts as Word does while the paragraphs go by."""

    def __init__(self, document: Document) -> None:
        self._lists: dict[str, str] = {}
        self._levels: dict[tuple[str, int], Level] = {}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)
        if any(part.reltype.endswith("/numbering") for part in document.part.rels.values()):
            self._read(document.part.numbering_part.element)

    def of(self, element: BaseOxmlElement, paragraph: Paragraph) -> str:
        """What Word writes before the paragraph; "" for none."""
        found = _numbering(element)
        style = paragraph.style
        while found is None and style is not None:
            found = _numbering(style.element)
            style = style.base_style
        if found is None:
            return ""
        number, depth = found
        listed = self._lists.get(number, "")
        level = self._levels.get((listed, depth))
        if level is None:
            return ""
        counts = self._counts[listed]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [each for each in counts if each > depth]:
            del counts[deeper]
        return self._written(listed, level)

    def _written(self, listed: str, level: Level) -> str:
        if level.shape in UNNUMBERED or not level.pattern:
            return ""

        def number(found: re.Match[str]) -> str:
            depth = int(found[1]) - 1
            other = self._levels.get((listed, depth), level)
            return _spelt(self._counts[listed].get(depth, other.start), other.shape)

        label = re.sub(r"%(\d)", number, level.pattern)
        return label if label.endswith(CLOSED) else f"{label}　"

    def _read(self, root: BaseOxmlElement) -> None:
        for abstract in root.iter(qn("w:abstractNum")):
            listed = abstract.get(qn("w:abstractNumId"), "")
            for level in abstract.iter(qn("w:lvl")):
                depth = int(level.get(qn("w:ilvl"), "0"))
                self._levels[listed, depth] = Level(
                    int(_value(level, "w:start") or 1),
                    _value(level, "w:numFmt"),
                    _value(level, "w:lvlText"),
                )
        for number in root.iter(qn("w:num")):
            self._lists[number.get(qn("w:numId"), "")] = _value(number, "w:abstractNumId")


def _numbering(element: BaseOxmlElement) -> tuple[str, int] | None:
    """List and level that a paragraph or a style names; list "0" means none on purpose."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    if found is None:
        return None
    return _value(found, "w:numId"), int(_value(found, "w:ilvl") or 0)


def _value(parent: BaseOxmlElement, tag: str) -> str:
    child = parent.find(qn(tag))
    return "" if child is None else child.get(qn("w:val"), "")


def _spelt(count: int, shape: str) -> str:
    if shape in CHINESE and count > 0:
        return article_number(count).removeprefix("第").removesuffix("条")
    return str(count)
