"""Words of a Chinese text, by jieba with the union's own dictionary."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # jieba 0.42.1: old escapes in its patterns, pkg_resources
    import jieba

Cut = Callable[[str], list[str]]
"""Splits a text into words; joined again they give the text."""

_ABOVE_CRITICAL = 60
jieba.setLogLevel(_ABOVE_CRITICAL)


def load(words: Path, cache: Path) -> Cut:
    """Read jieba's dictionary and the union's `words`, one a line; takes one to two seconds.

    `cache` is the file in which jieba keeps its prefix tree between starts; a directory that only
    we may write, for it is read back as marshalled data. Safe to call in a thread.
    """
    cache.parent.mkdir(parents=True, exist_ok=True)
    tokenizer = jieba.Tokenizer()
    tokenizer.cache_file = str(cache.resolve())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tokenizer.initialize()
    for line in words.read_text(encoding="utf-8").splitlines():
        word = line.partition("#")[0].strip()
        if word:
            tokenizer.add_word(word, 20_000)
    return partial(tokenizer.lcut, HMM=False)
