"""The platform's side of message sealing: AES-256-CBC with 32-byte padding, and its signatures."""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

BLOCK = 32


class UnreadableError(ValueError):
    """What came back cannot be opened with this key."""


def signature(*parts: str) -> str:
    """sha1 hex over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(encoding_key: str, app_id: str, message: bytes, salt: bytes) -> str:
    """Base64 of the sealed message; `salt` is 16 random bytes."""
    key = _key(encoding_key)
    plain = salt + struct.pack(">I", len(message)) + message + app_id.encode()
    fill = BLOCK - len(plain) % BLOCK
    work = Cipher(AES(key), CBC(key[:16])).encryptor()
    return base64.b64encode(work.update(plain + bytes([fill]) * fill) + work.finalize()).decode()


def unseal(encoding_key: str, app_id: str, sealed: str) -> bytes:
    """The message inside; raises UnreadableError unless key, padding and AppID all fit."""
    key = _key(encoding_key)
    try:
        raw = base64.b64decode(sealed, validate=True)
    except binascii.Error as exc:
        raise UnreadableError("not base64") from exc
    if not raw or len(raw) % 16:
        raise UnreadableError("not whole blocks")
    work = Cipher(AES(key), CBC(key[:16])).decryptor()
    padded = work.update(raw) + work.finalize()
    fill = padded[-1]
    if not 1 <= fill <= BLOCK or padded[-fill:] != bytes([fill]) * fill or len(padded) < fill + 20:
        raise UnreadableError("bad padding")
    plain = padded[:-fill]
    length = int.from_bytes(plain[16:20], "big")
    if plain[20 + length :] != app_id.encode():
        raise UnreadableError("sealed for another AppID")
    return plain[20 : 20 + length]


def _key(encoding_key: str) -> bytes:
    return base64.b64decode(encoding_key + "=")
