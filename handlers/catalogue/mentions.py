"""Where the files of the catalogue rest on a law: dated parameters, rules, programmes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from nlp.statute import article_ordinal

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Mention:
    """One place that names the law: the file below the catalogue, the way to it, its words."""

    file: str
    place: str
    words: str

    @property
    def programme(self) -> str:
        """The slug of the aid programme whose file this is; "" for any other."""
        path = Path(self.file)
        return path.stem if path.parent.name == "aid" else ""

    def names(self, number: str) -> bool:
        """Whether it names this article (第六条, 第 6 条), or no article at all."""
        ordinal, inserted = article_ordinal(number)
        after = rf"之{number.partition('之')[2]}" if inserted else "(?!之)"
        spelt = number.partition("条")[0].removeprefix("第")
        pattern = rf"第\s*(?:{spelt}|{ordinal})\s*条{after}"
        return bool(re.search(pattern, self.words)) or not re.search(r"第\s*\S+?\s*条", self.words)


def mentions_of(title: str, folder: Path = FOLDER) -> tuple[Mention, ...]:
    """Every place in every YAML file that names the law by its title, by file and place."""
    return tuple(
        Mention(file.relative_to(folder).as_posix(), place, words)
        for file in sorted(folder.rglob("*.yaml"))
        for place, words in _named(yaml.safe_load(file.read_text(encoding="utf-8")), title, "")
    )


def _named(node: object, title: str, place: str) -> Iterator[tuple[str, str]]:
    """Texts that hold the title; in a mapping, with the texts beside them."""
    if isinstance(node, dict):
        texts = {key: value for key, value in node.items() if isinstance(value, str)}
        if any(_is_named(value, title) for value in texts.values()):
            yield place.lstrip("."), "；".join(texts.values())
        for key, value in node.items():
            if not isinstance(value, str):
                yield from _named(value, title, f"{place}.{key}")
    elif isinstance(node, list):
        for at, value in enumerate(node, 1):
            yield from _named(value, title, f"{place}.{at}")
    elif isinstance(node, str) and _is_named(node, title):
        yield place.lstrip("."), node


def _is_named(text: str, title: str) -> bool:
    """Whether the law itself is named, and not the rules for carrying it out."""
    return re.search(rf"{re.escape(title)}(?!实施(?:条例|办法|细则|规定))", text) is not None
