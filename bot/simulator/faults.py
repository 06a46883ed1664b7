"""What may be made to go wrong: on pushes to the account's server, and on its calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Mapping

Where = Literal["push", "call", "token"]
SENDING = "/cgi-bin/message/custom/send"
NOTICE = "/cgi-bin/message/subscribe/bizsend"
TEMPLATE = "/cgi-bin/message/template/send"
CREDENTIALS = ("/cgi-bin/token", "/cgi-bin/stable_token")


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to fail.

    `path` is what it hits when the switch names no path; empty: every call (error codes leave
    the token calls alone, for they are what a token error makes one use). `accepted` says that
    the call takes effect before its answer is spoilt.
    """

    label: str
    where: Where
    code: int | None = None
    path: str = ""
    accepted: bool = False
    seconds: float = 0.0


KINDS: Mapping[str, Kind] = {
    "delay": Kind("推送晚到", "push", seconds=3.0),
    "hold": Kind("对方的回答晚到", "push", seconds=5.1),
    "drop": Kind("推送丢失", "push"),
    "duplicate": Kind("同一条推送同时到三次", "push"),
    "reorder": Kind("后一条先到", "push", seconds=3.0),
    "slow": Kind("接口回答慢", "call", seconds=3.0, accepted=True),
    "-1": Kind("-1 系统繁忙", "call", code=-1),
    "40001": Kind("40001 凭证失效", "call", code=40001),
    "40164": Kind("40164 地址不在白名单", "call", code=40164),
    "45009": Kind("45009 今日额度用完", "call", code=45009),
    "45011": Kind("45011 调用太频繁", "call", code=45011),
    "45015": Kind("45015 超出回复时限", "call", code=45015, path=SENDING),
    "45047": Kind("45047 条数用完", "call", code=45047, path=SENDING),
    "43101": Kind("43101 对方没有订阅", "call", code=43101, path=NOTICE),
    "43116": Kind("43116 模板被限制", "call", code=43116, path=TEMPLATE),
    "48001": Kind("48001 接口未授权", "call", code=48001),
    "48004": Kind("48004 接口被封禁", "call", code=48004),
    "48006": Kind("48006 清零次数用完", "call", code=48006, path="/cgi-bin/clear_quota"),
    "50002": Kind("50002 账号被限制", "call", code=50002),
    "cut": Kind("回答被截断", "call", accepted=True),
    "empty": Kind("回答为空", "call", accepted=True),
    "html": Kind("回答是网页（200）", "call"),
    "502": Kind("网关错误 502", "call"),
    "hang": Kind("一直不回答", "call", seconds=30.0),
    "reset": Kind("办完后断开连接", "call", accepted=True),
    "stolen": Kind("凭证被别处刷新", "token"),
}


class Switch(BaseModel):
    """A fault as it is switched on; without `count` it stays until it is switched off."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: str
    count: int | None = Field(default=None, ge=1, le=100_000)
    path: str = Field(default="", pattern=r"^(/[a-z0-9_/-]+)?$")
    seconds: float | None = Field(default=None, ge=0, le=600)


@dataclass(slots=True)
class Fault:
    """A switch that is on; `left` counts down to nought, None never ends."""

    number: int
    switch: Switch
    left: int | None

    @property
    def kind(self) -> Kind:
        return KINDS[self.switch.fault]

    @property
    def seconds(self) -> float:
        return self.kind.seconds if self.switch.seconds is None else self.switch.seconds

    def hits(self, path: str) -> bool:
        """Whether a call of `path` is meant."""
        wanted = self.switch.path or self.kind.path
        if wanted:
            return path == wanted
        return self.kind.code is None or path not in CREDENTIALS


@dataclass(slots=True)
class Faults:
    """The switches that are on, oldest first."""

    active: list[Fault] = field(default_factory=list)
    last: int = 0

    def switch_on(self, switch: Switch) -> Fault:
        self.last += 1
        fault = Fault(self.last, switch, switch.count)
        self.active.append(fault)
        return fault

    def switch_off(self, number: int | None) -> None:
        """Switch off one fault, or all of them."""
        self.active = [f for f in self.active if number is not None and f.number != number]

    def on_push(self, name: str) -> Fault | None:
        """The fault of this name that hits the next push, used up by one."""
        return self._use(next((f for f in self.active if f.switch.fault == name), None))

    def on_call(self, path: str) -> Fault | None:
        """The first fault that hits a call of `path`, used up by one."""
        calls = (f for f in self.active if f.kind.where == "call" and f.hits(path))
        return self._use(next(calls, None))

    def _use(self, fault: Fault | None) -> Fault | None:
        if fault is None or fault.left is None:
            return fault
        fault.left -= 1
        if fault.left == 0:
            self.active.remove(fault)
        return fault


def as_json(fault: Fault) -> dict[str, object]:
    return {
        "number": fault.number,
        "fault": fault.switch.fault,
        "label": fault.kind.label,
        "path": fault.switch.path or fault.kind.path,
        "left": fault.left,
        "seconds": fault.seconds,
    }
