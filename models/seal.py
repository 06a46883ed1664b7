"""Personal data at rest: AES-GCM with a ring of keys, and a blind index to find what is sealed."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class SealError(Exception):
    """A sealed value cannot be opened: its key is not in the ring, or it was changed."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by their one-character-or-longer id; `current` seals, every key opens.

    A sealed value is: length of the key id (1 byte), key id, nonce (12 bytes), ciphertext.
    """

    current: str
    keys: Mapping[str, AESGCM]
    index_key: bytes

    @classmethod
    def read(cls, ring: str, index: str) -> KeyRing:
        """Build a ring from "id:base64, id:base64" and a base64 index key; ValueError if wrong."""
        keys: dict[str, AESGCM] = {}
        for entry in filter(None, (part.strip() for part in ring.split(","))):
            name, _, key = entry.partition(":")
            if not name.isascii() or not 0 < len(name) < 256 or name in keys:
                raise ValueError("expected keys as id:base64, each with an id of its own")
            keys[name] = AESGCM(_thirty_two_bytes(key))
        if not keys:
            raise ValueError("expected at least one key as id:base64")
        return cls(next(iter(keys)), keys, _thirty_two_bytes(index))

    def seal(self, plain: bytes, place: str) -> bytes:
        """Seal bytes for one place ("member.name"); they open only for the same place."""
        nonce = secrets.token_bytes(NONCE)
        name = self.current.encode()
        sealed = self.keys[self.current].encrypt(nonce, plain, place.encode())
        return bytes((len(name),)) + name + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """Open what `seal` made; SealError when the key is missing or the bytes were changed."""
        start = 1 + (sealed[0] if sealed else 0)
        if len(sealed) < start + NONCE:
            raise SealError("sealed value was cut off")
        key = self.keys.get(sealed[1:start].decode("ascii", "replace"))
        if key is None:
            raise SealError("sealed with a key that is not in the ring")
        nonce, body = sealed[start : start + NONCE], sealed[start + NONCE :]
        try:
            return key.decrypt(nonce, body, place.encode())
        except InvalidTag as exc:
            raise SealError("sealed value was changed or belongs elsewhere") from exc

    def seal_text(self, text: str, place: str) -> bytes:
        """Seal words."""
        return self.seal(text.encode(), place)

    def open_text(self, sealed: bytes, place: str) -> str:
        """Open sealed words."""
        return self.open(sealed, place).decode()

    def index(self, text: str, place: str) -> bytes:
        """32 bytes that are equal for equal text in one place and tell nothing else."""
        return hmac.digest(self.index_key, f"{place}\0{text}".encode(), "sha256")


def _thirty_two_bytes(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as exc:
        raise ValueError("expected base64 of 32 bytes") from exc
    if len(key) != 32:
        raise ValueError(f"expected base64 of 32 bytes, found {len(key)} bytes")
    return key
