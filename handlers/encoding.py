"""The encoder of a process: loaded once, for whoever needs it first, and used in one thread."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from handlers.background import aside
from nlp.encode import Encoder, EncoderError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)


class Encoding:
    """What makes vectors, or the reason why nothing does.

    `fault` is "off" where the encoder is not wanted, or says why it cannot run; "" otherwise.
    """

    def __init__(self, make: Callable[[], Encoder] | None) -> None:
        """`make` may raise EncoderError; None does without."""
        self._make = make
        self._encoder: Encoder | None = None
        self._loading = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoder")
        self.fault = "off" if make is None else ""

    @property
    def encoder(self) -> Encoder | None:
        """The encoder, once it has been loaded; None where it is not used or cannot run."""
        return self._encoder

    async def load(self) -> Encoder | None:
        """The encoder, loaded if need be; None where there is none, and `fault` says why."""
        async with self._loading:
            if self._encoder is None and not self.fault and self._make is not None:
                try:
                    self._encoder = await aside(self._make)
                except EncoderError as exc:
                    self.fault = str(exc)
                    log.warning("without the encoder: %s", exc)
        return self._encoder

    async def vector(self, text: str) -> NDArray[np.float32]:
        """The vector of a text; only where there is an `encoder`."""
        if self._encoder is None:
            raise LookupError("there is no encoder here")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._encoder.vector, text)

    def stop(self) -> None:
        """Begin nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)
