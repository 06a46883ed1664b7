"""Files with texts of rules: their bytes turned into lines, or the reason why that cannot be."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from lzma import LZMAError
from pathlib import PurePath
from typing import TYPE_CHECKING

from docx.opc.exceptions import OpcError
from pypdf import PasswordType, PdfReader
from pypdf.errors import PyPdfError

from bot import word_files
from nlp.full_text import FullText, Given, read
from nlp.statute import StatuteError

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDINGS = (".md", ".txt", ".docx", ".pdf")
LARGEST = 20 * 1024 * 1024  # bytes of one file; the Labour Contract Law has 60 thousand
UNPACKED = 100 * 1024 * 1024  # bytes of everything inside a .docx
MOST_PAGES = 1000
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old Office files, and of locked ones
LOCKED = "EncryptedPackage".encode("utf-16-le")
# What the readers let through from files that are not as their standards want them.
BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    LZMAError,
    OpcError,
    OSError,
    PyPdfError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class UnreadableError(Exception):
    """The file cannot be imported; the text is one sentence for the person who handed it in."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a file; `wrapped` when a paragraph may run over several of them."""

    lines: tuple[str, ...]
    wrapped: bool


def full_text(name: str, content: bytes, given: Given) -> FullText:
    """Read one file whole; UnreadableError says why not. It may take seconds: use a thread."""
    try:
        found = lines_of(name, content)
        return read(name, found.lines, given, wrapped=found.wrapped)
    except StatuteError as exc:
        raise UnreadableError(str(exc)) from exc


def lines_of(name: str, content: bytes) -> Lines:
    """The lines of a .md, .txt, .docx or .pdf; UnreadableError for anything else."""
    ending = PurePath(name).suffix.lower()
    if ending not in ENDINGS:
        raise UnreadableError(f"只能导入 {'、'.join(ENDINGS)} 文件，这个文件的后缀是“{ending}”。")
    if len(content) > LARGEST:
        raise UnreadableError(f"文件超过 {LARGEST // 2**20} MB，太大了，请去掉图片或分开导入。")
    if not content.strip():
        raise UnreadableError("文件是空的。")
    if ending == ".pdf":
        return Lines(tuple(_pdf(content)), wrapped=True)
    if ending == ".docx":
        return Lines(tuple(_docx(content)), wrapped=False)
    lines = tuple(_decoded(content).splitlines())
    if not any(line.strip() for line in lines):
        raise UnreadableError("文件是空的。")
    return Lines(lines, wrapped=ending == ".txt")


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")  # type: ignore[assignment]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not re.search(r"[\x00-\x08\x0e-\x1f]", text):
            return text
    raise UnreadableError("文件里不是能认出的文字（试过 UTF-8 和 GB18030），请另存为 UTF-8 文本。")


def _docx(content: bytes) -> Iterator[str]:
    _check_package(content)
    try:
        lines = list(word_files.lines(content))
    except word_files.TrackedChangesError as exc:
        raise UnreadableError(
            "文件里有没处理的修订痕迹，请在 Word 里接受或拒绝全部修订再导入。"
        ) from exc
    except BROKEN as exc:
        raise UnreadableError("Word 文件损坏，打不开，请重新另存为 .docx。") from exc
    if not any(line.strip() for line in lines):
        raise UnreadableError("Word 文件里没有文字，可能只有图片；请找有文字的版本。")
    return iter(lines)


def _check_package(content: bytes) -> None:
    """UnreadableError unless these are the packed parts of a Word file, of a size to be opened."""
    if content.startswith(OLE):
        if LOCKED in content:
            raise UnreadableError("文件有密码，请在 Word 里去掉密码再导入。")
        raise UnreadableError("这是旧版 Word（.doc）文件，只改了后缀；请用 Word 另存为 .docx。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(member.file_size for member in packed.infolist())
            kind = "word/document.xml" in packed.namelist()
    except BROKEN as exc:
        raise UnreadableError("文件损坏，或者不是 Word 文件，请重新另存为 .docx。") from exc
    if size > UNPACKED:
        limit = UNPACKED // 2**20
        raise UnreadableError(f"文件解开后超过 {limit} MB，不像正常的文稿，没有打开。")
    if not kind:
        raise UnreadableError("文件里没有 Word 正文，请用 Word 重新另存为 .docx。")


def _pdf(content: bytes) -> Iterator[str]:
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise UnreadableError("PDF 有密码，打不开；请先去掉密码，或另存为没有密码的 PDF。")
        if len(reader.pages) > MOST_PAGES:
            raise UnreadableError(f"PDF 超过 {MOST_PAGES} 页，请分开导入。")
        pages = [page.extract_text().splitlines() for page in reader.pages]
    except BROKEN as exc:
        raise UnreadableError("PDF 损坏，打不开，请重新下载或另存一次。") from exc
    if not any(line.strip() for page in pages for line in page):
        raise UnreadableError(
            "PDF 是扫描件（只有图片），里面没有文字；请找文字版，或先做文字识别。"
        )
    return _without_running_heads(pages)


def _without_running_heads(pages: list[list[str]]) -> Iterator[str]:
    """The lines of all pages, without those that stand at the edge of most."""
    edges = Counter(
        line for page in pages for line in {each.strip() for each in (*page[:1], *page[-1:])}
    )
    most = {line for line, count in edges.items() if len(pages) > 2 and count * 2 > len(pages)}
    for page in pages:
        inner = list(page)
        while inner and inner[0].strip() in most:
            inner.pop(0)
        while inner and inner[-1].strip() in most:
            inner.pop()
        yield from inner
