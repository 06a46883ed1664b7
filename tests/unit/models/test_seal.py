"""Sealed values: opened only with a key of the ring, only in their place, only unchanged."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.seal import KeyRing, SealError

OLD, NEW, INDEX = (base64.b64encode(each * 32).decode() for each in (b"o", b"n", b"i"))
PLACE = "member.name"
RING = KeyRing.read(f"old:{OLD}", INDEX)


@given(st.binary(max_size=3000))
def test_what_was_sealed_is_opened_again(plain: bytes):
    assert RING.open(RING.seal(plain, PLACE), PLACE) == plain


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_words_come_back_as_they_were(words: str):
    assert RING.open_text(RING.seal_text(words, PLACE), PLACE) == words


def test_the_same_words_are_sealed_differently_each_time():
    assert RING.seal_text("周小禾", PLACE) != RING.seal_text("周小禾", PLACE)


def test_the_words_are_not_to_be_seen():
    assert "周小禾".encode() not in RING.seal_text("周小禾", PLACE)


def test_a_value_moved_to_another_place_does_not_open():
    sealed = RING.seal_text("周小禾", PLACE)
    with pytest.raises(SealError):
        RING.open(sealed, "member.phone")


def test_another_installation_cannot_open_it():
    other = KeyRing.read(f"old:{NEW}", INDEX)
    with pytest.raises(SealError):
        other.open(RING.seal_text("周小禾", PLACE), PLACE)


def test_a_key_that_was_taken_out_of_the_ring_is_missed():
    with pytest.raises(SealError, match="not in the ring"):
        KeyRing.read(f"new:{NEW}", INDEX).open(RING.seal_text("周小禾", PLACE), PLACE)


def test_while_keys_rotate_old_values_open_and_new_ones_use_the_new_key():
    rotating = KeyRing.read(f"new:{NEW}, old:{OLD}", INDEX)
    assert rotating.open_text(RING.seal_text("周小禾", PLACE), PLACE) == "周小禾"
    fresh = rotating.seal_text("林夜舟", PLACE)
    assert KeyRing.read(f"new:{NEW}", INDEX).open_text(fresh, PLACE) == "林夜舟"


@given(st.data())
def test_a_changed_value_does_not_open(data: st.DataObject):
    sealed = bytearray(RING.seal_text("周小禾", PLACE))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        RING.open(bytes(sealed), PLACE)


def test_a_value_cut_off_anywhere_does_not_open():
    sealed = RING.seal_text("周小禾", PLACE)
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            RING.open(sealed[:length], PLACE)


def test_equal_words_have_equal_indexes_in_one_place_only():
    assert RING.index("周小禾", PLACE) == RING.index("周小禾", PLACE)
    assert RING.index("周小禾", PLACE) != RING.index("周小禾", "member.phone")
    assert RING.index("周小禾", PLACE) != RING.index("周小荷", PLACE)
    other = KeyRing.read(f"old:{OLD}", NEW)
    assert RING.index("周小禾", PLACE) != other.index("周小禾", PLACE)


@pytest.mark.parametrize(
    ("ring", "index"),
    [
        ("", INDEX),
        ("k1", INDEX),
        (f"k1:{OLD[:20]}", INDEX),
        ("k1:not base64", INDEX),
        (f"k1:{OLD}", ""),
        (f"k1:{OLD}", "c2hvcnQ="),
        (f":{OLD}", INDEX),
        (f"k1:{OLD}, k1:{NEW}", INDEX),
        (f"{'k' * 256}:{OLD}", INDEX),
    ],
)
def test_a_ring_that_would_lose_values_is_refused(ring: str, index: str):
    with pytest.raises(ValueError, match="expected"):
        KeyRing.read(ring, index)
