"""Conversations as staff would write them down: `@` who talks, `>` said, `<` part of the answer.

`!` is what staff do ("! reply …", "! close", "! return …", "! approve …"; "! write …" answers the
one open question of the board, "! check" is a second person who finds it right), `+` turns the
clock on by so many hours. A picture is "> [photo]".
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.scenario.world import World

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import Loaded
    from bot.config import Settings

SCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))
LINES = {script.stem: script.read_text(encoding="utf-8").splitlines() for script in SCRIPTS}
WAYS = {"once": (1, False), "three-copies": (3, False), "restarts": (1, True)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
async def test_transcript(
    script: Path,
    way: str,
    settings: Settings,
    database_url: str,
    loaded: Loaded,
    now: datetime,
    tmp_path: Path,
) -> None:
    copies, restarts = WAYS[way]
    world = World(settings, database_url, loaded, now, copies=copies, restarts=restarts)
    await world.open()
    answer = ""
    for place, line in enumerate(LINES[script.stem], 1):
        mark, _, words = line.partition(" ")
        if mark == "@":
            await world.speak_as(words)
        elif mark == ">":
            answer = await _said(world, words, tmp_path)
        elif mark == "!":
            act, _, sentence = words.partition(" ")
            answer = await world.staff(act, sentence)
        elif mark == "+":
            world.now += timedelta(hours=float(words))
        elif mark == "<":
            assert words in answer, f"line {place}: {words!r} is not in:\n{answer}"
        elif mark == "-":
            assert words not in answer, f"line {place}: {words!r} is in:\n{answer}"
        else:
            assert not line.strip() or mark == "#", f"line {place} begins with {mark!r}"
    await world.close()


async def _said(world: World, words: str, folder: Path) -> str:
    return await (world.show_photo(folder) if words == "[photo]" else world.say(words))
