"""What is learnt is kept, and stays as good on messages by other hands."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml

from bot.config import HERE
from nlp import linear, measure
from nlp.acts import Acts
from nlp.encode import SIZE, Encoder, EncoderError
from nlp.entities import find
from nlp.examples import Examples, near
from nlp.learned import Calibration, learn_reader
from nlp.linear import Recipe, plain, train
from nlp.names import Names

if TYPE_CHECKING:
    from pathlib import Path

    from handlers.language import Language

SETS = HERE / "tests" / "sets"
NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
ACTS = Acts({"stop": ["不用.*发"]}, {})
FEW = Examples(
    ("我要答题", "答题在哪", "报名登高", "帮我报名", "救命啊", "他要杀我"),
    ("quiz", "quiz", "signup", "signup", "crisis", "crisis"),
)
DANGER = Examples(
    ("不想活了", "他打我", "着火了", "没呼吸了", "今天好累", "笑死我了"),
    ("self_harm", "violence", "accident", "medical", "absent", "absent"),
)


def rows(name: str) -> list[dict[str, Any]]:
    lines = (SETS / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_what_was_learnt_is_read_as_it_was_kept(tmp_path: Path):
    first = learn_reader(FEW, DANGER, ACTS, tmp_path)
    again = learn_reader(FEW, DANGER, ACTS, tmp_path)
    some = again.intents.features("帮我报名")
    assert again.intents.labels == first.intents.labels
    assert np.array_equal(again.intents.scores(some), first.intents.scores(some))


def test_a_kept_file_that_is_broken_is_learnt_anew(tmp_path: Path):
    first = learn_reader(FEW, DANGER, ACTS, tmp_path)
    (tmp_path / "reader.npz").write_bytes(b"PK\x03\x04 cut off")
    again = learn_reader(FEW, DANGER, ACTS, tmp_path)
    assert again.calibration == first.calibration


def test_other_examples_are_learnt_anew(tmp_path: Path):
    learn_reader(FEW, DANGER, ACTS, tmp_path)
    more = Examples((*FEW.texts, "退订"), (*FEW.labels, "off"))
    assert "off" in learn_reader(more, DANGER, ACTS, tmp_path).intents.labels


def test_a_likelihood_grows_with_the_share():
    likely = [Calibration(0.9, 1.5).likelihood(share) for share in (0.05, 0.3, 0.7, 0.999)]
    assert likely == sorted(likely)
    assert all(0 < one < 1 for one in likely)


def test_a_text_without_known_characters_gets_the_bias_alone():
    model = train(FEW.texts, FEW.labels, Recipe(linear.grams))
    nothing = model.features(plain("xyz"))
    assert nothing.rows == []
    assert np.array_equal(model.scores(nothing), model.bias)


def test_messages_by_another_hand_are_understood(language: Language):
    """Written by somebody who knew neither the examples nor the code; measured .92."""
    said = rows("utterances.jsonl")
    got = [language.now.understander.read(row["text"]).intent for row in said]
    assert measure.macro_f1([row["intent"] for row in said], got) >= 0.89


def test_no_message_of_the_blind_set_is_among_the_examples(language: Language):
    said = rows("utterances.jsonl")
    blind = Examples(
        tuple(row["text"] for row in said if len(row["text"]) > 6),
        tuple(row["intent"] for row in said if len(row["text"]) > 6),
    )
    assert list(near(language.now.intents, blind, least=0.8)) == []


def test_values_in_messages_by_another_hand_are_found():
    """240 messages, labelled before the code was written; the first run had a span F1 of .94."""
    known = yaml.safe_load((SETS / "gazetteer.yaml").read_text(encoding="utf-8"))
    names = Names.load(HERE / "nlp" / "lexicon").with_places(known["units"], known["events"])
    wanted, got = [], []
    for row in rows("entities.jsonl"):
        found = find(row["text"], NOW, prefer=row.get("prefer", "future"), names=names)
        places = ((each["kind"], each["start"], each["end"]) for each in row["entities"])
        wanted.append(frozenset(measure.Span(*place) for place in places))
        got.append(frozenset(measure.Span(e.kind, e.start, e.end) for e in found))
    assert measure.spans(wanted, got)[-1].f1 >= 0.98


def why_not() -> str:
    """Why the encoder cannot run on this machine; "" where it can."""
    try:
        Encoder()
    except EncoderError as exc:
        return str(exc)
    return ""


WHY_NOT = why_not()
needs_encoder = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder()


@needs_encoder
def test_the_encoder_puts_like_beside_like(encoder: Encoder):
    one, other, far = map(encoder.vector, ("孩子考上大学了", "我女儿被大学录取", "食堂的菜太咸"))
    assert float(one @ other) > float(one @ far)


@needs_encoder
@pytest.mark.parametrize("text", ["", "\x00", "\ud83d", "字" * 5000, "😂" * 300])
def test_the_encoder_survives_any_text(encoder: Encoder, text: str):
    vector = encoder.vector(text)
    assert vector.shape == (SIZE,)
    assert np.isfinite(vector).all()
