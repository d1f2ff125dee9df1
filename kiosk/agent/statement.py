"""The signed statement on a receipt: what was recorded, when and where, checkable at any terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kiosk.domain.errors import Bug
from kiosk.wire.canonical import digest
from kiosk.wire.receipt import Statement, sign_statement
from kiosk.wire.timestamps import read_timestamp

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from offline_cache.entries import Place


@dataclass(frozen=True, slots=True)
class StatementSigner:
    """Signs with the receipt key of this terminal, which signs nothing else."""

    terminal: str
    office: str
    key: ec.EllipticCurvePrivateKey
    certificate: bytes

    def sign(self, place: Place, reference: str, service: str, body: bytes) -> str:
        """Return the text of the receipt's QR for a durable entry."""
        recorded_at = read_timestamp(place.recorded_at)
        if recorded_at is None:
            raise Bug(f"the journal made the time {place.recorded_at!r}")
        statement = Statement(
            reference=reference,
            terminal=self.terminal,
            office=self.office,
            service=service,
            recorded_at=recorded_at,
            transaction_id=place.id,
            body_hash=digest(body),
        )
        return sign_statement(statement, self.key, self.certificate)
