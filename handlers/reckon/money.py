"""Sums whose rules are not among the texts: heat allowance and union dues."""

from __future__ import annotations

from handlers.reckon.outcome import Case, Lacking, Outcome, Result, plain, yuan


def heat(case: Case) -> Outcome:
    """What holds in general; no sum, because none was checked."""
    figure = case.law.figures["heat_month"]
    return Result(
        "高温津贴的金额和发放月份由省里规定，我手上没有核对过的标准，不敢报数。",
        (
            "一般来说：高温天安排露天干活，或者室内降不下温的岗位，单位应当发高温津贴",
            "通常也不能拿绿豆汤、饮料来顶津贴",
        ),
        (f"出处：{figure.paper}", "具体多少钱，请问单位人事、工会，或者打 12333"),
        (),
    )


def dues(case: Case) -> Outcome:
    """An estimate that is called one."""
    figure = case.law.figures["dues"]
    rate = case.law.value("dues")
    if "in_money" in case.told and case.lacks("wage"):
        return Lacking("wage")
    wage = case.fen("wage")
    steps = [f"通常说法：每月基本工资的 {plain(rate)}%"]
    head = f"会费通常说是每月基本工资的 {plain(rate)}%，这个比例我没有核对过正式文件。"
    if wage is not None:
        total = yuan(wage * rate / 100)
        steps.append(f"{yuan(wage)} × {plain(rate)}% = {total}")
        head = f"估算下来每月会费大约 {total}，不是准数。"
    return Result(
        head,
        tuple(steps),
        (f"出处：{figure.paper}", "按哪部分工资算、怎么收，以您单位工会的通知为准"),
        (),
    )
