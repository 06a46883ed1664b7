"""What a person may do wrong, each with the sentence they see."""

from __future__ import annotations

import traceback
from pathlib import Path


class DomainError(Exception):
    """这一步现在办不了，请稍后再试，或发“人工”找工作人员。"""

    @property
    def sentence(self) -> str:
        """What the person reads: the docstring of the class, or what was given instead."""
        return str(self) or (self.__doc__ or "")


class NotBoundError(DomainError):
    """要先核对身份才能办这件事。发“绑定”开始。"""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.wanted = wanted


class ChangedMeanwhileError(DomainError):
    """这件事刚刚有了变化，请刷新后再看一眼。"""


class PictureUnreadableError(DomainError):
    """这张照片没能打开。请换一张 JPG 或 PNG 格式的照片再发一次。"""


class PictureTooLargeError(DomainError):
    """这张照片太大了。请用手机重新拍一张，或截图后再发。"""


class PictureNotFetchedError(DomainError):
    """这张照片没有收到，可能是网络不好。请再发一次。"""


class EventClosedError(DomainError):
    """这个活动的报名已经截止了。发“活动”可以看看还有哪些能报名。"""


class NotSignedUpError(DomainError):
    """您没有报名这个活动，不用取消。"""


class BindingPausedError(DomainError):
    """试的次数有点多，为了保护您的信息，请过一会儿再试，或者联系单位工会干部核对名册。"""


class AlreadyBoundError(DomainError):
    """这个微信已经绑定过了，不用再绑。发“我的信息”可以查看。"""


def where(exc: BaseException) -> str:
    """Kind and place of a failure, innermost first, for a log.

    Without its message: that may hold what a member wrote.
    """
    frames = reversed(traceback.extract_tb(exc.__traceback__)[-5:])
    places = " < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    return f"{type(exc).__name__} at {places}"
