"""What is owed when a labour contract ends: N, N+1, 2N or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from handlers.reckon.outcome import Case, Lacking, Outcome, Result, plain, yuan
from handlers.reckon.spans import Length, between, said_day

if TYPE_CHECKING:
    from datetime import date

    from handlers.reckon.figures import Clause, InForce

SERVED = "served"
NOTHING = {
    "resigned": (
        "自己主动辞职，一般没有经济补偿。",
        "如果是单位欠薪、不交社保等原因您才走的，要在辞职信里写明原因，那样有补偿",
        "own_resignation",
    ),
    "fault": (
        "因严重违纪等过错被依法解除的，没有经济补偿。",
        "单位要拿得出制度和证据；如果事实不对，可以申请仲裁，要求违法解除的赔偿金",
        "grave_fault",
    ),
}
CLAUSES = {"unlawful": ("unlawful", "severance"), "no_fault": ("severance", "without_notice")}
CIVIL = (
    "您单位是{kind}。公务员和在编人员不适用劳动合同法的经济补偿；和单位签劳动合同的，才按下面算"
)
AVERAGE = "我按您说的数算；月工资要用解除前 12 个月的应得工资平均数，奖金津贴也算进去"


@dataclass(frozen=True, slots=True)
class Owed:
    """Months of wages, the monthly wage in fen that counts, and what capped them, if anything."""

    months: Decimal
    wage: int | None
    capped: bool


def months_owed(served: Length, law: InForce) -> Decimal:
    """N: a month for each year; from six months of a year on the whole, below half a month."""
    full, rest = divmod(served.months, 12)
    months = Decimal(full) * law.value("severance_year")
    if rest >= law.whole("severance_round_up"):
        return months + law.value("severance_year")
    if rest or served.days:
        return months + law.value("severance_half")
    return months


def owed(served: Length, wage: int | None, average: int | None, law: InForce) -> Owed:
    """N and the wage that counts, with the cap for those who earn over three times the average.

    Sums are fen a month; without `average` nothing is capped.
    """
    months = months_owed(served, law)
    if wage is None or average is None or wage <= average * law.whole("severance_cap_times"):
        return Owed(months, wage, capped=False)
    most = Decimal(law.whole("severance_cap_years"))
    return Owed(min(months, most), average * law.whole("severance_cap_times"), capped=True)


def severance(case: Case) -> Outcome:
    """Months of wages by the way the contract ended, and the sum when the wage is told."""
    reason = case.told.get("reason", "")
    if reason in NOTHING:
        head, caution, key = NOTHING[reason]
        cautions = (caution, *_kind(case))
        return Result(head, (), cautions, (case.law.clauses[key],))
    if case.service(SERVED, case.today) is None:
        return Lacking(SERVED)
    if not reason and case.lacks("reason"):
        return Lacking("reason")
    end = case.day("left") or case.today
    least, most = _served(case, end, reason)
    undecided = months_owed(least, case.law) != months_owed(most, case.law)
    vague = "entered" not in case.told and len(case.said_service(SERVED)) == 4
    if undecided and vague and case.lacks("entered"):
        return Lacking("entered")
    if "in_money" in case.told and case.lacks("wage"):
        return Lacking("wage")
    cautions = ("您没说到哪一天，我按那个月的 1 日算的",) if undecided else ()
    return _result(case, most, reason, cautions)


def _served(case: Case, end: date, reason: str) -> tuple[Length, Length]:
    """Years that count: for N only since the law began, for 2N since the first day of work."""
    least, most = case.service(SERVED, end) or (Length(0), Length(0))
    if reason == "unlawful":
        return least, most
    longest = between(_begun(case), end)
    return min(least, longest), min(most, longest)


def _result(case: Case, served: Length, reason: str, vague: tuple[str, ...]) -> Result:
    law, wage = case.law, case.fen("wage")
    found = owed(served, wage, case.fen("average"), law)
    months = plain(found.months)
    steps = [f"在这个单位算 {served.words} → {months} 个月工资（N = {months}）"]
    times = law.whole("unlawful_times") if reason == "unlawful" else 1
    total = found.months * times
    if times > 1:
        steps.append(f"单位违法解除：N × {times} = {plain(total)} 个月工资")
    if found.capped:
        steps.append(
            f"工资高于当地平均工资 {law.whole('severance_cap_times')} 倍，"
            f"按 {yuan(found.wage or 0)}算，年限最高 {law.whole('severance_cap_years')} 年"
        )
    head = _head(total, reason)
    if found.wage is not None:
        total_fen = total * found.wage
        steps.append(f"{plain(total)} × {yuan(found.wage)} = {yuan(total_fen)}")
        uncapped = "" if "average" in case.told else "（没算高工资的封顶）"
        head = f"{head[:-1]}，按您说的工资是 {yuan(total_fen)}{uncapped}。"
    if reason == "no_fault":
        steps.append(_notice(case, found))
    cautions = [*_kind(case), *vague, *_assumed(case, reason, found)]
    return Result(head, tuple(steps), tuple(cautions), _clauses(case, reason))


def _head(total: Decimal, reason: str) -> str:
    if reason == "unlawful":
        return f"如果确实是违法解除，单位应当付您 {plain(total)} 个月工资的赔偿金（2N）。"
    if not reason:
        return f"单位依法要付补偿的话，是 {plain(total)} 个月工资（N）。"
    return f"单位应当付您 {plain(total)} 个月工资的经济补偿（N）。"


def _notice(case: Case, found: Owed) -> str:
    months = case.law.whole("notice_months")
    if found.wage is None:
        return f"没有提前三十天书面通知的，还要加 {months} 个月工资，就是“N+1”"
    return f"没有提前三十天书面通知的，还要加 {months} 个月工资（按上个月的工资），就是“N+1”"


def _assumed(case: Case, reason: str, found: Owed) -> list[str]:
    law, lines = case.law, list[str]()
    times = law.whole("severance_cap_times")
    if found.wage is not None:
        lines.append(AVERAGE)
    if "average" not in case.told:
        lines.append(
            f"当地上年度职工月平均工资我不掌握：月工资高过它 {times} 倍的，"
            f"按 {times} 倍算，年限最高 {law.whole('severance_cap_years')} 年"
        )
    if "left" not in case.told and not case.said_service(SERVED).startswith("P"):
        lines.append(f"年限算到今天（{said_day(case.today)}）")
    if _before_the_law(case) and reason != "unlawful":
        lines.append("2008 年以前的年限按当时的规定另算，没有算在里面")
    if reason == "expired":
        lines.append("单位愿意按不低于原来的条件续签、您自己不续的，没有补偿")
    if not reason:
        lines.append("有没有补偿，要看合同是怎么结束的；自己辞职一般没有")
    return lines


def _begun(case: Case) -> date:
    """Since when years count for N."""
    return case.law.clauses["severance_since"].in_force_from


def _before_the_law(case: Case) -> bool:
    end = case.day("left") or case.today
    served = case.service(SERVED, end)
    return served is not None and served[1] > between(_begun(case), end)


def _clauses(case: Case, reason: str) -> tuple[Clause, ...]:
    keys = CLAUSES.get(reason, ("severance", "severance_cases"))
    return tuple(case.law.clauses[key] for key in keys)


def _kind(case: Case) -> list[str]:
    return [] if case.kind in {"", "企业"} else [CIVIL.format(kind=case.kind)]
