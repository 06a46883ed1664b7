"""Templates of notices, what their values may be, and what is reported after a send."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.simulator.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Template:
    """A notice whose rows have typed keys: the type's name and a number, with a label each."""

    template_id: str
    title: str
    rows: Mapping[str, str]

    @property
    def content(self) -> str:
        """As the platform lists it."""
        return "\n".join(f"{label}:{{{{{key}.DATA}}}}" for key, label in self.rows.items())


TEMPLATES = (
    Template(
        "SIM_application_progress_000000000000000001",
        "申请进度通知",
        {
            "thing1": "申请事项",
            "character_string2": "申请编号",
            "phrase3": "当前进度",
            "time4": "更新时间",
        },
    ),
    Template(
        "SIM_event_signup_00000000000000000000000002",
        "活动报名成功通知",
        {"thing1": "活动名称", "time2": "活动时间", "thing3": "活动地点", "name4": "报名人"},
    ),
    Template(
        "SIM_benefit_reminder_0000000000000000000003",
        "会员权益提醒",
        {"thing1": "权益名称", "date2": "截止日期", "thing3": "温馨提示"},
    ),
    Template(
        "SIM_grant_received_000000000000000000000004",
        "补助发放通知",
        {"thing1": "补助项目", "amount2": "发放金额", "time3": "发放时间"},
    ),
)

CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
DAY = r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2})"
MOMENT = rf"({DAY} ?)?{CLOCK}"
DATE = rf"{DAY}( ?{CLOCK})?"
CHINESE = r"[\u4e00-\u9fff]"


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda value: re.fullmatch(pattern, value) is not None


def _is_name(value: str) -> bool:
    return 1 <= len(value) <= (10 if re.search(CHINESE, value) else 20)


TYPES: Mapping[str, Callable[[str], bool]] = {
    "thing": _matches(r"[^\r\n]{1,20}"),
    "number": _matches(r"(?=.{1,33}$)-?\d{1,32}(\.\d+)?"),
    "letter": _matches(r"[A-Za-z]{1,32}"),
    "symbol": _matches(r"[^\w\s]{1,5}"),
    "character_string": _matches(r"[\x21-\x7e]{1,32}"),
    "time": _matches(rf"{MOMENT}(~{MOMENT})?"),
    "date": _matches(rf"{DATE}(~{DATE})?"),
    "amount": _matches(r"[¥￥$€£]?\d{1,10}(\.\d+)?元?"),
    "phone_number": _matches(r"[\d+\-() ]{1,17}"),
    "car_number": _matches(rf"(?=.{{1,8}}$)({CHINESE})?[A-Z0-9]+({CHINESE})?"),
    "name": _is_name,
    "phrase": _matches(rf"{CHINESE}{{1,5}}"),
    "const": _matches(r".{1,20}"),
}


def find(template_id: str) -> Template:
    for template in TEMPLATES:
        if template.template_id == template_id:
            return template
    raise Refusal(40037)


def check(template: Template, values: Mapping[str, str]) -> None:
    """Raise Refusal 47003 that names the first key that is missing, unknown or of a wrong type."""
    for key in (*template.rows, *values):
        kind = key.rstrip("0123456789")
        if key not in values or key not in template.rows or not TYPES[kind](values[key]):
            raise Refusal(47003, f"data.{key}.value invalid")
