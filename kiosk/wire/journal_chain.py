"""The hash that ties each journal entry to the one before it: what a terminal chains, anybody can verify.

    hash = SHA-256( previous hash (32 bytes) || SHA-256(sealed body) (32 bytes) || clear header )

Rules:
- The clear header is eight UTF-8 lines, each ended by LF: id, kind, terminal, epoch, seq, schema, sealing key id,
  recorded_at; numbers in decimal. No field may hold a line feed (the journal refuses such a one at its door).
- The entry with seq 1 follows `GENESIS`. On the wire hashes are lower-case hexadecimal.
"""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple

GENESIS = bytes(32)
"""The previous hash of a journal's first entry; `GENESIS.hex()` on the wire."""


class ClearHeader(NamedTuple):
    """What is readable of an entry without any key, and nothing else."""

    id: str
    kind: str
    terminal: str
    epoch: int
    seq: int
    schema: int
    sealing_key_id: str
    recorded_at: str


def chain_hash(previous: bytes, body: bytes, header: ClearHeader) -> bytes:
    """32 bytes; `previous` is the hash of the entry before, `body` the sealed envelope as it is stored and sent."""
    return chain_hash_of_digest(previous, sha256(body).digest(), header)


def chain_hash_of_digest(previous: bytes, body_digest: bytes, header: ClearHeader) -> bytes:
    """The same, for who has the SHA-256 of the body (32 bytes) already."""
    lines = (
        f"{header.id}\n{header.kind}\n{header.terminal}\n{header.epoch}\n{header.seq}\n"
        f"{header.schema}\n{header.sealing_key_id}\n{header.recorded_at}\n"
    )
    return sha256(previous + body_digest + lines.encode()).digest()
