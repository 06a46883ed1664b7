"""`lianxin nlp …`: classify lines, measure understanding, look after the examples."""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.labelled import bar, read_set
from bot.running import CannotRunError
from handlers.language import Edition, load_edition
from nlp import examples as example_tools
from nlp import learned, measure
from nlp.encode import Encoder, EncoderError
from nlp.entities import EntityKind, find, read_back
from nlp.examples import Examples
from nlp.learned import KeptVectors, learn_head
from nlp.linear import grams
from nlp.situation import Situation, chosen
from nlp.understand import Meaning, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from handlers.language import Places
    from nlp.names import Names

FLOODS = {
    "10,000 characters": "工" * 10_000,
    "10,000 emoji": "😂" * 10_000,
    "10,000 NUL": "\x00" * 10_000,
    "10,000 surrogates": "\udc80" * 10_000,
}
SHOWN = 15


class Line(BaseModel):
    """One line to classify; `context` may hold `offered`, the words shown with numbers before."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    context: dict[str, object] | None = None


class EntityLine(BaseModel):
    """One entity of a labelled set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: EntityKind
    text: str
    value: str | int
    start: int
    end: int


class Row(BaseModel):
    """One line of a labelled set, of messages or of entities."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    text: str
    intent: str = ""
    label: str = ""
    prefer: Literal["future", "past"] = "future"
    entities: tuple[EntityLine, ...] = ()

    @property
    def wanted(self) -> str:
        """The label, by whichever name."""
        return self.intent or self.label


class Gazetteer(BaseModel):
    """Units with their further names, and the titles of open events."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    units: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    events: tuple[str, ...] = ()


Texts = TypeAdapter(Annotated[tuple[str, ...], Field(default=())])


@dataclass(frozen=True, slots=True)
class Engine:
    """An edition with its encoder, where there is one; `missing` says why there is none."""

    edition: Edition
    encoder: Encoder | None
    missing: str

    def read(self, text: str, situation: Situation | None = None) -> Meaning:
        """As the service reads it."""
        words = chosen(text, situation) if situation is not None else None
        meaning = self.edition.understander.read(words or text)
        head = self.edition.head
        if meaning.settled or self.encoder is None or head is None:
            return meaning
        return self.edition.understander.weigh(text, self.encoder.vector(text), head)


def open_engine(places: Places, *, encoder: bool = True) -> Engine:
    """Load everything; the vectors of the examples are made once, with a progress bar."""
    edition = load_edition(places, "command")
    if not encoder:
        return Engine(edition, None, "off")
    try:
        model = Encoder()
    except EncoderError as exc:
        return Engine(edition, None, str(exc))
    vectors = _vectors(places, edition.intents.texts, model)
    head = learn_head(edition.reader, edition.intents, vectors, places.kept)
    return Engine(replace(edition, head=head), model, "")


def classify(engine: Engine, names: Path | None, now: datetime) -> int:
    """Answer each line of standard input with one line of JSON, a broken one with an error."""
    engine.edition.words.load()
    gazetteer = _gazetteer(engine.edition.names, names)
    broken = 0
    for raw in sys.stdin.buffer:
        line = raw.decode("utf-8", "replace").strip()
        if not line:
            continue
        try:
            asked = Line.model_validate_json(line)
        except ValidationError as exc:
            broken += 1
            _print(json.dumps({"error": f'expected {{"text": …}}: {exc.errors()[0]["msg"]}'}))
            continue
        _print(json.dumps(_told(engine, asked, gazetteer, now), ensure_ascii=False))
    return 1 if broken else 0


def evaluate_intents(engine: Engine, file: Path) -> int:
    """F1 by label with bars, what is asked back, confusions, and how much each stage settles."""
    rows = _rows(file)
    meanings = [engine.read(row.text) for row in rows]
    wanted, got = [row.wanted for row in rows], [meaning.intent for meaning in meanings]
    acted = [
        one == meaning.intent
        for one, meaning in zip(wanted, meanings, strict=True)
        if meaning.outcome is Outcome.ACT
    ]
    console = Console()
    _bars(console, measure.by_label(wanted, got))
    _confused(console, measure.confusions(wanted, got))
    alarms = [meaning.intent == "crisis" for meaning in meanings]
    stages = {
        stage: sum(m.stage == stage for m in meanings) for stage in {m.stage for m in meanings}
    }
    count = len(rows)
    for name, value in (
        ("messages", f"{count}"),
        ("macro-F1", f"{measure.macro_f1(wanted, got):.3f}"),
        ("right", f"{sum(a == b for a, b in zip(wanted, got, strict=True)) / count:.3f}"),
        ("right where acted on", f"{sum(acted) / max(1, len(acted)):.3f}"),
        ("asked back", f"{1 - len(acted) / count:.3f}"),
        ("settled without encoder", f"{1 - stages.get('encoder', 0) / count:.3f}"),
        ("stages", ", ".join(f"{stage} {n}" for stage, n in sorted(stages.items()))),
        ("danger", _danger(wanted, alarms)),
        ("encoder", engine.missing or "ready"),
    ):
        console.print(f"{name:>24}  {value}")
    return 0


def evaluate_entities(engine: Engine, file: Path, names: Path | None, now: datetime) -> int:
    """Span F1 by kind with bars, and how many of the values are right."""
    gazetteer = _gazetteer(engine.edition.names, names)
    rows = _rows(file)
    wanted, got = [], []
    values = right = 0
    for row in rows:
        found = find(row.text, now, prefer=row.prefer, names=gazetteer)
        by_place = {(each.kind, each.start, each.end): each.value for each in found}
        wanted.append(frozenset(measure.Span(e.kind, e.start, e.end) for e in row.entities))
        got.append(frozenset(measure.Span(e.kind, e.start, e.end) for e in found))
        for each in row.entities:
            place = (each.kind, each.start, each.end)
            if place in by_place:
                values += 1
                right += by_place[place] == each.value
    console = Console()
    scores = measure.spans(wanted, got)
    _bars(console, scores)
    console.print(f"{'messages':>24}  {len(rows)}")
    console.print(f"{'span F1':>24}  {scores[-1].f1:.3f}")
    console.print(f"{'values right':>24}  {right / max(1, values):.3f} of the spans found")
    return 0


def train_and_evaluate(places: Places, train: Path, test: Path | None) -> int:
    """The engine on any labelled set: with a test set, or cross-validated on its own."""
    some = _examples(train)
    encoder = Encoder()
    rows = learned.centred_on_itself(_vectors(places, some.texts, encoder))
    console = Console()
    if test is None:
        got, _ = learned.cross_validated(some, grams, rows)
        plain, _ = learned.cross_validated(some, grams)
        wanted: Sequence[str] = some.labels
    else:
        other = _examples(test)
        mean = _vectors(places, some.texts, encoder).mean(axis=0)
        vectors = _vectors(places, other.texts, encoder)
        got, plain = learned.trained_on(
            some, grams, rows, other.texts, learned.centred(vectors, mean)
        )
        wanted = other.labels
    _bars(console, measure.by_label(wanted, got))
    _confused(console, measure.confusions(wanted, got))
    how = f"{learned.FOLDS}-fold cross-validation" if test is None else str(test)
    console.print(f"{'measured by':>24}  {how}, {len(wanted)} messages")
    console.print(f"{'macro-F1':>24}  {measure.macro_f1(wanted, got):.3f}")
    console.print(f"{'characters alone':>24}  {measure.macro_f1(wanted, plain):.3f}")
    return 0


def bench(places: Places, texts: Sequence[str]) -> int:
    """Loading, and what a message costs; milliseconds on this machine, now."""
    console = Console()
    began = time.perf_counter()
    engine = open_engine(places, encoder=False)
    console.print(f"{'first stage loaded':>24}  {time.perf_counter() - began:.2f} s")
    began = time.perf_counter()
    engine.edition.words.load()
    console.print(f"{'words after it':>24}  {time.perf_counter() - began:.2f} s")
    read = engine.edition.understander.read
    for text in texts[:50]:
        read(text)
    costs = [_timed(partial(read, text)) for text in texts for _ in range(3)]
    _quantiles(console, "characters", costs)
    try:
        encoder = Encoder()
    except EncoderError as exc:
        console.print(f"{'encoder':>24}  {exc}")
        return 0
    unsure = [text for text in texts if not read(text).settled][:200]
    _quantiles(console, "encoder", [_timed(partial(encoder.vector, text)) for text in unsure])
    share = 1 - len([text for text in texts if not read(text).settled]) / len(texts)
    console.print(f"{'settled without encoder':>24}  {share:.3f} of {len(texts)}")
    for name, flood in FLOODS.items():
        cost = _timed(partial(read, flood)) + _timed(partial(encoder.vector, flood))
        console.print(f"{name:>24}  {cost:.1f} ms with the encoder")
    return 0


def look_after_examples(edition: Edition, against: Path | None) -> int:
    """Near copies, contradictions, and what cross-validation misses; 1 when a copy was found."""
    console = Console()
    if against is not None:
        copies = list(example_tools.near(edition.intents, _examples(against), least=0.75))
        _pairs(console, f"nearly the same as in {against.name}", copies)
        return 1 if copies else 0
    near = list(example_tools.near(edition.intents, least=0.75))
    _pairs(console, "contradictions: nearly the same, other label",
           [pair for pair in near if pair.one_label != pair.other_label])  # fmt: skip
    _pairs(console, "near copies of one label",
           [pair for pair in near if pair.one_label == pair.other_label])  # fmt: skip
    got, shares = learned.cross_validated(edition.intents, edition.reader.intents.analyzer)
    missed = Table(title="missed in cross-validation, surest first", title_justify="left")
    for name in ("label", "taken for", "share", "text"):
        missed.add_column(name)
    wrong = [
        (label, other, float(share), text)
        for label, other, share, text in zip(
            edition.intents.labels, got, shares, edition.intents.texts, strict=True
        )
        if label != other
    ]
    for label, other, share, text in sorted(wrong, key=lambda each: -each[2])[: 4 * SHOWN]:
        missed.add_row(label, other, f"{share:.2f}", text)
    console.print(missed)
    console.print(
        f"{len(edition.intents.texts)} examples, {len(wrong)} missed without the encoder"
    )
    return 0


def _told(engine: Engine, asked: Line, names: Names, now: datetime) -> dict[str, object]:
    try:
        offered = Texts.validate_python((asked.context or {}).get("offered", ()))
    except ValidationError:
        offered = ()
    meaning = engine.read(asked.text, Situation(offered))
    return {
        "intent": meaning.intent,
        "confidence": meaning.confidence,
        "stage": meaning.stage,
        "outcome": meaning.outcome,
        "alternatives": [
            {"intent": intent, "confidence": share} for intent, share in meaning.alternatives
        ],
        "evidence": list(meaning.evidence),
        "nearest": meaning.nearest,
        "danger": None if meaning.danger is None else asdict(meaning.danger),
        "entities": [
            {**asdict(each), "read_back": read_back(each)}
            for each in find(asked.text, now, names=names)
        ],
    }


def _rows(file: Path) -> list[Row]:
    return read_set(file, Row)


def _examples(file: Path) -> Examples:
    rows = _rows(file)
    if not all(row.wanted for row in rows):
        raise CannotRunError(f'{file.name}: every line needs "intent" or "label"')
    return Examples(tuple(row.text for row in rows), tuple(row.wanted for row in rows))


def _gazetteer(names: Names, file: Path | None) -> Names:
    if file is None:
        return names
    try:
        read = Gazetteer.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        raise CannotRunError(f"{file} cannot be read: {exc}") from exc
    return names.with_places(read.units, read.events)


def _vectors(places: Places, texts: Sequence[str], encoder: Encoder) -> learned.Floats:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("vectors of the examples", total=len(texts))
        return KeptVectors(places.kept).of(
            texts, encoder, lambda done, _: progress.update(task, completed=done)
        )


def _danger(wanted: Sequence[str], alarms: Sequence[bool]) -> str:
    told = list(zip(wanted, alarms, strict=True))
    crisis = [alarm for label, alarm in told if label == "crisis"]
    calm = [alarm for label, alarm in told if label != "crisis"]
    return f"{sum(crisis)} of {len(crisis)} seen, {sum(calm)} false alarms in {len(calm)}"


def _bars(console: Console, scores: Sequence[measure.Score]) -> None:
    table = Table(box=None, pad_edge=False)
    for name in ("label", "n", "precision", "recall", "F1", ""):
        table.add_column(name, justify="left" if name in {"label", ""} else "right")
    for score in scores:
        table.add_row(
            score.label,
            str(score.count),
            f"{score.precision:.2f}",
            f"{score.recall:.2f}",
            f"{score.f1:.2f}",
            bar(score.f1),
        )
    console.print(table)


def _confused(console: Console, pairs: Sequence[tuple[str, str, int]]) -> None:
    table = Table(title="confusions, most frequent first", title_justify="left", box=None)
    for name in ("wanted", "got", "times"):
        table.add_column(name)
    for one, other, count in pairs[:SHOWN]:
        table.add_row(one, other, str(count))
    console.print(table)


def _pairs(console: Console, title: str, pairs: Sequence[example_tools.Pair]) -> None:
    table = Table(title=f"{title}: {len(pairs)}", title_justify="left")
    for name in ("share", "label", "text", "label", "text"):
        table.add_column(name)
    for pair in pairs[: 4 * SHOWN]:
        table.add_row(f"{pair.share:.2f}", pair.one_label, pair.one, pair.other_label, pair.other)
    console.print(table)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _quantiles(console: Console, name: str, costs: Sequence[float]) -> None:
    if len(costs) > 1:
        cuts = statistics.quantiles(costs, n=100)
        console.print(
            f"{name:>24}  p50 {cuts[49]:.2f} ms, p95 {cuts[94]:.2f} ms, max {max(costs):.2f} ms"
        )


def lines_of(file: Path) -> Iterator[str]:
    """The texts of a set, for timing."""
    yield from (row.text for row in _rows(file))


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the command's own voice
