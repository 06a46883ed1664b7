"""The figures of the calculators: strict, dated, and standing where they say they do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
import yaml
from pydantic import ValidationError

from bot.config import HERE
from handlers.reckon.asked import load_asked
from handlers.reckon.figures import load_figures
from nlp import statute

if TYPE_CHECKING:
    from pathlib import Path

FILE = HERE / "handlers" / "reckon" / "figures.yaml"
ASKED = HERE / "handlers" / "reckon" / "asked.yaml"
TEXTS = HERE.parent / "shared" / "data" / "policies"
FIGURES = load_figures(FILE)
CLAUSES = {clause.key: clause for clause in FIGURES.clauses}
SAID = [
    *((f"clause {clause.key}", clause, clause.says) for clause in FIGURES.clauses),
    *((f.key, CLAUSES[f.clause], f.says) for f in FIGURES.figures if f.clause),
    *((f"holiday {h.name}", CLAUSES["holidays"], h.says) for h in FIGURES.holidays),
]


def changed(tmp_path: Path, old: str, new: str) -> Path:
    text = FILE.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "figures.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the collection of full texts is not beside us")
@pytest.mark.parametrize(("name", "clause", "says"), SAID, ids=[each[0] for each in SAID])
def test_every_verified_figure_stands_in_its_article(name, clause, says):
    text = (TEXTS / f"{clause.document}.md").read_text(encoding="utf-8")
    articles = statute.parse(clause.document, text).articles
    article = next(each for each in articles if each.number == clause.article)
    assert says in article.text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: verified", "status: certain"),
        ("clause: leave_days", "clause: nowhere"),
        ("value: 5,", "value: many,"),
        ("value: 5,", "value: null,"),
        ("scope: 全国", "scope: 月球"),
        ("article: 第二条", "colour: red"),
    ],
)
def test_figures_that_are_not_well_formed_stop_the_start(tmp_path, old, new):
    with pytest.raises(ValidationError):
        load_figures(changed(tmp_path, old, new))


def test_a_figure_without_its_text_is_never_verified():
    assert [f.key for f in FIGURES.figures if f.paper and f.status == "verified"] == []
    unsure = {f.key for f in FIGURES.figures if f.status == "unverified"}
    assert unsure == {"maternity_province", "overtime_paid_days", "heat_month", "dues"}


def test_only_what_is_in_force_on_a_day_holds_on_it():
    keys = FIGURES.on(date(2008, 1, 1)).figures.keys()
    assert "leave_short" in keys
    assert "injury_worker" not in keys
    assert "holidays" not in FIGURES.on(date(2024, 12, 31)).clauses


def test_an_input_that_no_calculator_knows_stops_the_start(tmp_path):
    tree = yaml.safe_load(ASKED.read_text(encoding="utf-8"))
    tree["calculators"][0]["reads"].append("shoe_size")
    file = tmp_path / "asked.yaml"
    file.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ValidationError, match="shoe_size"):
        load_asked(file)
