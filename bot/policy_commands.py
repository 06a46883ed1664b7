"""`lianxin policy ask|eval|check|fit`: questions from a pipe, and what they are answered with."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select

from bot.config import HERE
from bot.labelled import read_set
from bot.running import CannotRunError
from handlers.actions.answers import SHANGHAI, kind_said, told, told_reckoning
from handlers.reckon.outcome import Result
from handlers.reckon.reckoner import Reckoner
from models.policy import Article, Document, in_use
from nlp import cards
from nlp.encode import Encoder, EncoderError
from nlp.judged import Gates, fit_gate, load_gates, save_gates, unanswerable
from nlp.learned import Vectors
from nlp.retrieve import Asked, CardIndex, Found, Gate, Kind, Passage
from nlp.statute import StatuteError, parse

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from handlers.actions.clauses import Files
    from models.db import Sessions

BAR = 30
CANDIDATES = 10
UTC = ZoneInfo("UTC")


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
class Desk:
    """Everything that answers, read once; `encoder` only where the vectors are there."""

    index: CardIndex
    gates: Gates
    bodies: dict[tuple[str, str], str]
    encoder: Encoder | None

    def find(self, question: str, kind: Kind | None = None) -> tuple[list[Found], float]:
        """The candidates, best first, and how likely the first one answers."""
        vector = None if self.encoder is None else self.encoder.vector(question)
        asked = Asked(question, kind or kind_said(question), vector)
        found = self.index.search(asked, CANDIDATES)
        if not found:
            return [], 0.0
        return found, self.gate.likelihood(found)

    @property
    def gate(self) -> Gate:
        """The one that fits what the index knows."""
        return self.gates.without_meaning if self.encoder is None else self.gates.with_meaning

    def says(self, found: list[Found], likely: float, now: datetime) -> bool:
        """Whether the first candidate is said to a member."""
        if not found or likely < self.gate.least:
            return False
        card = found[0].card
        day = now.astimezone(SHANGHAI).date()
        return card is not None and card.status == "verified" and card.in_force(day)

    def words(self, found: Found) -> str:
        """What a member reads."""
        if found.card is None:
            return ""
        return told(found.card, self.bodies.get((found.document, found.article)))


async def read_passages(sessions: Sessions) -> list[Passage]:
    """Every imported article."""
    async with sessions() as work:
        rows = await work.execute(
            select(Document.stem, Article.number, Article.body)
            .join(Article, Article.document_id == Document.id)
            .where(in_use())
            .order_by(Document.stem, Article.ordinal)
        )
        return [Passage(stem, number, body) for stem, number, body in rows]


def open_desk(files: Files, passages: list[Passage], *, make_vectors: bool) -> Desk:
    """Cards, texts, and vectors when they are there; making those takes ten minutes, once."""
    index = CardIndex(cards.load(files.cards), passages)
    bodies = {(each.document, each.article): each.body for each in passages}
    gates = load_gates(files.gate)
    vectors = Vectors(files.kept)
    if not make_vectors and not vectors.has(index.sample_questions):
        note = "vectors are not made yet, characters alone decide: see `policy eval --vectors`"
        Console(stderr=True).print(note)
        return Desk(index, gates, bodies, None)
    try:
        encoder = Encoder()
    except EncoderError as exc:
        Console(stderr=True).print(f"without the encoder: {exc}")
        return Desk(index, gates, bodies, None)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("vectors of the sample questions", total=None)
        made = vectors.of(
            index.sample_questions,
            encoder,
            lambda done, total: progress.update(task, completed=done, total=total),
        )
    return Desk(index.with_vectors(made), gates, bodies, encoder)


def ask(desk: Desk, now: datetime) -> int:
    """Answer each line of standard input with one line of JSON."""
    broken = 0
    reckoner = Reckoner.load(HERE / "handlers" / "reckon")
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
        kind = asked.member_kind if asked.member_kind in {"企业", "机关", "事业", "社团"} else None
        found, likely = desk.find(asked.question, kind)  # type: ignore[arg-type]
        answered = desk.says(found, likely, now)
        _print(
            {
                "answered": answered,
                "answer": desk.words(found[0]) if answered else "",
                "likelihood": round(likely, 3),
                "citations": [_citation(found[0])] if answered else [],
                "candidates": [_citation(each) for each in found],
                "reckoned": _reckoned(desk, reckoner, asked.question, kind, now),
            }
        )
    return 1 if broken else 0


def _reckoned(
    desk: Desk, reckoner: Reckoner, question: str, kind: str | None, now: datetime
) -> str:
    """The calculation that the question carries; "" where it carries none or not enough."""
    pending = reckoner.begin(question, now)
    if pending is None:
        return ""
    outcome = reckoner.outcome(pending, now, kind or kind_said(question) or "")
    return told_reckoning(outcome, desk.bodies) if isinstance(outcome, Result) else ""


def evaluate(desk: Desk, files: list[Path], now: datetime) -> int:
    """Hits, mean reciprocal rank, answered and refused, by law, with bars."""
    console = Console()
    for file in files:
        outcomes = [_try(desk, row, now) for row in read_set(file, Row)]
        ranked = [each for each in outcomes if each.row.gold]
        by_law: dict[str, list[bool]] = defaultdict(list)
        for each in ranked:
            by_law[each.row.gold[0].law].append(each.rank == 1)
        _report(console, file, [each.rank for each in ranked], by_law)
        count = len(outcomes)
        said = [each for each in outcomes if each.words]
        right = sum(each.rank == 1 for each in said)
        wanted = sum(len(each.row.answer_contains) for each in outcomes)
        for name, value in (
            ("questions", f"{count}"),
            ("answered right", f"{right / count:.3f}"),
            ("answered wrong", f"{(len(said) - right) / count:.3f}"),
            ("refused", f"{1 - len(said) / count:.3f}"),
            ("facts in the answer", f"{_facts(said) / wanted:.3f} of {wanted}" if wanted else "–"),
            ("encoder", "characters alone" if desk.encoder is None else "ready"),
            ("p50, p95", _spread([each.cost for each in outcomes])),
        ):
            console.print(f"{name:>22}  {value}")
    return 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: place of the first gold article, words said, milliseconds."""

    row: Row
    rank: int | None
    words: str
    cost: float


def _try(desk: Desk, row: Row, now: datetime) -> Outcome:
    began = time.perf_counter()
    found, likely = desk.find(row.question)
    cost = (time.perf_counter() - began) * 1000
    gold = {(each.law, each.article) for each in row.gold}
    rank = next((n for n, x in enumerate(found, 1) if (x.document, x.article) in gold), None)
    words = desk.words(found[0]) if desk.says(found, likely, now) else ""
    return Outcome(row, rank, words, cost)


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


def fit(desk: Desk, gate: Path) -> int:
    """Fit both gates anew, and the likelihood from which an answer is said."""
    if desk.encoder is None:
        raise CannotRunError("the gate with meaning needs the encoder, which cannot run here")
    refused = unanswerable(gate)
    fitted: list[Gate] = []
    console = Console()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("fitting", total=None)
        for index, vector in (
            (desk.index, desk.encoder.vector),
            (CardIndex(desk.index.cards), None),
        ):
            one, tried = fit_gate(index, refused, vector, lambda: progress.advance(task))
            fitted.append(one)
            said = [right for likely, right in tried if likely >= one.least]
            console.print(
                f"{'with' if vector else 'without'} meaning, from {one.least:.2f}: "
                f"{len(said) / len(tried):.2f} of those tried answered, "
                f"{sum(said) / max(1, len(said)):.2f} of them right"
            )
    save_gates(gate, Gates(fitted[0], fitted[1]))
    return 0


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
        bar = ("█" * round(share * BAR)).ljust(BAR, "░")
        table.add_row(law, str(len(hits)), f"{share:.2f}", bar)
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
