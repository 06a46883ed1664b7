"""`lianxin policy train-eval`: how well texts are found by which nobody wrote cards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.labelled import bar, read_set
from bot.running import CannotRunError
from handlers.actions.vectors import vectors_of
from models import db
from nlp.encode import Side
from nlp.retrieve import Asked, CardIndex, Passage, Vectors
from nlp.turn import STRAIGHT, learn_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from handlers.encoding import Encoding
    from models.db import Sessions
    from nlp.encode import Encoder
    from nlp.turn import Floats

CUTS = (1, 3, 10)


class Statute(BaseModel):
    """One text to be found."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: int
    name: str
    content: str


class Query(BaseModel):
    """One question with the texts that answer it."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str
    gold: tuple[int, ...]
    split: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """Questions, and the places of their answers among the texts."""

    questions: list[str]
    golds: list[list[int]]


@dataclass(frozen=True, slots=True)
class Task:
    """Texts as the index takes them, questions to learn from, and questions kept back."""

    passages: list[Passage]
    train: Labelled
    dev: Labelled


def read_task(corpus: Path, queries: Path) -> Task:
    """The sets as they are written in the files; CannotRunError when they do not fit together."""
    statutes = read_set(corpus, Statute)
    places = {each.id: place for place, each in enumerate(statutes)}
    sets = {"train": Labelled([], []), "dev": Labelled([], [])}
    for each in read_set(queries, Query):
        gold = [places[one] for one in each.gold if one in places]
        if each.split in sets and gold:
            sets[each.split].questions.append(each.q)
            sets[each.split].golds.append(gold)
    if not all(each.questions for each in sets.values()):
        raise CannotRunError("questions of the splits train and dev are needed, with known texts")
    passages = [
        Passage(each.name, "", "\n".join(filter(None, each.content.split("\n"))))
        for each in statutes
    ]
    if len({each.document for each in passages}) < len(passages):
        raise CannotRunError("each text needs a name of its own")
    return Task(passages, sets["train"], sets["dev"])


async def train_and_evaluate(url: str, encoding: Encoding, task: Task) -> int:
    """Learn from the questions to train with, and find the texts for those that are kept back."""
    encoder = await encoding.load()
    if encoder is None:
        raise CannotRunError(f"texts are found by their meaning: {encoding.fault}")
    index = CardIndex((), task.passages)
    engine = db.open_engine(url, pool_size=2)
    try:
        articles, train, dev = await _vectors(db.sessions(engine), encoder, index, task)
    finally:
        encoding.stop()
        await engine.dispose()
    turn = learn_turn(train, task.train.golds, articles)
    _report(
        task,
        {
            "words": _found(index, task, None),
            "and meaning": _found(
                index.with_vectors(Vectors(dev[:0], articles, STRAIGHT)), task, dev
            ),
            "turned": _found(index.with_vectors(Vectors(dev[:0], articles, turn)), task, dev),
        },
    )
    return 0


async def _vectors(
    sessions: Sessions, encoder: Encoder, index: CardIndex, task: Task
) -> tuple[Floats, Floats, Floats]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        shown = progress.add_task("vectors", total=None)

        def step(done: int, total: int) -> None:
            progress.update(shown, completed=done, total=total)

        return (
            await vectors_of(sessions, index.article_texts, encoder, step, Side.PASSAGE),
            await vectors_of(sessions, task.train.questions, encoder, step),
            await vectors_of(sessions, task.dev.questions, encoder, step),
        )


def _found(index: CardIndex, task: Task, vectors: Floats | None) -> list[list[str]]:
    """The names of the first texts for each question that was kept back."""
    rows = [None] * len(task.dev.questions) if vectors is None else list(vectors)
    return [
        [each.document for each in index.search(Asked(question, vector=row), max(CUTS))]
        for question, row in zip(task.dev.questions, rows, strict=True)
    ]


def _report(task: Task, ways: dict[str, list[list[str]]]) -> None:
    """The share of right texts among the first ones, with bars for the last cut."""
    golds = [{task.passages[place].document for place in gold} for gold in task.dev.golds]
    table = Table(box=None, pad_edge=False)
    for name in ("found by", *(f"R@{cut}" for cut in CUTS), ""):
        table.add_column(name)
    for name, found in ways.items():
        shares = [recall(golds, found, cut) for cut in CUTS]
        table.add_row(name, *(f"{share:.3f}" for share in shares), bar(shares[-1]))
    console = Console()
    console.print(table)
    console.print(f"{len(golds)} questions among {len(task.passages):,} texts")


def recall(golds: Sequence[set[str]], found: Sequence[Sequence[str]], cut: int) -> float:
    """The share of right texts among so many first ones, as a mean over the questions."""
    shares = [
        len(gold.intersection(names[:cut])) / len(gold)
        for gold, names in zip(golds, found, strict=True)
    ]
    return sum(shares) / len(shares)
