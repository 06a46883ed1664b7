"""Programme files are strict, and every one can be filled to the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from handlers import flow
from handlers.catalogue.answers import missing
from handlers.catalogue.schema import (
    CatalogueError,
    load_programme,
    load_programmes,
    parse_programme,
)
from tests.unit.handlers.walk import HEAD, trial, walked

PROGRAMMES = load_programmes()
GUIDE = Path(__file__).parents[3] / "docs" / "add-an-aid-type.md"


def block(language: str) -> str:
    """The first code block of a language in the guide."""
    _, _, rest = GUIDE.read_text(encoding="utf-8").partition(f"```{language}\n")
    return rest.partition("```")[0]


@pytest.mark.parametrize("slug", PROGRAMMES)
def test_a_member_who_sends_the_examples_reaches_the_end(slug):
    step = walked(PROGRAMMES[slug])
    assert step.outcome is flow.Outcome.SEND
    assert missing(PROGRAMMES[slug], step.draft.answers) == []


@pytest.mark.parametrize("slug", PROGRAMMES)
def test_no_name_of_a_question_means_two_things(slug):
    for questions in (
        PROGRAMMES[slug].questions,
        *(q.questions for q in PROGRAMMES[slug].questions),
    ):
        names = [name for question in questions for name in question.names]
        assert sorted(names) == sorted(set(names))


def test_tuition_asks_for_what_the_aid_needs_and_no_more():
    assert [question.key for question in PROGRAMMES["tuition"].questions] == [
        "child_name",
        "relation",
        "stage",
        "school",
        "enrolled",
        "family",
        "hardship",
        "income",
        "phone",
        "bank_card",
        "household",
        "reason",
        "proof",
    ]


def test_tuition_quotes_no_amount_before_staff_have_confirmed_one():
    programme = PROGRAMMES["tuition"]
    spoken = programme.intro + programme.purpose + programme.consent + programme.after_sending
    assert re.search(r"\d+\s*元", spoken) is None


def test_the_example_of_the_guide_is_a_working_programme(tmp_path):
    file = tmp_path / "medical.yaml"
    file.write_text(block("yaml"), encoding="utf-8")
    programme = load_programmes(tmp_path)["medical"]
    step = walked(programme)
    assert step.outcome is flow.Outcome.SEND
    assert step.draft.answers == {
        "patient": "柳大山",
        "id_number": "990000199001011239",
        "hospital_stay": True,
        "admitted": "2026-03-05",
        "cost": 1_200_000,
        "cause": "手术",
        "family": [{"name": "柳小穗", "relation": "女儿"}],
        "bills": ["p0"],
    }


def test_the_error_shown_in_the_guide_is_the_real_one():
    source = block("yaml").replace("when: hospital_stay ", "when: stay ")
    with pytest.raises(CatalogueError) as error:
        parse_programme(source, "medical.yaml")
    assert block("text").rstrip() == str(error.value)


@pytest.mark.parametrize(
    ("question", "place", "expected"),
    [
        (
            "{key: a, label: 甲, ask: 甲？, example: 子, hnit: 丑}",
            "questions.0.hnit",
            "没有这个名字的项",
        ),
        ("{key: a, label: 甲, ask: 甲？}", "questions.0.example", "这一项必须写"),
        ("{key: A, label: 甲, ask: 甲？, example: 子}", "questions.0.key", "小写英文字母"),
        ("{key: a, label: 甲, ask: 甲？, example: 12}", "questions.0.example", "加引号"),
        ("{key: a, label: 甲, ask: 甲？, kind: tel, example: 子}", "questions.0.kind", "只能是"),
        (
            "{key: a, label: 甲, ask: 甲？, kind: choice, example: 子}",
            "questions.0",
            "至少要写两项",
        ),
        (
            "{key: a, label: 甲, ask: 甲？, kind: phone, min: 1, example: 子}",
            "questions.0",
            "不能写",
        ),
        (
            "{key: a, label: 甲, ask: 甲？, when: 'a =', example: 子}",
            "questions.0.when",
            "写得不对",
        ),
        (
            "{key: a, label: 甲, ask: 甲？, when: 'b > 1', example: 子}",
            "整份文件",
            "前面没有这个 key",
        ),
        ("{key: a, label: 甲, ask: 甲？, sensitive: true, example: 子}", "整份文件", "consent"),
        ("{key: a, label: 甲, ask: 甲？, kind: group, example: 子}", "questions.0", "repeat"),
    ],
)
def test_a_mistake_in_a_file_names_its_place_and_what_is_expected(question, place, expected):
    with pytest.raises(CatalogueError) as error:
        trial(f"  - {question}")
    assert str(error.value).startswith(f"trial.yaml：{place}：")
    assert expected in str(error.value)


def test_a_label_misspelt_in_a_condition_is_refused():
    with pytest.raises(CatalogueError, match="“在挡”，可选的只有：不在档、在档"):
        trial(
            "  - {key: a, label: 甲, ask: 甲？, kind: choice, choices: [{label: 在档}, "
            "{label: 不在档}], example: 在档}\n"
            "  - {key: b, label: 乙, ask: 乙？, when: \"a == '在挡'\", example: 子}"
        )


def test_a_condition_that_gives_no_yes_or_no_is_refused():
    with pytest.raises(CatalogueError, match="要得出“是”或“否”"):
        trial(
            "  - {key: a, label: 甲, ask: 甲？, kind: number, example: '1'}\n"
            "  - {key: b, label: 乙, ask: 乙？, when: a + 1, example: 子}"
        )


def test_a_key_written_twice_is_refused_instead_of_one_winning():
    with pytest.raises(CatalogueError, match="第 2 行不是正确的 YAML：“slug”写了两遍"):
        parse_programme("slug: a\nslug: b\n", "twice.yaml")


def test_a_file_under_another_name_is_refused(tmp_path):
    question = "questions: [{key: a, label: 甲, ask: 甲？, example: 子}]"
    (tmp_path / "other.yaml").write_text(f"{HEAD}{question}", encoding="utf-8")
    with pytest.raises(CatalogueError, match="写成 other"):
        load_programmes(tmp_path)


def test_one_keyword_cannot_lead_to_two_programmes(tmp_path):
    question = "questions: [{key: a, label: 甲, ask: 甲？, example: 子}]"
    for slug in ("one", "two"):
        source = f"{HEAD}{question}".replace("slug: trial", f"slug: {slug}")
        (tmp_path / f"{slug}.yaml").write_text(source, encoding="utf-8")
    with pytest.raises(CatalogueError, match="“试填”已经属于 one"):
        load_programmes(tmp_path)


def test_a_file_that_is_no_yaml_names_the_line(tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text("slug: [a\ntitle: b\n", encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"broken[.]yaml：第 2 行不是正确的 YAML"):
        load_programme(file)
