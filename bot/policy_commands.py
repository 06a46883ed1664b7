"""`lianxin policy ask|eval|check|fit`: questions from a pipe, and what they are answered with."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.config import HERE
from bot.labelled import bar, read_set
from bot.running import CannotRunError
from handlers.actions.answers import CITED, SHANGHAI, Asker, reckoned, weigh
from handlers.actions.clauses import Clauses, Judged
from handlers.encoding import Encoding
from handlers.reckon.outcome import Result
from handlers.reckon.reckoner import Reckoner
from models import db
from models.db import Sessions
from nlp import cards
from nlp.cards import Kind
from nlp.judged import fit_gate, save_gates
from nlp.retrieve import CardIndex
from nlp.statute import StatuteError, parse
from nlp.turn import Turn, learn_turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime
    from pathlib import Path

    from handlers.actions.clauses import Files
    from nlp.retrieve import Found, Gate


class Question(BaseModel):
    """One line to answer; `member_kind` is the kind of unit of who asks."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    question: str
    member_kind: str | None = None


class Gold(BaseModel):
    """One article that answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: str
    article: str


class Row(BaseModel):
    """One line of a set; without gold the question has to be refused."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    question: str
    gold: tuple[Gold, ...] = ()
    answer_contains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What was found for a question, the words said ("" for none), and the articles they cite.

    A citation is document, article and score, which is 1 for those of a calculation or of an
    article asked for by its number.
    """

    judged: Judged
    words: str
    citations: tuple[tuple[str, str, float], ...]
    reckoned: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that answers a member, without the conversation around it."""

    sessions: Sessions
    clauses: Clauses
    reckoner: Reckoner
    encoding: Encoding

    async def say(self, question: str, kind: Kind | None, now: datetime) -> Told:
        """What a member is told: a calculation where the question carries one, else a clause.

        A calculation that would ask back cannot be asked here, and gives way to the clause.
        """
        async with self.sessions() as work:
            weighed = await weigh(work, self.clauses, question, Asker(kind, ""), now)
            result = self._reckon(question, weighed.kind, now)
            if result is not None:
                found = await reckoned(work, result, now.astimezone(SHANGHAI).date())
                cited = tuple((each.document, each.article, 1.0) for each in result.clauses)
                return Told(weighed.judged, found.words, cited, reckoned=True)
        answer = weighed.answer
        if answer is None:
            return Told(weighed.judged, "", (), reckoned=False)
        score = weighed.judged.found[0].score if answer.slug else 1.0
        cited = ((answer.document, answer.article, round(score, 4)),)
        return Told(weighed.judged, answer.words, cited, reckoned=False)

    def _reckon(self, question: str, kind: Kind | None, now: datetime) -> Result | None:
        pending = None if CITED.search(question) else self.reckoner.begin(question, now)
        if pending is None:
            return None
        outcome = self.reckoner.outcome(pending, now, kind or "")
        return outcome if isinstance(outcome, Result) else None


@asynccontextmanager
async def open_desk(
    url: str, files: Files, encoding: Encoding, *, make_vectors: bool
) -> AsyncIterator[Desk]:
    """Cards, texts, and vectors when they are there; making them takes a quarter of an hour."""
    engine = db.open_engine(url, pool_size=2)
    sessions = db.sessions(engine)
    clauses = Clauses(files, sessions, encoding)
    try:
        await clauses.load()
        await clauses.refresh()
        if make_vectors or await clauses.has_vectors():
            await _learn(clauses, encoding)
        else:
            note = "vectors are not made yet, characters alone decide: `--vectors` makes them"
            Console(stderr=True).print(note)
        yield Desk(sessions, clauses, Reckoner.load(HERE / "handlers" / "reckon"), encoding)
    finally:
        encoding.stop()
        await engine.dispose()


async def _learn(clauses: Clauses, encoding: Encoding) -> None:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("vectors", total=None)
        if not await clauses.learn(
            lambda done, total: progress.update(task, completed=done, total=total)
        ):
            Console(stderr=True).print(f"without the encoder: {encoding.fault}")


async def ask(desk: Desk, now: datetime) -> int:
    """Answer each line of standard input with one line of JSON."""
    broken = 0
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").strip()
        if not line:
            continue
        try:
            asked = Question.model_validate_json(line)
        except ValidationError as exc:
            broken += 1
            _print({"error": f'expected {{"question": …}}: {exc.errors()[0]["msg"]}'})
            continue
        kind = next((kind for kind in get_args(Kind) if kind == asked.member_kind), None)
        said = await desk.say(asked.question, kind, now)
        _print(
            {
                "answered": bool(said.words),
                "answer": said.words,
                "reckoned": said.reckoned,
                "likelihood": round(said.judged.likelihood, 3),
                "citations": [
                    {"document": document, "article": article, "score": score}
                    for document, article, score in said.citations
                ],
                "candidates": [_citation(each) for each in said.judged.found],
            }
        )
    return 1 if broken else 0


async def evaluate(desk: Desk, files: list[Path], now: datetime) -> int:
    """Hits, mean reciprocal rank, answered and refused, by law, with bars."""
    console = Console()
    for file in files:
        outcomes = [await _try(desk, row, now) for row in read_set(file, Row)]
        ranked = [each for each in outcomes if each.row.gold]
        by_law: dict[str, list[bool]] = defaultdict(list)
        for each in ranked:
            by_law[each.row.gold[0].law].append(each.rank == 1)
        _report(console, file, [each.rank for each in ranked], by_law)
        count = len(outcomes)
        said = [each for each in outcomes if each.words]
        right = sum(each.right for each in said)
        wanted = sum(len(each.row.answer_contains) for each in outcomes)
        for name, value in (
            ("questions", f"{count}"),
            ("answered right", f"{right / count:.3f}"),
            ("answered wrong", f"{(len(said) - right) / count:.3f}"),
            ("refused", f"{1 - len(said) / count:.3f}"),
            ("facts in the answer", f"{_facts(said) / wanted:.3f} of {wanted}" if wanted else "–"),
            ("vectors", "in use" if desk.clauses.condition.vectors else "characters alone"),
            ("p50, p95", _spread([each.cost for each in outcomes])),
        ):
            console.print(f"{name:>22}  {value}")
    return 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: place of the first gold article, what was said, milliseconds.

    `right` when a gold article is cited.
    """

    row: Row
    rank: int | None
    words: str
    right: bool
    cost: float


async def _try(desk: Desk, row: Row, now: datetime) -> Outcome:
    began = time.perf_counter()
    said = await desk.say(row.question, None, now)
    cost = (time.perf_counter() - began) * 1000
    gold = {(each.law, each.article) for each in row.gold}
    places = [(each.document, each.article) for each in said.judged.found]
    rank = next((n for n, place in enumerate(places, 1) if place in gold), None)
    cited = {(document, article) for document, article, _ in said.citations}
    return Outcome(row, rank, said.words, bool(cited & gold), cost)


def _facts(said: list[Outcome]) -> int:
    """How many wanted facts stand in what was said."""
    return sum(fact in each.words for each in said for fact in each.row.answer_contains)


def check(folder: Path, texts: Path) -> int:
    """Every figure and quote of every card against the texts; 1 when one does not stand there."""
    faults: list[str] = []
    checked = 0
    for card in cards.load(folder):
        for stem in card.documents:
            file = texts / f"{stem}.md"
            if not file.is_file():
                faults.append(f"{card.slug}: {file.name} is not there")
                continue
            try:
                statute = parse(stem, file.read_text(encoding="utf-8"))
            except StatuteError as exc:
                raise CannotRunError(f"{file.name}: {exc}") from exc
            faults.extend(cards.differences(card, statute))
            checked += 1
    console = Console()
    for fault in faults:
        console.print(fault)
    console.print(f"{checked} cards checked, {len(faults)} faults")
    return 1 if faults else 0


async def fit(desk: Desk, gate: Path) -> int:
    """Learn the turn and fit both gates anew, and the likelihood from which an answer is said."""
    encoder = await desk.encoding.load()
    if encoder is None:
        raise CannotRunError("the gate with meaning needs the encoder, which cannot run here")
    index, gates = await desk.clauses.loaded()
    turn = _learn_turn(index)
    turn.save(gate)
    index = index.turned(turn)
    fitted: dict[str, Gate] = {}
    console = Console()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("fitting", total=None)
        for name, some, vector in (
            ("with_meaning", index, encoder.vector),
            ("without_meaning", CardIndex(index.cards), None),
        ):
            one, tried = fit_gate(some, gates.refused, vector, lambda: progress.advance(task))
            fitted[name] = one
            said = [right for likely, right in tried if likely >= one.least]
            console.print(
                f"{name}, from {one.least:.2f}: "
                f"{len(said) / len(tried):.2f} of those tried answered, "
                f"{sum(said) / max(1, len(said)):.2f} of them right"
            )
    save_gates(gate, fitted)
    return 0


def _learn_turn(index: CardIndex) -> Turn:
    """What the sample questions say of how to find articles; CannotRunError without texts."""
    if index.vectors is None or not index.pairs:
        raise CannotRunError("the turn is learnt from imported texts: run `lianxin policy import`")
    samples, articles = zip(*index.pairs, strict=True)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("learning the turn", total=None)
        return learn_turn(
            index.vectors.samples[list(samples)],
            [[article] for article in articles],
            index.vectors.articles,
            lambda done, total: progress.update(task, completed=done, total=total),
        )


def _report(
    console: Console, file: Path, ranks: list[int | None], by_law: dict[str, list[bool]]
) -> None:
    console.print(f"\n{file.name}", style="bold")
    if not ranks:
        return
    table = Table(box=None, pad_edge=False)
    for name in ("law", "n", "first", ""):
        table.add_column(name)
    for law, hits in sorted(by_law.items(), key=lambda pair: -len(pair[1])):
        share = sum(hits) / len(hits)
        table.add_row(law, str(len(hits)), f"{share:.2f}", bar(share))
    console.print(table)
    for name, value in (
        ("hit@1", _hits(ranks, 1)),
        ("hit@3", _hits(ranks, 3)),
        ("hit@10", _hits(ranks, 10)),
        ("MRR", sum(1 / rank for rank in ranks if rank) / len(ranks)),
    ):
        console.print(f"{name:>22}  {value:.3f}")


def _hits(ranks: list[int | None], most: int) -> float:
    return sum(rank is not None and rank <= most for rank in ranks) / len(ranks)


def _spread(costs: list[float]) -> str:
    if len(costs) < 2:
        return "–"
    cuts = statistics.quantiles(costs, n=100)
    return f"{cuts[49]:.1f} ms, {cuts[94]:.1f} ms"


def _citation(found: Found) -> dict[str, object]:
    return {
        "document": found.document,
        "article": found.article,
        "score": round(found.score, 4),
    }


def _print(told_: dict[str, object]) -> None:
    print(json.dumps(told_, ensure_ascii=False), flush=True)  # noqa: T201 - the command's own voice
