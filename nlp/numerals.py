"""Numerals as people write them: Arabic, Chinese, mixed, full width."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

DIGITS = {
    digit: value
    for value, spellings in enumerate(
        ("零〇", "一壹幺", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for digit in spellings
}
SMALL = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
LARGE = {"万": 10**4, "萬": 10**4, "亿": 10**8}
LONGEST = 40
"""Characters of a numeral; longer stretches are noise and would nest without end."""
LETTERS = {"w": "万", "W": "万", "k": "千", "K": "千"}

ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
SPELLED = f"[{''.join(DIGITS)}{''.join(SMALL)}{''.join(LARGE)}]"
NUMERAL = (
    rf"(?:{ARABIC}[wWkK](?![A-Za-z])"
    rf"|{SPELLED}+点{SPELLED}+(?=[万亿千元块])(?:{SPELLED})*"
    rf"|(?:{ARABIC}|{SPELLED})+)"
)
"""A pattern without groups for a stretch that looks like a numeral; `to_number` decides."""

_WIDE = str.maketrans(
    {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if chr(code) not in ",!?:;()"}
    | {"\u3000": " "}
)
_PIECE = re.compile(rf"{ARABIC}|.")
_SPOKEN_DIGITS = str.maketrans({digit: str(value) for digit, value in DIGITS.items()})


def half_width(text: str) -> str:
    """The text with narrow digits, letters and signs, of the same length.

    Commas, colons and the like stay wide: they separate, and a narrow comma groups digits.
    """
    return text.translate(_WIDE)


def spoken_digits(text: str) -> str:
    """Digits spelled one by one ("幺三九") as Arabic digits, the rest as it is; same length."""
    return text.translate(_SPOKEN_DIGITS)


def to_number(text: str) -> Decimal | None:
    """The number that the whole text spells, or None.

    Short endings count as people mean them: 一千二 is 1200, 三万五 is 35000, 一百零五 is 105.
    Digits spelled one after another are read as such: 二〇二六 is 2026.
    """
    plain = half_width(text).strip()
    if len(plain) > LONGEST:
        return None
    if len(plain) > 1 and all(character in DIGITS for character in plain):
        return Decimal(spoken_digits(plain))
    whole, dot, fraction = plain.partition("点")
    if dot:
        return _with_fraction(whole, fraction)
    pieces = [LETTERS.get(piece, piece) for piece in _PIECE.findall(plain)]
    return _read(pieces) if pieces else None


def _with_fraction(whole: str, fraction: str) -> Decimal | None:
    """三点五 and 三点五万; the unit after the fraction counts for the whole."""
    unit = 1
    digits = fraction
    if fraction[-1:] in LARGE or fraction[-1:] in SMALL:
        unit = (LARGE | SMALL)[fraction[-1]]
        digits = fraction[:-1]
    before = to_number(whole) if whole else None
    spelled = spoken_digits(digits)
    if before is None or not re.fullmatch(r"[0-9]{1,9}", spelled):
        return None
    return (before + Decimal(f"0.{spelled}")) * unit


def _read(pieces: list[str]) -> Decimal | None:
    """The value of pieces below and above the large units, largest unit first."""
    for unit, size in (("亿", 10**8), ("万", 10**4), ("萬", 10**4)):
        if unit in pieces:
            at = len(pieces) - 1 - pieces[::-1].index(unit)
            head, tail = _read(pieces[:at]), _rest(pieces[at + 1 :], size)
            return None if head is None or tail is None else head * size + tail
    return _below_myriad(pieces)


def _rest(pieces: list[str], size: int) -> Decimal | None:
    """What follows a large unit: 三万五 leaves 5000, 三万零五 leaves 5."""
    if not pieces:
        return Decimal(0)
    if len(pieces) == 1 and _is_one_digit(pieces[0]):
        return _digit(pieces[0]) * size / 10
    value = _read(pieces)
    return value if value is not None and value < size else None


def _below_myriad(pieces: list[str]) -> Decimal | None:
    """A numeral of digits and small units; None when the order makes no sense."""
    if not pieces or not _is_ordered(pieces):
        return None
    total, pending, unit = Decimal(0), None, 1
    for at, piece in enumerate(pieces):
        if piece in SMALL:
            unit = SMALL[piece]
            total += unit * (Decimal(1) if pending is None else pending)
            pending = None
        elif piece in "零〇" and len(pieces) > 1:
            unit = 1
        else:
            pending = _digit(piece)
            if at == len(pieces) - 1 and unit > 10 and _is_one_digit(piece):
                pending = pending * unit / 10
    return total + (pending or Decimal(0))


def _is_ordered(pieces: list[str]) -> bool:
    """True for small units that fall, with one digit or none before each."""
    if not all(piece in SMALL or piece in DIGITS or piece[0].isdecimal() for piece in pieces):
        return False
    units = [SMALL[piece] for piece in pieces if piece in SMALL]
    digits = [piece not in SMALL and piece not in "零〇" for piece in pieces]
    falls = all(left > right for left, right in pairwise(units))
    apart = not any(left and right for left, right in pairwise(digits))
    fits = not units or not digits[-1] or _digit(pieces[-1]) < units[-1]
    return falls and apart and fits


def _is_one_digit(piece: str) -> bool:
    return len(piece) == 1 and piece not in "零〇0" and (piece in DIGITS or piece.isdecimal())


def _digit(piece: str) -> Decimal:
    return Decimal(DIGITS[piece]) if piece in DIGITS else Decimal(piece.replace(",", ""))
