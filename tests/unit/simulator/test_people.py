"""The people of the demonstration."""

from __future__ import annotations

from bot.simulator.app import DEMO
from bot.simulator.pages import HERE


def test_there_are_eight_with_names_and_openids_of_their_own():
    assert len({person.openid for person in DEMO}) == 8
    assert len({person.name for person in DEMO}) == 8


def test_an_openid_has_28_characters_and_says_that_it_is_simulated():
    assert {len(person.openid) for person in DEMO} == {28}
    assert all(person.openid.startswith("oSIM") for person in DEMO)


def test_everyone_has_a_face():
    faces = {file.stem for file in (HERE / "static" / "avatars").glob("*.svg")}
    assert {person.avatar for person in DEMO} <= faces
