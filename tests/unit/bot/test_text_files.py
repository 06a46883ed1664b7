"""Files of four formats become the same articles; a broken one is named with its reason."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from bot.text_files import OLE, UnreadableError, full_text, lines_of
from nlp.full_text import Given
from nlp.statute import parse
from tests import papers
from tests.chromium import open_browser

TEXTS = Path(__file__).parents[4] / "shared" / "data" / "policies"
BODIES = {
    "第一条": "为了做好职工疗休养工作，制定本办法。",
    "第二条": "本办法适用于在本区工作满一年的工会会员。",
    "第三条": (
        "疗休养每年安排一次，每次不超过5天。\n有下列情形之一的，可以延长2天：\n"
        "（一）连续工作满二十年的；\n（二）从事有毒有害工作的。"
    ),
    "第四条": "本办法自2024年4月1日起施行，有效期3年。",
}
PAGES = (
    ("临湖区工会　疗休养", *papers.RULES.splitlines()[2:15], "- 1 -"),
    ("临湖区工会　疗休养", "第三条　疗休养每年安排一次，", "每次不超过5天。", "- 2 -"),
    (
        "临湖区工会　疗休养",
        *papers.RULES.splitlines()[17:20],
        "第四条　本办法自2024年4月1日起施",
        "行，有效期3年。",
        "- 3 -",
    ),
)


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("ending", "content"),
    [
        ("md", papers.RULES.encode()),
        ("txt", papers.RULES.encode()),
        ("txt", papers.RULES.encode("gb18030")),
        ("txt", papers.RULES.encode("utf-16")),
        ("docx", papers.word()),
        ("pdf", papers.pdf(PAGES)),
    ],
    ids=["md", "txt", "gb18030", "utf-16", "docx", "pdf"],
)
def test_every_format_gives_the_same_articles_and_dates(ending: str, content: bytes):
    text = full_text(f"疗休养.{ending}", content, Given())
    assert {each.number: each.text for each in text.statute.articles} == BODIES | (
        {"第四条": f"{BODIES['第四条']}\n附表 名额"} if ending == "docx" else {}
    )
    assert text.stem == "职工疗休养管理办法(2024-03-01)"
    assert text.statute.in_force_from == date(2024, 4, 1)
    assert text.in_force_to == date(2027, 3, 31)
    assert (text.issuer, text.scope) == ("江城市临湖区总工会", "本单位")
    assert text.statute.articles[2].heading == ("第二章 安排",)


async def test_a_page_that_a_browser_printed_is_read():
    body = "".join(f"<p>{line}</p>" for line in papers.RULES.splitlines() if line)
    async with open_browser() as browser:
        page = await browser.new_page()
        await page.set_content(f"<html lang=zh><body>{body}</body></html>")
        content = await page.pdf(format="A5")
    text = full_text("疗休养.pdf", content, Given())
    assert {each.number: each.text for each in text.statute.articles} == BODIES


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.doc", b"x", "只能导入"),
        ("a.txt", b"", "文件是空的"),
        ("a.txt", b" \n\n ", "文件是空的"),
        ("a.txt", b"\x00\x01\xff\xfe\x80", "不是能认出的文字"),
        ("a.txt", b"x" * (20 * 2**20 + 1), "超过 20 MB"),
        ("a.docx", OLE + b"x" * 600, "旧版 Word"),
        ("a.docx", OLE + "EncryptedPackage".encode("utf-16-le"), "有密码"),
        ("a.docx", b"not a zip", "不是 Word 文件"),
        ("a.docx", packed(other=b"x"), "没有 Word 正文"),
        ("a.docx", packed(word__document_xml=b"\0" * (101 * 2**20)), "超过 100 MB"),
        ("a.docx", packed(word__document_xml=b"<broken"), "损坏"),
        ("a.docx", papers.word("\n"), "分不出条文"),
        ("a.docx", papers.revised(), "修订痕迹"),
        ("a.pdf", b"%PDF-1.7 and nothing", "损坏"),
        ("a.pdf", papers.scanned(), "扫描件"),
        ("a.pdf", papers.locked(), "有密码"),
        ("a.md", "# 只有话\n\n没有条文。".encode(), "没有找到以“第一条”开头的一行"),
        ("a.md", "# 某办法\n\n第一条 为了示例。".encode(), "没有找到公布日期"),
        ("某法(2024-13-01).md", "第一条 为了示例。".encode(), "不存在"),
        ("某法(2024-01-01).md", "第一条 甲。\n第三条 乙。".encode(), "这里应为“第二条”"),
    ],
)
def test_a_broken_file_is_named_with_its_reason(name: str, content: bytes, reason: str):
    with pytest.raises(UnreadableError) as caught:
        full_text(name, content, Given())
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_a_person_says_goes_before_what_the_text_says():
    given = Given("新办法", "某公司", "湖北", date(2025, 1, 2), date(2025, 2, 3), "来信")
    text = full_text("疗休养.txt", papers.RULES.encode(), given)
    assert (text.stem, text.issuer, text.scope) == ("新办法(2025-01-02)", "某公司", "湖北")
    assert (text.statute.in_force_from, text.source) == (date(2025, 2, 3), "来信")


def test_a_day_in_force_that_nobody_names_stays_unknown():
    words = papers.RULES.replace("本办法自2024年4月1日起施行，有效期3年。", "由区工会解释。")
    text = full_text("疗休养.txt", words.encode(), Given())
    assert text.statute.in_force_from is None
    assert text.in_force_to is None


def test_in_force_from_issue_means_the_day_on_which_it_was_issued():
    words = papers.RULES.replace("自2024年4月1日起施行，有效期3年", "自印发之日起施行")
    text = full_text("疗休养.txt", words.encode(), Given())
    assert text.statute.in_force_from == date(2024, 3, 1)


def test_a_line_that_only_refers_to_an_article_begins_none():
    words = papers.RULES.replace("制定本办法。", "制定本办法。\n第二条规定的会员另行安排。")
    text = full_text("疗休养.txt", words.encode(), Given())
    assert text.statute.articles[0].text.endswith("第二条规定的会员另行安排。")
    assert len(text.statute.articles) == 4


def test_a_table_of_contents_is_no_heading_of_the_first_article():
    contents = "目　录\n第一章　总则……1\n第二章　安排……3\n\n第一章　总则"
    words = papers.RULES.replace("第一章　总则", contents, 1)
    text = full_text("疗休养.md", words.encode(), Given())
    assert text.statute.articles[0].heading == ("第一章 总则",)


def test_signature_and_appendix_are_no_part_of_the_last_article():
    words = papers.RULES + "\n临湖区总工会\n二〇二四年三月一日\n\n附件：\n名额表\n"
    text = full_text("疗休养.txt", words.encode(), Given())
    assert text.statute.articles[-1].text == BODIES["第四条"]
    assert text.statute.appendix == "附件：\n名额表"


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the collection of full texts is not beside us")
def test_the_laws_of_the_collection_survive_being_wrapped_into_narrow_lines():
    for file in sorted(TEXTS.glob("*(*.md")):
        statute = parse(file.stem, file.read_text(encoding="utf-8"))
        wrapped = [
            line
            for article in statute.articles
            for paragraph in f"{article.number}　{article.text}".splitlines()
            for line in folded(f"　　{paragraph}")
        ]
        text = full_text(f"{file.stem}.txt", "\n".join(wrapped).encode(), Given())
        read = [(each.number, tight(each.text)) for each in text.statute.articles]
        assert read == [(each.number, tight(each.text)) for each in statute.articles]


def folded(paragraph: str) -> list[str]:
    return [paragraph[at : at + 38] for at in range(0, len(paragraph), 38)]


def tight(text: str) -> str:
    return text.replace(" ", "").replace("\u3000", "")


def test_numbers_that_word_counts_by_itself_are_counted():
    content = papers.word_that_counts("甲。", "乙有下列情形：", "·一项；", "·二项。", "丙。")
    text = full_text("疗休养.docx", content, Given())
    assert [(each.number, each.text) for each in text.statute.articles] == [
        ("第一条", "甲。"),
        ("第二条", "乙有下列情形：\n（一）一项；\n（二）二项。"),
        ("第三条", "丙。"),
    ]


def test_lines_of_a_word_file_keep_the_rows_of_its_tables():
    assert lines_of("a.docx", papers.word("一行")).lines == ("一行", "附表　名额")
