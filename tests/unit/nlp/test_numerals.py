"""Numerals as people write them become the number they mean."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.numerals import half_width, to_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3200", 3200),
        ("12,000", 12000),
        ("３２００", 3200),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("一百零五", 105),
        ("一百一十", 110),
        ("两百五", 250),
        ("一千二", 1200),
        ("三万五", 35000),
        ("三万零五", 30005),
        ("三万五千", 35000),
        ("一万二千三", 12300),
        ("3万5", 35000),
        ("3.5万", 35000),
        ("三点五万", 35000),
        ("1.2w", 12000),
        ("3k", 3000),
        ("一亿二", 120000000),
        ("二〇二六", 2026),
        ("贰仟伍佰", 2500),
    ],
)
def test_a_numeral_is_read_as_people_mean_it(text, number):
    assert to_number(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "万", "几百", "三五十", "-3", "abc", "3个", "亿" * 500])
def test_what_spells_no_number_is_refused(text):
    assert to_number(text) is None


def spelled(number: int) -> str:
    """The number in full Chinese words, below one hundred million."""
    if number >= 10_000:
        head, tail = divmod(number, 10_000)
        gap = "零" if 0 < tail < 1000 else ""
        return f"{spelled(head)}万{gap}{spelled(tail) if tail else ''}"
    words = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(number, unit)
        if digit:
            words += "零一二三四五六七八九"[digit] + name
        elif words and rest and not words.endswith("零"):
            words += "零"
        number = rest
    return words or "零"


@given(st.integers(0, 99_999_999))
def test_every_number_spelled_in_full_is_read_back(number):
    assert to_number(spelled(number)) == number


@given(st.integers(0, 10**12))
def test_arabic_digits_with_and_without_commas_agree(number):
    assert to_number(f"{number:,}") == to_number(str(number)) == number


@given(st.text())
def test_any_text_is_read_or_refused_without_an_error(text):
    number = to_number(text)
    assert number is None or number >= 0


@given(st.text())
def test_half_width_keeps_the_length(text):
    assert len(half_width(text)) == len(text)
