"""What travels over a line of the world: one signed request, one reply."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """One signed request on its way."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sent back."""

    status: int
    headers: dict[str, str]
    body: bytes
