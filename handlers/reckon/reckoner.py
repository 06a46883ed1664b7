"""A calculation from the question that begins it, through what is asked back, to its result."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers.reckon import deadlines, holidays, leave, maternity, money, overtime, severance
from handlers.reckon.asked import Asked, Calculator, Input, load_asked
from handlers.reckon.figures import Figures, load_figures
from handlers.reckon.outcome import Case, Outcome, Result
from handlers.reckon.reading import read, squeezed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

CALCULATORS: Mapping[str, Callable[[Case], Outcome]] = {
    "annual_leave": leave.annual_leave,
    "leave_new_starter": leave.new_starter,
    "leave_on_leaving": leave.leave_on_leaving,
    "leave_pay": leave.leave_pay,
    "maternity": maternity.maternity,
    "severance": severance.severance,
    "overtime": overtime.overtime,
    "holiday": holidays.holiday,
    "holidays_of_year": holidays.holidays_of_year,
    "days_off": holidays.days_off,
    "injury_report": deadlines.injury_report,
    "injury_leave": deadlines.injury_leave,
    "arbitration": deadlines.arbitration,
    "heat": money.heat,
    "dues": money.dues,
}
MOST_ASKS = 3
PATIENCE = timedelta(hours=12)
LONGEST_ANSWER = 40
"""Characters; a longer message is no answer to one short question."""
UNKNOWN = re.compile(
    r"(?:我)?(?:也)?(?:不清楚|不知道|不晓得|不记得|记不清|记不得|忘了|忘记了|说不清|不确定|不好说)[了吧啊呀。.]*"
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class Pending:
    """A calculation that waits for an answer; kept in the conversation between two messages.

    `question` began it. `told` are inputs by key, `unknown` those the member could not tell,
    `asked` the one asked for, `asks` how often something was asked, `asked_at` when last.
    """

    slug: str
    question: str = ""
    told: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    asked: str = ""
    asks: int = 0
    asked_at: datetime | None = None


class Reckoner:
    """All calculators with the files they were read from."""

    def __init__(self, asked: Asked, figures: Figures) -> None:
        self._asked = asked
        self._figures = figures

    @classmethod
    def load(cls, directory: Path) -> Reckoner:
        """Read `asked.yaml` and `figures.yaml`; pydantic.ValidationError for a broken one."""
        return cls(load_asked(directory / "asked.yaml"), load_figures(directory / "figures.yaml"))

    def begin(self, question: str, now: datetime) -> Pending | None:
        """The calculation that a question wants, with what it tells; None when it wants none."""
        words = squeezed(question)
        for calculator in self._asked.calculators:
            if not calculator.speaks_of_it(words) or not self._in_force(calculator, now):
                continue
            told = self._told(calculator, words, now)
            if calculator.personal.search(words) or any(key in told for key in calculator.carries):
                return Pending(calculator.slug, question, told)
        return None

    def outcome(self, pending: Pending, now: datetime, roster: str = "") -> Result | Input | None:
        """The result, or the input to ask for; after three asks the rest counts as unknown.

        `roster` is the kind of unit, where it is known. None: what is unknown decides everything.
        """
        today = now.astimezone(SHANGHAI).date()
        case = Case(
            pending.told, today, self._figures.on(today), roster, frozenset(pending.unknown)
        )
        for _ in self._asked.inputs:
            found = CALCULATORS[pending.slug](case)
            if isinstance(found, Result):
                return found
            if pending.asks < MOST_ASKS and found.key not in case.unknown:
                return self._asked.inputs[found.key]
            if found.key in case.unknown:
                break
            case = replace(case, unknown=case.unknown | {found.key})
        return None

    def hear(self, pending: Pending, message: str, now: datetime) -> Pending | None:
        """The calculation with what the message answers; None when it answers nothing."""
        words = squeezed(message)
        if len(words) > LONGEST_ANSWER:
            return None
        wanted = self._asked.inputs[pending.asked]
        if UNKNOWN.fullmatch(words):
            return replace(pending, unknown=(*pending.unknown, wanted.key))
        value = read(words, wanted, now, asked=True)
        if value is None:
            return None
        return replace(pending, told={**pending.told, wanted.key: value})

    def waits(self, pending: Pending, now: datetime) -> bool:
        """Whether an answer may still be meant for what was asked; not the day after."""
        return pending.asked_at is None or now - pending.asked_at < PATIENCE

    def taps(self, pending: Pending, message: str) -> bool:
        """Whether the message is an answer that was offered to be tapped."""
        choices = self._asked.inputs[pending.asked].choices
        return message.strip() in {choice.label for choice in choices}

    def _told(self, calculator: Calculator, words: str, now: datetime) -> dict[str, str]:
        inputs = {*calculator.reads, *calculator.carries}
        found = {
            key: read(words, self._asked.inputs[key], now, asked=False)
            for key in self._asked.inputs
            if key in inputs
        }
        return {key: value for key, value in found.items() if value is not None}

    def _in_force(self, calculator: Calculator, now: datetime) -> bool:
        figures = self._figures.on(_day(now)).figures
        return all(key in figures for key in calculator.figures)


def _day(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()
