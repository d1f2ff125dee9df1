"""OpenSC, an implementation of others, through the real pcscd, libpcsclite and reader driver to the simulated card."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from devices.simulators.slot import BLOCKING_PAD, NO_PAD
from tests.card_bench import CERTIFICATE_OF, PIN, PUK, CardBench, CardPlan, card_in, issue, key, shared_bench, typing

if TYPE_CHECKING:
    from pathlib import Path

    from devices.simulators.slot import Feature

pytestmark = pytest.mark.skipif(shutil.which("pkcs11-tool") is None, reason="needs the Debian package opensc")

P256 = {"9A": "P-256", "9C": "P-256", "9D": "P-256", "9E": "P-256"}
RSA = {"9A": "RSA-2048", "9C": "RSA-2048", "9D": "RSA-2048", "9E": "P-256"}
BOTH_CARDS = pytest.mark.parametrize(("name", "algorithms"), [("marie", P256), ("karel", RSA)], ids=["P-256", "RSA"])


def run(bench: CardBench, *command: str) -> str:
    """Run a tool and give what it printed; it must succeed."""
    done = subprocess.run(
        command,
        env=bench.pcscd.environment() | {"LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def bench_with(name: str, algorithms: dict[str, str], features: tuple[Feature, ...] = BLOCKING_PAD) -> CardBench:
    bench = shared_bench(features)
    bench.insert(issue(CardPlan(name=name, algorithms=algorithms)))
    return bench


def test_readers_are_listed_with_their_pads() -> None:
    bench = bench_with("marie", P256)

    listed = run(bench, "opensc-tool", "-l").splitlines()

    assert [line.split() for line in listed if "Guichet" in line] == [
        ["0", "Yes", "PIN", "pad", "Guichet", "Visitor", "00", "00"],
        ["1", "No", "PIN", "pad", "Guichet", "Staff", "01", "00"],
    ]


def test_a_reader_without_a_pad_is_listed_without() -> None:
    assert "PIN pad" not in run(bench_with("marie", P256, NO_PAD), "opensc-tool", "-l")


def test_the_card_is_known_as_piv() -> None:
    name = run(bench_with("marie", P256), "opensc-tool", "--name")

    assert "PIV" in name or "Personal Identity Verification" in name


@BOTH_CARDS
def test_dump_shows_pin_keys_and_certificates(name: str, algorithms: dict[str, str]) -> None:
    bench = bench_with(name, algorithms)

    dump = run(bench, "pkcs15-tool", "--dump")

    for expected in (
        "PIN [PIN]",
        "Private RSA Key [PIV AUTH key]" if algorithms["9A"] != "P-256" else "Private EC Key [PIV AUTH key]",
        "Certificate for PIV Authentication",
        "Certificate for Digital Signature",
        "Certificate for Key Management",
        "Certificate for Card Authentication",
    ):
        assert expected in dump


@BOTH_CARDS
def test_certificates_are_read_as_they_were_issued(name: str, algorithms: dict[str, str]) -> None:
    bench = bench_with(name, algorithms)
    assert bench.visitor.card

    pem = run(bench, "pkcs15-tool", "--read-certificate", "01")

    begun = pem[pem.index("-----BEGIN") :]
    der = serialization.load_pem_public_key(run_openssl("x509", "-pubkey", "-noout", stdin=begun).encode())
    assert der == key(f"{name} 9A", algorithms["9A"]).public_key()
    assert CERTIFICATE_OF["9A"] in card_in(bench.visitor).file.objects


def run_openssl(*arguments: str, stdin: str) -> str:
    done = subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, text=True, timeout=30, check=True)
    return done.stdout


@BOTH_CARDS
def test_pkcs11_self_test_with_the_pin_given(name: str, algorithms: dict[str, str]) -> None:
    report = run(bench_with(name, algorithms), "pkcs11-tool", "--test", "--login", "--pin", PIN)

    assert_passed(report, algorithms)


@BOTH_CARDS
def test_pkcs11_self_test_with_the_pin_on_the_pad(name: str, algorithms: dict[str, str]) -> None:
    bench = bench_with(name, algorithms)

    with typing(bench.visitor, *PIN, "enter") as asked:
        report = run(bench, "pkcs11-tool", "--test", "--login")

    assert_passed(report, algorithms)
    assert asked


def assert_passed(report: str, algorithms: dict[str, str]) -> None:
    assert "No errors" in report
    assert "ERR" not in report
    if algorithms["9A"] == "RSA-2048":
        assert "SHA256-RSA-PKCS: OK" in report
        assert report.count("RSA-X-509: OK") >= 6  # signed, verified and decrypted, by more than one key


@BOTH_CARDS
@pytest.mark.parametrize(("object_id", "slot"), [("01", "9A"), ("02", "9C")])
def test_signatures_verify_outside(
    name: str, algorithms: dict[str, str], object_id: str, slot: str, tmp_path: Path
) -> None:
    mechanism = "ECDSA-SHA256" if algorithms[slot] == "P-256" else "SHA256-RSA-PKCS"
    bench = bench_with(name, algorithms)
    message, signed = tmp_path / "message", tmp_path / "signed"
    message.write_bytes(b"a message of some length, signed by OpenSC on the simulated card")
    command = ["pkcs11-tool", "--login", "--sign", "--id", object_id, "--mechanism", mechanism]

    with typing(bench.visitor, *PIN, "enter"):
        run(bench, *command, "--input-file", str(message), "--output-file", str(signed))

    public, signature = key(f"{name} {slot}", algorithms[slot]).public_key(), signed.read_bytes()
    if isinstance(public, ec.EllipticCurvePublicKey):
        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        public.verify(encode_dss_signature(r, s), message.read_bytes(), ec.ECDSA(hashes.SHA256()))
    else:
        public.verify(signature, message.read_bytes(), padding.PKCS1v15(), hashes.SHA256())


def test_decryption_by_the_rsa_key(tmp_path: Path) -> None:
    bench = bench_with("karel", RSA)
    public = key("karel 9D", "RSA-2048").public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    sealed, opened = tmp_path / "sealed", tmp_path / "opened"
    sealed.write_bytes(public.encrypt(b"for the holder alone", padding.PKCS1v15()))
    command = ["pkcs11-tool", "--login", "--pin", PIN, "--decrypt", "--id", "03", "--mechanism", "RSA-PKCS"]

    run(bench, *command, "--input-file", str(sealed), "--output-file", str(opened))

    assert opened.read_bytes() == b"for the holder alone"


def test_key_agreement(tmp_path: Path) -> None:
    bench = bench_with("marie", P256)
    mine = ec.generate_private_key(ec.SECP256R1())
    theirs = key("marie 9D").public_key()
    assert isinstance(theirs, ec.EllipticCurvePublicKey)
    peer, secret = tmp_path / "peer.der", tmp_path / "secret"
    peer.write_bytes(
        mine.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    command = ["pkcs11-tool", "--login", "--pin", PIN, "--derive", "--id", "03", "--mechanism", "ECDH1-COFACTOR-DERIVE"]

    run(bench, *command, "--input-file", str(peer), "--output-file", str(secret))

    assert secret.read_bytes() == mine.exchange(ec.ECDH(), theirs)


def test_wrong_pin_is_counted_and_told() -> None:
    bench = bench_with("marie", P256)

    with typing(bench.visitor, *"000000", "enter"), pytest.raises(AssertionError, match="PIN"):
        run(bench, "pkcs11-tool", "--login", "--list-objects")

    assert card_in(bench.visitor).file.pin_tries == 2


def test_pin_is_changed() -> None:
    """Without the pad: this OpenSC checks the length of the new PIN itself, which it cannot know with one."""
    bench = bench_with("marie", P256, NO_PAD)

    run(bench, "pkcs11-tool", "--login", "--pin", PIN, "--change-pin", "--new-pin", "271828")

    assert card_in(bench.visitor).file.pin == "271828"


def test_pin_is_unblocked_on_the_pad() -> None:
    bench = bench_with("marie", P256)
    assert bench.visitor.card
    bench.insert(issue(CardPlan(changes={"pin_tries": 0})))

    with typing(bench.visitor, *PUK, "enter", *"271828", "enter", *"271828", "enter"):
        run(bench, "pkcs15-tool", "--unblock-pin", "--auth-id", "01")

    card = card_in(bench.visitor)
    assert (card.file.pin, card.file.pin_tries) == ("271828", 3)
