"""Laws are cut into the articles they consist of, or the fault is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.statute import Article, StatuteError, article_number, article_ordinal, parse

TEXTS = Path(__file__).parents[4] / "shared" / "data" / "policies"
LAW = """# 中华人民共和国示例法

2001年2月3日 示例会议通过

2011年4月5日 《关于修改〈示例法〉的决定》第一次修正

<!-- INFO END -->

## 第一章 总　则

第一条 为了示例，制定本法。

第二条 下列人员适用本法：

（一）甲；

（二）乙。

第二条规定的人员另有规定的除外。

## 第二章 附则

### 第一节 施行

第三条 本法自2001年5月1日起施行。

附录：

一、名单
"""


def test_articles_keep_their_place_and_their_paragraphs():
    statute = parse("示例法(2011-04-05)", LAW)
    assert statute.articles[1:] == (
        Article(
            number="第二条",
            ordinal=2,
            inserted=0,
            heading=("第一章 总 则",),
            text="下列人员适用本法：\n（一）甲；\n（二）乙。\n第二条规定的人员另有规定的除外。",
        ),
        Article("第三条", 3, 0, ("第二章 附则", "第一节 施行"), "本法自2001年5月1日起施行。"),
    )


def test_dates_and_appendix_are_told_apart():
    statute = parse("示例法(2011-04-05).md", LAW)
    assert statute.title == "示例法"
    assert statute.issued == date(2011, 4, 5)
    assert statute.in_force_from == date(2001, 5, 1)
    assert statute.amended == (date(2011, 4, 5),)
    assert statute.appendix == "附录：\n一、名单"


def test_an_inserted_article_follows_its_neighbour():
    text = LAW.replace("## 第二章 附则", "第二条之一 补充的规定。\n\n## 第二章 附则")
    numbers = [
        (x.number, x.ordinal, x.inserted) for x in parse("示例法(2011-04-05)", text).articles
    ]
    assert numbers[2:] == [("第二条之一", 2, 1), ("第三条", 3, 0)]


@pytest.mark.parametrize(
    ("name", "text", "fault"),
    [
        ("示例法", LAW, "文件名“示例法”应写作"),
        ("示例法(2011-13-05)", LAW, "日期“2011-13-05”不存在"),
        ("示例法(2011-04-05)", "第一条 没有抬头。", "没有一行“<!-- INFO END -->”"),
        ("示例法(2011-04-05)", "# 示例\n<!-- INFO END -->\n只有话。", "第 2 行以后没有条文"),
        (
            "示例法(2011-04-05)",
            LAW.replace("第三条 本法", "第五条 本法"),
            "第 25 行：这里应为“第三条”，却是“第五条”",
        ),
        (
            "示例法(2011-04-05)",
            LAW.replace("第一条 为了示例，制定本法。", "第一条"),
            "“第一条”没有内容",
        ),
        (
            "示例法(2011-04-05)",
            LAW.replace("### 第一节 施行", "### 第一节 施行\n\n多出来的一段。"),
            "标题之后应为“第三条”",
        ),
    ],
)
def test_a_broken_text_is_refused_with_its_line(name, text, fault):
    with pytest.raises(StatuteError) as caught:
        parse(name, text)
    assert fault in str(caught.value)


@given(st.integers(1, 9999), st.integers(0, 19))
def test_article_numbers_go_there_and_back(ordinal, inserted):
    assert article_ordinal(article_number(ordinal, inserted)) == (ordinal, inserted)


@pytest.mark.parametrize(
    ("ordinal", "number"),
    [
        (6, "第六条"),
        (10, "第十条"),
        (15, "第十五条"),
        (110, "第一百一十条"),
        (101, "第一百零一条"),
    ],
)
def test_article_numbers_are_written_as_laws_write_them(ordinal, number):
    assert article_number(ordinal) == number


def test_what_is_no_article_number_is_refused():
    with pytest.raises(StatuteError):
        article_ordinal("六条")


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the collection of full texts is not beside us")
def test_the_whole_collection_is_cut_without_losing_an_article():
    statutes = [parse(x.stem, x.read_text(encoding="utf-8")) for x in sorted(TEXTS.glob("*.md"))]
    lengths = {x.title: len(x.articles) for x in statutes}
    assert (len(lengths), lengths["劳动法"], lengths["工会法"]) == (32, 107, 58)
    assert sum(lengths.values()) == 1935
