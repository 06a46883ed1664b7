"""`lianxin policy train-eval`: texts without cards, found by words and by meaning."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.retrieval_commands import Task, read_task, recall, train_and_evaluate
from bot.running import CannotRunError
from tests.quick_encoder import QuickEncoder, encoding, no_encoding

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = ("骆驼饲养员每年休假三十天。", "灯塔看守人每月补贴二百元。", "邮差的自行车由单位修理。")


def written(path: Path, rows: list[dict[str, object]]) -> Path:
    lines = (json.dumps(row, ensure_ascii=False) for row in rows)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def files(folder: Path, *splits: str) -> tuple[Path, Path]:
    corpus: list[dict[str, object]] = [
        {"id": 10 + at, "name": f"示例法第{at}条", "content": text}
        for at, text in enumerate(TEXTS)
    ]
    queries: list[dict[str, object]] = [
        {"qid": at, "q": text[:5], "gold": [10 + at % 3, 99], "split": split}
        for at, (text, split) in enumerate(zip(TEXTS * 2, splits, strict=False))
    ]
    return written(folder / "texts.jsonl", corpus), written(folder / "queries.jsonl", queries)


def test_recall_is_the_share_of_right_texts_among_the_first():
    golds, found = [{"甲", "丙"}, {"丙"}], [["甲", "乙", "丙"], ["丙", "乙", "甲"]]
    assert recall(golds, found, 1) == pytest.approx(0.75)
    assert recall(golds, found, 3) == 1.0


def test_texts_and_questions_are_brought_together_by_their_ids(tmp_path: Path):
    task = read_task(*files(tmp_path, "train", "train", "dev", "dev", "other"))
    assert task.passages[1].document == "示例法第1条"
    assert (task.train.golds, task.dev.golds) == ([[0], [1]], [[2], [0]])


def test_questions_without_both_splits_are_refused(tmp_path: Path):
    with pytest.raises(CannotRunError, match="train and dev"):
        read_task(*files(tmp_path, "dev", "dev"))


async def test_the_figures_are_told(database_url: str, tmp_path: Path, capsys):
    task: Task = read_task(*files(tmp_path, "train", "train", "dev", "dev"))
    assert await train_and_evaluate(database_url, encoding(QuickEncoder()), task) == 0
    told = capsys.readouterr().out
    words = next(line for line in told.splitlines() if line.startswith("words"))
    assert words.split()[1:4] == ["1.000", "1.000", "1.000"]
    assert "2 questions among 3 texts" in told


async def test_without_an_encoder_it_is_said(database_url: str, tmp_path: Path):
    task = read_task(*files(tmp_path, "train", "dev"))
    with pytest.raises(CannotRunError, match="AVX2"):
        await train_and_evaluate(database_url, no_encoding(), task)
