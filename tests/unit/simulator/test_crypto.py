"""Sealing and opening, against an implementation that is not the simulator's."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import PrpCrypto

from bot.simulator.crypto import UnreadableError, seal, signature, unseal

KEY, OTHER, APP = "k" * 42 + "A", "m" * 42 + "E", "wx00000000lianxin"
SALT = b"0123456789abcdef"


@pytest.mark.parametrize("length", range(1, 66))
def test_every_pad_length_goes_round(length):
    message = ("字" * length).encode()[:length]
    assert unseal(KEY, APP, seal(KEY, APP, message, SALT)) == message


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_words_go_round(words):
    assert unseal(KEY, APP, seal(KEY, APP, words.encode(), SALT)).decode() == words


@pytest.mark.parametrize("length", [1, 15, 16, 31, 32, 33, 64])
def test_others_can_open_what_is_sealed_here(length):
    words = "a" * length
    sealed = seal(KEY, APP, words.encode(), SALT)
    assert PrpCrypto(base64.b64decode(KEY + "=")).decrypt(sealed, APP) == words


def test_the_wrong_key_opens_nothing():
    with pytest.raises(UnreadableError):
        unseal(OTHER, APP, seal(KEY, APP, b"words", SALT))


def test_another_app_id_is_refused():
    with pytest.raises(UnreadableError, match="another AppID"):
        unseal(KEY, "wxother", seal(KEY, APP, b"words", SALT))


@pytest.mark.parametrize("sealed", ["", "not base64!", "YWJj", "A" * 44])
def test_junk_is_unreadable(sealed):
    with pytest.raises(UnreadableError):
        unseal(KEY, APP, sealed)


def test_the_signature_does_not_depend_on_the_order():
    sha1_of_abc = "a9993e364706816aba3e25717850c26c9cd0d89d"
    assert signature("b", "a", "c") == signature("c", "b", "a") == sha1_of_abc
