"""Clause cards: one article of a law, answered in our own words, with dates and proof."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from nlp.statute import Statute, StatuteError, article_ordinal

if TYPE_CHECKING:
    from pathlib import Path

Scope = Literal["全国", "湖北", "武汉", "本单位"]
Kind = Literal["企业", "机关", "事业", "社团"]
"""What sort of unit somebody works in; decides which law binds them."""
Binds = Literal["企业", "机关", "事业", "all"]
Status = Literal["verified", "unverified"]
Theme = Literal[
    "休假与放假",
    "工资与加班",
    "劳动合同",
    "辞退与补偿",
    "工伤与职业病",
    "社会保险",
    "公积金",
    "女职工与生育",
    "工会与会员",
    "争议与维权",
    "安全生产",
    "公务员与事业单位",
    "就业与招聘",
    "家庭与老人",
    "残疾与退役",
    "志愿与慈善",
    "个人信息",
]
Line = Annotated[str, StringConstraints(min_length=2, strip_whitespace=True)]
# What stands for the article of a rule that is not divided into articles.
WHOLE = "全文"
# Characters of a title that still stand in two lines of a phone in large print.
LONGEST_TITLE = 22


# The same safe loader in C: ten times as fast, and there are two megabytes of cards.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CardError(ValueError):
    """A file of cards cannot be used; the message names the file and what was expected."""


@dataclass(frozen=True, slots=True)
class Card:
    """What one article says to a member.

    `documents` are the stems of the full texts it was checked against. `plain` is the answer,
    `exceptions` whom it leaves out and `do` what to do next ("" for none). `figures` and
    `quote_key` stand in the article word for word. `in_force_to` None means that no end is known.
    Only a `verified` card may be quoted to a member. `unit` is the path of the unit whose own
    rule it is: the card is for the members below it; "" is for everybody. `title` is the question
    it is shown under where no sample reads well, "" where one does; it is a sample too.
    """

    slug: str
    law: str
    documents: tuple[str, ...]
    article: str
    in_force_from: date
    in_force_to: date | None
    scope: Scope
    theme: Theme
    binds: tuple[Binds, ...]
    plain: str
    exceptions: str
    do: str
    figures: tuple[str, ...]
    quote_key: str
    questions: tuple[str, ...]
    status: Status
    unit: str = ""
    title: str = ""

    @property
    def cited(self) -> str:
        """Law and article as they are cited; the law alone when the rule has no articles."""
        return f"《{self.law}》{'' if self.article == WHOLE else self.article}"

    def in_force(self, day: date) -> bool:
        """Whether the article holds on a day of the calendar in China."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)

    def quotable(self, day: date) -> bool:
        """Whether members may be shown the card on that day: verified, and in force."""
        return self.status == "verified" and self.in_force(day)


class CardLines(BaseModel):
    """One card as it is written in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]+$")]
    title: Annotated[str, StringConstraints(max_length=LONGEST_TITLE, strip_whitespace=True)] = ""
    article: Line
    in_force_from: date
    in_force_to: date | None = None
    scope: Scope
    theme: Theme
    binds: tuple[Binds, ...] = Field(min_length=1)
    plain: Line
    exceptions: str = ""
    do: str = ""
    figures: tuple[Line, ...] = ()
    quote_key: Line
    questions: tuple[Line, ...] = Field(min_length=4, max_length=16)
    status: Status

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.article != WHOLE:
            article_ordinal(self.article)
        if self.in_force_to is not None and self.in_force_to < self.in_force_from:
            msg = "in_force_to lies before in_force_from"
            raise ValueError(msg)
        return self


class LawLines(BaseModel):
    """One file of cards: a law and what it says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: Line
    documents: tuple[Line, ...] = Field(min_length=1)
    cards: tuple[CardLines, ...] = Field(min_length=1)


def load(directory: Path) -> tuple[Card, ...]:
    """Every card of every `*.yaml` below the directory, by file and place; raises CardError."""
    cards = tuple(card for path in sorted(directory.rglob("*.yaml")) for card in _read(path))
    seen: dict[str, str] = {}
    for card in cards:
        other = seen.setdefault(card.slug, card.law)
        if other != card.law:
            msg = f"the cards of {other} and {card.law} share the slug {card.slug}"
            raise CardError(msg)
    if len(seen) < len(cards):
        slugs = [card.slug for card in cards]
        double = sorted({slug for slug in slugs if slugs.count(slug) > 1})
        msg = f"slugs are used twice: {', '.join(double)}"
        raise CardError(msg)
    return cards


def differences(card: Card, statute: Statute) -> tuple[str, ...]:
    """What the card claims and the text does not say, one sentence each; empty when all stands."""
    article = next((one for one in statute.articles if one.number == card.article), None)
    if article is None:
        return (f"{card.slug}：《{statute.title}》没有{card.article}。",)
    return tuple(
        f"{card.slug}：《{statute.title}》{card.article}里没有“{words}”。"
        for words in (*card.figures, card.quote_key)
        if words not in article.text
    )


def _read(path: Path) -> tuple[Card, ...]:
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - safe, in C
        lines = LawLines.model_validate(tree)
    except (yaml.YAMLError, ValidationError, StatuteError) as error:
        msg = f"{path.name}: {error}"
        raise CardError(msg) from error
    return tuple(card_of(card, lines.law, lines.documents) for card in lines.cards)


def card_of(lines: CardLines, law: str, documents: tuple[str, ...], unit: str = "") -> Card:
    """The card that these lines describe, of a law with these documents."""
    return Card(
        slug=lines.slug,
        law=law,
        documents=documents,
        article=lines.article,
        in_force_from=lines.in_force_from,
        in_force_to=lines.in_force_to,
        scope=lines.scope,
        theme=lines.theme,
        binds=lines.binds,
        plain=lines.plain,
        exceptions=lines.exceptions,
        do=lines.do,
        figures=lines.figures,
        quote_key=lines.quote_key,
        questions=tuple(dict.fromkeys((*lines.questions, *filter(None, (lines.title,))))),
        status=lines.status,
        unit=unit,
        title=lines.title,
    )
