"""One spelling of what people type: widths, traditional characters, invisible signs, repeats."""

from __future__ import annotations

import re
from unicodedata import normalize

import opencc

LIMIT = 2000
"""Characters of one message that are read; WeChat itself stops a little above."""

_IDEOGRAPHS = "".join(map(chr, range(0x3400, 0xA000)))
_SIMPLER = {
    ord(old): new
    for old, new in zip(_IDEOGRAPHS, opencc.OpenCC("t2s").convert(_IDEOGRAPHS), strict=True)
    if old != new
} | {ord("瞭"): "了"}

# Control, format (zero width, direction marks) and surrogate characters, private use and
# non-characters, variation selectors, skin tones, keycap frames, fillers without a picture.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\u3164\ud800-\udfff\ue000-\uf8ff"
    "\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001f3fb-\U0001f3ff\U000e0000-\U0010ffff]"
)
# Sentence marks stay wide, because a narrow comma or colon may belong to a number or a time.
_WIDTHS = re.compile("[^，！？：；（）]+")
_BLANKS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*[\n\r\u2028\u2029\x85]\s*")
_REPEATS = re.compile(
    r"([，。！？、；：!?~～,;])\1+"
    r"|([^\w\s\x00-\xff\u3000-\u303f\uff00-\uffef])\2+"
)
_DOTS = re.compile(r"\.{3,}")
# Numerals are left alone: 幺三八八八八 is a telephone number read aloud.
_DRAWN_OUT = re.compile(r"((?![〇零一二两三四五六七八九十幺])[\u4e00-\u9fff])\1{3,}")


def simplified(text: str) -> str:
    """The text in simplified characters, of the same length."""
    return text.translate(_SIMPLER)


def normalise(text: str) -> str:
    """The text as the rest of `nlp` reads it: at most `LIMIT` characters, never raising.

    Chinese marks keep their width and meaning, digits and Latin letters become narrow, letters
    keep their case, a run of one mark or emoji becomes one, a character drawn out (哈哈哈哈)
    becomes three.
    Applying it twice changes nothing.
    """
    seen = _UNSEEN.sub("", text[: LIMIT * 4])
    narrow = _WIDTHS.sub(lambda found: normalize("NFKC", found[0]), seen)
    plain = _UNSEEN.sub("", narrow).translate(_SIMPLER)
    spaced = _BLANKS.sub(" ", _LINES.sub("\n", plain))
    folded = _DRAWN_OUT.sub(r"\1\1\1", _REPEATS.sub(r"\1\2", _DOTS.sub("...", spaced)))
    return folded[:LIMIT].strip()
