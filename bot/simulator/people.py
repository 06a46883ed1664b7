"""The invented people whose phones the simulator plays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a phone.

    `openid` has 28 characters. `avatar` names a picture in `static/avatars`. `following` says
    whether the person follows the account when the simulator starts for the first time.
    """

    openid: str
    name: str
    note: str
    avatar: str = "leaf"
    following: bool = True


DEMO: tuple[Person, ...] = (
    Person("oSIM_zhouxiaohe_000000000001", "周小禾", "保洁员，58 岁", "seedling"),
    Person("oSIM_linyezhou_0000000000002", "林夜舟", "护士，夜班多", "moon"),
    Person("oSIM_jiangzhiyuan_0000000003", "江知远", "两个孩子的父亲", "river"),
    Person("oSIM_suyifan_000000000000004", "苏一帆", "新入职的技术员", "sail"),
    Person("oSIM_heqinghuan_000000000005", "何清欢", "工会小组长", "cup"),
    Person("oSIM_gusongnian_000000000006", "顾松年", "快退休的司机", "pine"),
    Person(
        "oSIM_fangwanqing_00000000007",
        "方晚晴",
        "超市收银员，刚听说工会",
        "sunset",
        following=False,
    ),
    Person(
        "oSIM_luoshixin_0000000000008", "罗拾薪", "外卖骑手，刚听说工会", "wheel", following=False
    ),
)
