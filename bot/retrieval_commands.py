"""`lianxin policy train-eval`: how well texts alone are found, without cards written for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.labelled import read_set
from bot.running import CannotRunError
from handlers.actions.vectors import vectors_of
from models import db
from nlp.encode import Side
from nlp.passages import Bm25, joined, recall
from nlp.turn import learn_turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from handlers.encoding import Encoding
    from models.db import Sessions
    from nlp.encode import Encoder
    from nlp.turn import Floats

BAR = 30
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
class Task:
    """Texts, and questions with the places of their answers among them."""

    texts: list[str]
    train: list[tuple[str, list[int]]]
    dev: list[tuple[str, list[int]]]


def read_task(corpus: Path, queries: Path) -> Task:
    """The sets as they are written in the files; CannotRunError when they do not fit together."""
    statutes = read_set(corpus, Statute)
    places = {each.id: place for place, each in enumerate(statutes)}
    rows: dict[str, list[tuple[str, list[int]]]] = {"train": [], "dev": []}
    for each in read_set(queries, Query):
        gold = [places[one] for one in each.gold if one in places]
        if each.split in rows and gold:
            rows[each.split].append((each.q, gold))
    if not rows["train"] or not rows["dev"]:
        raise CannotRunError("questions of the splits train and dev are needed, with known texts")
    lines = (f"{each.name}\n{each.content}".split("\n") for each in statutes)
    texts = ["\n".join(filter(None, each)) for each in lines]
    return Task(texts, rows["train"], rows["dev"])


async def train_and_evaluate(url: str, encoding: Encoding, task: Task) -> int:
    """Learn from the questions to train with, and find the texts for those that are kept back."""
    encoder = await encoding.load()
    if encoder is None:
        raise CannotRunError(f"texts are found by their meaning: {encoding.fault}")
    engine = db.open_engine(url, pool_size=2)
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            articles, train, dev = await _vectors(db.sessions(engine), encoder, task, progress)
    finally:
        encoding.stop()
        await engine.dispose()
    turn = learn_turn(train, [gold for _, gold in task.train], articles)
    words = Bm25(task.texts).all_scores([question for question, _ in task.dev])
    turned = turn.turned(dev) @ articles.T
    _report(
        [gold for _, gold in task.dev],
        {
            "words": words,
            "meaning": dev @ articles.T,
            "meaning, turned": turned,
            "turned, and words": joined(turned, words),
        },
    )
    return 0


async def _vectors(
    sessions: Sessions, encoder: Encoder, task: Task, progress: Progress
) -> tuple[Floats, Floats, Floats]:
    bar = progress.add_task("vectors", total=None)

    def step(done: int, total: int) -> None:
        progress.update(bar, completed=done, total=total)

    return (
        await vectors_of(sessions, task.texts, encoder, step, Side.PASSAGE),
        await vectors_of(sessions, [question for question, _ in task.train], encoder, step),
        await vectors_of(sessions, [question for question, _ in task.dev], encoder, step),
    )


def _report(golds: Sequence[Sequence[int]], ways: dict[str, Floats]) -> None:
    """The share of right texts among the first ones, with bars for the last cut."""
    table = Table(box=None, pad_edge=False)
    for name in ("found by", *(f"R@{cut}" for cut in CUTS), ""):
        table.add_column(name)
    for name, scores in ways.items():
        shares = [recall(golds, scores, cut) for cut in CUTS]
        bar = ("█" * round(shares[-1] * BAR)).ljust(BAR, "░")
        table.add_row(name, *(f"{share:.3f}" for share in shares), bar)
    console = Console()
    console.print(table)
    console.print(f"{len(golds)} questions among {len(next(iter(ways.values()))[0]):,} texts")
