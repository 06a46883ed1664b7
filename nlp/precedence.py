"""Which of two laws governs when both speak of one matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from nlp.cards import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from nlp.cards import Card
    from nlp.retrieve import Found

FILE = "precedence.yaml"
# Two candidates that fit so nearly alike, by the share of the better score, answer one question:
# where a rule says which law governs, and where only the newer one goes first.
NEARLY, ALIKE = 0.85, 0.97


class Rule(BaseModel):
    """One law that goes before others, for units of some kinds or, without `for`, for all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    law: str
    before: Annotated[tuple[str, ...], Field(min_length=1)]
    kinds: Annotated[tuple[Kind, ...] | None, Field(alias="for")] = None


RULES: TypeAdapter[tuple[Rule, ...]] = TypeAdapter(tuple[Rule, ...])


@dataclass(frozen=True, slots=True)
class Precedence:
    """Pairs of laws, the governing one first, with the rule that says so."""

    pairs: Mapping[tuple[str, str], Rule] = field(default_factory=dict)

    def goes_first(self, upper: Found, lower: Found, kind: Kind | None) -> bool:
        """Whether the lower of two candidates governs, for a unit of this kind, and goes first.

        The special before the general as it is written down; otherwise the newer before the older.
        Cards of other themes speak of other matters, unless a law is there for a kind of unit.
        """
        one, other = lower.card, upper.card
        if one is None or other is None or one.law == other.law:
            return False
        governs = self._rule(one, other, kind)
        if one.theme != other.theme and (governs is None or governs.kinds is None):
            return False
        if governs is not None:
            return lower.score >= NEARLY * upper.score
        if self._rule(other, one, kind) is not None:
            return False
        newer = one.in_force_from > other.in_force_from
        return newer and lower.score >= ALIKE * upper.score

    def _rule(self, card: Card, other: Card, kind: Kind | None) -> Rule | None:
        """The rule by which the law of a card governs over another's, for a unit of this kind."""
        rule = self.pairs.get((card.law, other.law))
        if rule is None or (rule.kinds is not None and kind not in rule.kinds):
            return None
        return rule


def load_precedence(room: Path) -> Precedence:
    """Read precedence.yaml; pydantic.ValidationError says what is wrong."""
    rules = RULES.validate_python(yaml.safe_load((room / FILE).read_text(encoding="utf-8")))
    return Precedence({(rule.law, other): rule for rule in rules for other in rule.before})
