"""Campaign files: what may stand in them, and when they are due."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE
from scheduler.season import SeasonError, load_seasons

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """
slug: spring
title: 春送岗位
owner: 生活保障部
due: {month: 2, day: 28, at: "08:30"}
audience: {sex: all}
text: 招聘会本周六上午九点开始。
"""


def complaint(folder: Path, content: str, name: str = "spring.yaml") -> str:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(SeasonError) as wrong:
        load_seasons(folder)
    return str(wrong.value)


def test_a_season_is_due_at_its_time_in_wuhan(tmp_path: Path):
    (tmp_path / "spring.yaml").write_text(GOOD, encoding="utf-8")
    (season,) = load_seasons(tmp_path)
    assert season.due.in_year(2027) == datetime(2027, 2, 28, 0, 30, tzinfo=UTC)
    assert (season.title, season.audience.sex) == ("春送岗位", "all")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title:", "titel:", "titel"),
        ("day: 28", "day: 29", "due"),
        ("day: 28", "day: 30", "due"),
        ("month: 2", "month: 13", "due.month"),
        ("sex: all", "sex: X", "audience.sex"),
        ('at: "08:30"', 'at: "25:00"', "due.at"),
        ("text: 招聘会本周六上午九点开始。", 'text: ""', "text"),
        ("owner: 生活保障部\n", "", "owner"),
        ("slug: spring", "slug: Spring", "slug"),
        ("slug: spring", "slug: summer", "slug is summer, expected spring"),
        ("slug: spring", "slug: [", "while parsing"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong(tmp_path: Path, old: str, new: str, told: str):
    said = complaint(tmp_path, GOOD.replace(old, new))
    assert said.startswith("spring.yaml: ")
    assert told in said


def test_every_season_that_ships_is_whole_and_has_an_owner():
    folder = HERE / "scheduler" / "seasons"
    seasons = load_seasons(folder)
    assert [season.slug for season in seasons] == sorted(file.stem for file in folder.iterdir())
    assert all(season.owner and season.text.endswith("。") for season in seasons)
