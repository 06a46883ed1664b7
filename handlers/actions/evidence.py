"""Pictures as evidence: known by their content, re-encoded, sealed, out of the web's reach."""

from __future__ import annotations

import asyncio
import io
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageOps, UnidentifiedImageError
from sqlalchemy import delete, select

from handlers.errors import PictureTooLargeError, PictureUnreadableError
from models.application import FILE, Evidence
from models.seal import KeyRing

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF")
JPEG_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is accepted: bytes as sent, pixels as opened; `side` is the longest one kept."""

    size: int
    pixels: int
    side: int


@dataclass(frozen=True, slots=True)
class Store:
    """Where sealed pictures lie, and the keys that seal them."""

    folder: Path
    ring: KeyRing
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class _Encoded:
    content: bytes
    width: int
    height: int


async def keep(
    work: Work, store: Store, content: bytes, member_id: int, message_id: int, now: datetime
) -> Evidence:
    """Store one picture; PictureUnreadableError or PictureTooLargeError say what to do.

    A picture of one message is stored once: a repeat of the message finds the first.
    """
    known = await work.scalar(select(Evidence).where(Evidence.message_id == message_id))
    if known is not None:
        return known
    encoded = await asyncio.to_thread(_encode, content, store.bounds)
    name = secrets.token_urlsafe(18)
    sealed = store.ring.seal(encoded.content, f"{FILE}:{name}")
    await asyncio.to_thread(_write, store.folder, name, sealed)
    row = Evidence(
        name=name,
        member_id=member_id,
        message_id=message_id,
        stored_at=now,
        media_type="image/jpeg",
        size=len(encoded.content),
        width=encoded.width,
        height=encoded.height,
    )
    work.add(row)
    await work.flush()
    return row


async def discard(work: Work, store: Store, name: str) -> None:
    """Forget a picture that no form kept."""
    await work.execute(delete(Evidence).where(Evidence.name == name))
    await asyncio.to_thread((store.folder / name).unlink, missing_ok=True)


async def read(store: Store, row: Evidence) -> bytes:
    """The picture, opened; SealError when the file was changed."""
    sealed = await asyncio.to_thread((store.folder / row.name).read_bytes)
    return store.ring.open(sealed, f"{FILE}:{row.name}")


async def orphans(work: Work, folder: Path, older_than: float) -> list[Path]:
    """Files without a row, written before `older_than` (Unix seconds): their message failed."""
    files = await asyncio.to_thread(_files_before, folder, older_than)
    known = set(await work.scalars(select(Evidence.name)))
    return [path for path in files if path.name not in known]


def _files_before(folder: Path, older_than: float) -> list[Path]:
    if not folder.is_dir():
        return []
    return [path for path in folder.iterdir() if path.stat().st_mtime < older_than]


def _encode(content: bytes, bounds: Bounds) -> _Encoded:
    """The picture anew, as JPEG: what is not picture (position, camera, programs) is gone."""
    if len(content) > bounds.size:
        raise PictureTooLargeError
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > bounds.pixels:
                raise PictureTooLargeError
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as exc:
        raise PictureUnreadableError from exc
    except Image.DecompressionBombError as exc:
        raise PictureTooLargeError from exc
    upright.thumbnail((bounds.side, bounds.side))
    out = io.BytesIO()
    clean = Image.new("RGB", upright.size)
    clean.paste(upright)
    clean.save(out, "JPEG", quality=JPEG_QUALITY)
    return _Encoded(out.getvalue(), *upright.size)


def _write(folder: Path, name: str, content: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{name}"
    fresh.write_bytes(content)
    fresh.rename(folder / name)
