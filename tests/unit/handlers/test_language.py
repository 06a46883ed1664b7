"""The language of a process: taken over while it runs, and honest about what it lacks."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE
from handlers.encoding import Encoding
from handlers.language import Language, Places
from nlp.understand import INTENTS
from nlp.urgency import Danger
from tests.quick_encoder import QuickEncoder, encoding, no_encoding
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

SAID = {"quiz": ["我要答题", "答题在哪里", "开始今天的答题"], "greet": ["你好呀", "您好啊在不在"]}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Few examples a label, so that learning takes no time."""
    examples = tmp_path / "examples"
    (examples / "danger").mkdir(parents=True)
    for label in INTENTS:
        lines = SAID.get(label, [f"{label} 一", f"{label} 二", f"{label} 三"])
        few = [*lines, *(f"{label} 第 {number} 句" for number in range(5))]
        (examples / f"{label}.txt").write_text("\n".join(few), encoding="utf-8")
    for kind in (*Danger, "absent"):
        lines = [f"{kind} 甲", f"{kind} 乙", f"{kind} 丙"]
        (examples / "danger" / f"{kind}.txt").write_text("\n".join(lines), encoding="utf-8")
    shutil.copytree(HERE / "nlp" / "lexicon", tmp_path / "lexicon")
    return Places(tmp_path / "lexicon", examples, tmp_path / "kept")


async def test_who_asks_before_it_is_loaded_waits_for_it(places: Places):
    language = Language(places, Encoding(None))
    language.start()
    meaning = await language.understand("我要答题呀")
    await language.stop()
    assert meaning.intent == "quiz"


async def test_changed_files_are_taken_over_and_broken_ones_are_told(places: Places):
    language = Language(places, Encoding(None), look=0.02)
    language.start()
    first = (await language.loaded()).mark
    lexicon = places.lexicon / "intents.yaml"
    good = lexicon.read_text(encoding="utf-8")
    lexicon.write_text(good.replace("开始答题", "开始闯关"), encoding="utf-8")
    await until(lambda: language.condition.edition != first)
    assert (await language.understand("开始闯关")).stage == "command"
    lexicon.write_text("fillers: [", encoding="utf-8")
    await until(lambda: bool(language.condition.fault))
    assert (await language.understand("开始闯关")).stage == "command"
    lexicon.write_text(good, encoding="utf-8")
    await until(lambda: not language.condition.fault)
    await language.stop()


async def test_files_that_are_broken_from_the_start_are_told_to_who_waits(places: Places):
    (places.examples / "quiz.txt").unlink()
    language = Language(places, Encoding(None))
    language.start()
    with pytest.raises(ValueError, match="quiz"):
        await language.loaded()
    with pytest.raises(ValueError, match="quiz"):
        await language.stop()


async def test_without_the_encoder_messages_are_understood_and_the_reason_is_told(places: Places):
    language = Language(places, no_encoding())
    language.start()
    await language.loaded()
    await until(lambda: "AVX2" in language.condition.encoder)
    assert (await language.understand("我要答题")).intent == "quiz"
    await language.stop()


async def test_what_characters_do_not_settle_is_weighed_by_the_encoder(places: Places):
    encoder = QuickEncoder()
    language = Language(places, encoding(encoder))
    language.start()
    await language.loaded()
    await until(lambda: language.condition.encoder == "ready")
    encoder.asked.clear()
    settled = await language.understand("我要答题")
    unsure = await language.understand("今天那个东西在哪里")
    await language.stop()
    assert (settled.stage, unsure.stage) == ("command", "encoder")
    assert encoder.asked == ["今天那个东西在哪里"]


async def _ready(language: Language) -> None:
    await until(lambda: language.condition.encoder == "ready")


async def test_a_second_start_computes_no_vector_again(places: Places):
    for computed in (True, False):
        encoder = QuickEncoder()
        language = Language(places, encoding(encoder))
        language.start()
        await language.loaded()
        await _ready(language)
        await language.stop()
        assert bool(encoder.asked) is computed
