"""Files as units hand them in, made where a test needs them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import docx
from docx.oxml import parse_xml
from pypdf import PdfWriter

if TYPE_CHECKING:
    from collections.abc import Sequence

RULES = """江城市临湖区工会文件

临工发〔2024〕5号

职工疗休养管理办法

（2024年3月1日江城市临湖区总工会印发）

第一章　总则

第一条　为了做好职工疗休养工作，制定本办法。

第二条　本办法适用于在本区工作满一年的工会会员。

第二章　安排

第三条　疗休养每年安排一次，每次不超过5天。
有下列情形之一的，可以延长2天：
（一）连续工作满二十年的；
（二）从事有毒有害工作的。

第四条　本办法自2024年4月1日起施行，有效期3年。
"""


FONT = """<< /Type /Font /Subtype /Type0 /BaseFont /T /Encoding /Identity-H /ToUnicode 5 0 R
/DescendantFonts [4 0 R] >>"""
LETTERS = """<< /Type /Font /Subtype /CIDFontType2 /BaseFont /T /DW 1000 /CIDSystemInfo
<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"""


def word(text: str = RULES) -> bytes:
    """A .docx with a line a paragraph, and a table at the end."""
    document = docx.Document()
    for line in text.splitlines():
        document.add_paragraph(line)
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "附表", "名额"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def word_that_counts(*bodies: str) -> bytes:
    """A .docx whose article numbers are counted by Word and stand nowhere in the text."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    for each in list(numbering):
        numbering.remove(each)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    numbering.append(
        parse_xml(
            f'<w:abstractNum {space} w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
            '<w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="第%1条"/></w:lvl>'
            '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/>'
            '<w:lvlText w:val="（%2）"/></w:lvl></w:abstractNum>'
        )
    )
    numbering.append(parse_xml(f'<w:num {space} w:numId="3"><w:abstractNumId w:val="7"/></w:num>'))
    for line in RULES.splitlines()[2:8]:
        document.add_paragraph(line)
    for body in bodies:
        paragraph = document.add_paragraph(body.lstrip("·"))
        level = int(body.startswith("·"))
        paragraph.paragraph_format.element.get_or_add_pPr().append(
            parse_xml(f'<w:numPr {space}><w:ilvl w:val="{level}"/><w:numId w:val="3"/></w:numPr>')
        )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def revised() -> bytes:
    """A .docx with a change that nobody has accepted yet."""
    document = docx.Document()
    paragraph = document.add_paragraph("第一条 为了示例。")
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    paragraph.paragraph_format.element.append(
        parse_xml(f'<w:ins {space} w:id="1"><w:r><w:t>新的话。</w:t></w:r></w:ins>')
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF of these lines, with a font of which only the letters are told."""
    letters = sorted({sign for page in pages for line in page for sign in line})
    code = {sign: at for at, sign in enumerate(letters, 1)}
    rows = "\n".join(f"<{at:04X}> <{ord(sign):04X}>" for sign, at in code.items())
    cmap = f"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /T def 1 begincodespacerange <0000> <FFFF> endcodespacerange
{len(code)} beginbfchar
{rows}
endbfchar endcmap end end"""
    kids = " ".join(f"{6 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        FONT,
        LETTERS,
        _stream(cmap),
    ]
    for at, page in enumerate(pages):
        shown = "\n".join(
            f"BT /F1 12 Tf 40 {800 - 18 * row} Td <{coded}> Tj ET"
            for row, line in enumerate(page)
            for coded in ["".join(f"{code[sign]:04X}" for sign in line)]
        )
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            f"<< /Font << /F1 3 0 R >> >> /Contents {7 + 2 * at} 0 R >>"
        )
        objects.append(_stream(shown))
    out, places = b"%PDF-1.7\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{end}".encode()


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def scanned() -> bytes:
    """A PDF with a page and no text on it."""
    return _written(PdfWriter())


def locked() -> bytes:
    """A PDF that opens with a password."""
    writer = PdfWriter()
    writer.encrypt("geheim", algorithm="AES-256")
    return _written(writer)


def _written(writer: PdfWriter) -> bytes:
    writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
