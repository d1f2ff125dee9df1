"""A PIN that left an encrypting pad: only the back office's PIN key opens it, and only for what it was typed for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from back_office import pki
from kiosk.system import FileClock, SystemClock, SystemIds
from kiosk.wire.answer import AnswerKey
from kiosk.wire.encrypted_pin import SEALED_LIMIT, binding, open_pins, seal_pins
from kiosk.wire.problem import Problem, ProblemCode
from kiosk.wire.sealed import seal_to

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

BOUND = binding("01a20577-56c1-7cc0-b1d7-1a83676328b9", "T0007", "5301010019", AnswerKey.generate().jwk)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pki")
    clock = FileClock(made / "clock")
    pki.create_pki(made, clock, SystemIds(clock))
    return made


def sealed(state: Path, *pins: str, name: str = "", at: datetime | None = None) -> bytes | Problem:
    pem = (state / "pki" / name).read_bytes() if name else certificate(state)
    return seal_pins(pins, BOUND, pem, pki.anchors(state), at or SystemClock().now())


def certificate(state: Path) -> bytes:
    found = pki.pin_certificate(state)
    assert found is not None
    return found.public_bytes(Encoding.PEM)


def code(found: object) -> ProblemCode:
    assert isinstance(found, Problem), found
    return found.code


def test_what_was_typed_comes_out_for_what_it_was_typed_for(state: Path) -> None:
    for pins in (("480193",), ("480193", "27182818")):
        closed = sealed(state, *pins)
        assert isinstance(closed, bytes)
        assert open_pins(closed, BOUND, pki.pin_keys(state)) == pins
        assert code(open_pins(closed, "0" * 64, pki.pin_keys(state))) is ProblemCode.MISMATCH


def test_its_length_tells_nothing(state: Path) -> None:
    lengths = {len(found) for pins in (("480193",), ("48019377",), ("480193", "480193"), ("48019377", "27182818"))
               if isinstance(found := sealed(state, *pins), bytes)}  # fmt: skip
    assert len(lengths) == 1
    assert lengths.pop() < SEALED_LIMIT


def test_another_key_opens_nothing(state: Path) -> None:
    closed = sealed(state, "480193")
    assert isinstance(closed, bytes)
    kid = next(iter(pki.pin_keys(state)))
    assert code(open_pins(closed, BOUND, {kid: ec.generate_private_key(ec.SECP256R1())})) is ProblemCode.CANNOT_OPEN
    assert code(open_pins(closed, BOUND, {})) is ProblemCode.UNKNOWN_KEY
    assert code(open_pins(closed * 5, BOUND, {})) is ProblemCode.TOO_LARGE


def test_the_pad_seals_to_no_other_certificate(state: Path, tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock")
    pki.create_pki(tmp_path, clock, SystemIds(clock))
    stranger = certificate(tmp_path)
    assert code(seal_pins(("480193",), BOUND, stranger, pki.anchors(state), SystemClock().now())) is ProblemCode.UNTRUSTED
    assert code(seal_pins(("480193",), BOUND, b"none", pki.anchors(state), SystemClock().now())) is ProblemCode.MALFORMED
    for name in ("back-office-signing.pem", "tls.pem", "terminal-ca.pem"):
        assert code(sealed(state, "480193", name=name)) is ProblemCode.UNTRUSTED
    assert code(sealed(state, "480193", at=SystemClock().now() + timedelta(days=4000))) is ProblemCode.UNTRUSTED


def test_one_or_two_pins_and_no_more(state: Path) -> None:
    assert code(sealed(state)) is ProblemCode.MALFORMED
    assert code(sealed(state, "480193", "480193", "480193")) is ProblemCode.MALFORMED


@pytest.mark.parametrize("inside", [b"no json", b"[]", b"{}", b'{"pins": 5}', b'{"pins": ["12ab56"], "bound": "%s"}', b'{"pins": [], "bound": "%s"}',
                                    b'{"pins": ["1", "2", "3"], "bound": "%s"}', b'{"pins": [5], "bound": "%s"}'])  # fmt: skip
def test_what_no_pad_seals_is_refused(state: Path, inside: bytes) -> None:
    kid, key = next(iter(pki.pin_keys(state).items()))
    closed = seal_to(inside.replace(b"%s", BOUND.encode()), key.public_key(), kid)
    assert code(open_pins(closed, BOUND, {kid: key})) is ProblemCode.MALFORMED
