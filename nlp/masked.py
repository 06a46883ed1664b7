"""A question without what names a person, so that it can be read in a list."""

from __future__ import annotations

import re

MASK = "＊"
# ID numbers, bank cards, telephone numbers: five digits or more, however they are spaced; not
# days such as 2026-11-20, nor sums of money.
_NUMBER = re.compile(
    r"(?<![0-9０-９])(?!20[0-9]{2}-[0-9]{1,2}(?:-[0-9]{1,2})?(?![0-9\-]))"
    r"[0-9０-９](?:[ \-－—]?[0-9０-９Xx]){4,}(?!\s*[0-9元块万])"
)
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
# “微信号 zhouxh_88”, “和平路18号3栋502室”.
_ACCOUNT = re.compile(r"(?P<before>(?:微信|QQ|工)号?[是：:]?\s*)[A-Za-z][\w-]{4,}", re.ASCII)
_HOUSE = re.compile(
    r"[\u4e00-\u9fff]{2}(?:路|街|巷|大道|小区|社区|村)[0-9０-９]+(?:号|栋|组|期)"
    r"(?:[0-9０-９]+(?:号楼|栋|单元|楼|层|室|号)?)*"
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏"
    "吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱"
    "严覃武戴莫孔向汤柳"
)
# What people tell of somebody before they name them.
_WHO = (
    "同事|领导|主任|处长|科长|老师|师傅|班长|组长|站长|店长|主管|经理|老板|工友|徒弟|"
    "老公|老婆|爱人|丈夫|妻子|对象|爸爸|妈妈|父亲|母亲|儿子|女儿|哥哥|姐姐|弟弟|妹妹|公公|婆婆"
)
# Words that begin like a name.
_NO_NAMES = "马上|周[一二三四五六日天末]|高[温薪]|任何|万一|于是|白[天班]|严重|金额|方面|毛病|石油"
# “我叫周小禾”, “同事张建国”: a name is taken for one only where something says that it is.
_NAME = re.compile(
    rf"(?P<before>(?:我叫|我是|名叫|叫做|姓名[是：:]?|{_WHO}))(?!{_NO_NAMES})"
    rf"(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{1,2}})"
    rf"(?=[，。,.、；！？!?\s]|$|的|说|和|在|被|把|要|不|已|今|去|他|她|同志)"
)


def masked(text: str) -> str:
    """The text with numbers, accounts, addresses, and names said to be names made blind."""
    text = _MAIL.sub(MASK * 3, text)
    text = _ACCOUNT.sub(lambda found: found["before"] + MASK * 3, text)
    text = _HOUSE.sub(MASK * 3, text)
    text = _NUMBER.sub(MASK * 4, text)
    return _NAME.sub(lambda found: found["before"] + MASK * 2, text)
