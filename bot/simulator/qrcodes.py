"""QR codes with parameters: their tickets, their lives and a picture to show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

LONGEST = 2_592_000
SHORTEST = 60
MODULES = 25
SIDE = 430


@dataclass(frozen=True, slots=True)
class QrCode:
    """`expires_at` is None for a permanent code; `scene` is what a scan tells the account."""

    ticket: str
    scene: str
    expires_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at


@dataclass(slots=True)
class QrCodes:
    """All codes that were made since the start."""

    fresh: Callable[[int], str]
    codes: dict[str, QrCode] = field(default_factory=dict)

    def make(self, scene: str, life: timedelta | None, now: datetime) -> QrCode:
        code = QrCode(self.fresh(72), scene, None if life is None else now + life)
        self.codes[code.ticket] = code
        return code

    def scanned(self, scene: str, now: datetime) -> QrCode:
        """The newest good code of a scene; a print-out from before the start gets a new ticket."""
        good = [c for c in self.codes.values() if c.scene == scene and c.is_good(now)]
        return good[-1] if good else self.make(scene, None, now)


def draw(code: QrCode) -> bytes:
    """A PNG that looks like a QR code and says its scene below; phones cannot read it."""
    picture = Image.new("L", (SIDE, SIDE + 40), 255)
    pen = ImageDraw.Draw(picture)
    cell = (SIDE - 30) // MODULES
    bits = int.from_bytes(
        hashlib.shake_256(code.ticket.encode()).digest(MODULES * MODULES // 8 + 1), "big"
    )
    for index in range(MODULES * MODULES):
        row, column = divmod(index, MODULES)
        if _is_dark(row, column, bits >> index & 1):
            left, top = 15 + column * cell, 15 + row * cell
            pen.rectangle((left, top, left + cell - 1, top + cell - 1), fill=0)
    label = code.scene.encode("ascii", "backslashreplace").decode()[:40]
    pen.text((SIDE / 2, SIDE + 12), label, fill=0, font=ImageFont.load_default(20), anchor="mm")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _is_dark(row: int, column: int, bit: int) -> bool:
    """Three finder squares in the corners, noise elsewhere."""
    for top, left in ((0, 0), (0, MODULES - 7), (MODULES - 7, 0)):
        ring = max(abs(row - top - 3), abs(column - left - 3))
        if ring <= 4:
            return ring in {0, 1, 3}
    return bit == 1
