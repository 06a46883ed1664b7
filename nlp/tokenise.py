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


class Words:
    """Cuts texts into words; by pairs of characters until `load` has read the dictionary."""

    def __init__(self, words: Path, cache: Path) -> None:
        """`words` holds the union's own, one a line; # begins a remark.

        `cache` is the file in which jieba keeps its prefix tree between starts; in a directory
        that only we may write, for it is read back as marshalled data.
        """
        self._words = words
        self._cache = cache
        self._cut: Cut | None = None

    def load(self) -> None:
        """Read both dictionaries: one to three seconds. Safe to call in a thread."""
        self._cache.parent.mkdir(parents=True, exist_ok=True)
        tokenizer = jieba.Tokenizer()
        tokenizer.cache_file = str(self._cache.resolve())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tokenizer.initialize()
        for line in self._words.read_text(encoding="utf-8").splitlines():
            word = line.partition("#")[0].strip()
            if word:
                tokenizer.add_word(word, 20_000)
        self._cut = partial(tokenizer.lcut, HMM=False)

    def __call__(self, text: str) -> list[str]:
        """The words of a text; joined again they give the text."""
        if self._cut is None:
            return [text[at : at + 2] for at in range(0, len(text), 2)]
        return self._cut(text)
