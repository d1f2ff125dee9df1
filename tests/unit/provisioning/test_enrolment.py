from __future__ import annotations

import json
import os
import stat
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fakes.back_office import CODE, FakeBackOffice, Request, Response
from fakes.verb import ROOT, command

from back_office import pki
from kiosk.domain.errors import EnvironmentFault
from kiosk.system import SystemClock, SystemIds
from kiosk.terminal_folder import TerminalFolder, read_journal_key, read_secret, write_whole
from provisioning.configuration import BackOfficeSection, Configuration, write_configuration
from provisioning.enrolment import Enrolment, compact_code, enrol, load_enrolment
from provisioning.key_store import FileKeyStore, fingerprint

if TYPE_CHECKING:
    from pathlib import Path


def enrolled(office: FakeBackOffice, folder: TerminalFolder, *, code: str = CODE, url: str = "") -> Enrolment:
    return enrol(folder, url or office.url, code, office.root, clock=SystemClock(), ids=SystemIds())


@pytest.fixture
def folder(tmp_path: Path) -> TerminalFolder:
    return TerminalFolder(tmp_path)


def test_a_code_becomes_an_identity(office: FakeBackOffice, folder: TerminalFolder) -> None:
    done = enrolled(office, folder)
    assert (done.terminal, done.office, done.journal_epoch, done.key_protection) == ("T0007", "prague-1", 1, "file")
    assert load_enrolment(folder) == done
    store = FileKeyStore(folder)
    assert store.terminal_key().public_key() == office.keys["T0007"]
    assert done.key_fingerprint == fingerprint(office.keys["T0007"])
    assert store.receipt_key().public_key() != store.terminal_key().public_key()
    assert len(store.journal_key()) == 32


def test_secrets_are_for_their_user_only(office: FakeBackOffice, folder: TerminalFolder) -> None:
    enrolled(office, folder)
    assert stat.S_IMODE(folder.keys.stat().st_mode) == 0o700
    files = list(folder.keys.iterdir())
    assert len(files) == 3
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in files)


def test_a_secret_that_others_can_read_is_not_used(office: FakeBackOffice, folder: TerminalFolder) -> None:
    enrolled(office, folder)
    folder.terminal_key.chmod(0o640)
    with pytest.raises(EnvironmentFault, match="can be read by others") as caught:
        FileKeyStore(folder).terminal_key()
    assert "enrol this terminal again" in caught.value.remedy


@pytest.mark.parametrize("typed", ["abcde-12345", " ABCDE12345\n", "abcdei2345"])
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert compact_code(typed) in {"ABCDE12345", "ABCDE12345".replace("12345", "12345")}


@pytest.mark.parametrize("typed", ["", "ABC", "ABCDE12345X", "ABCDE1234U", "ABCDE1234ä"])
def test_what_cannot_be_a_code_is_not_sent(office: FakeBackOffice, folder: TerminalFolder, typed: str) -> None:
    with pytest.raises(EnvironmentFault, match="enrolment code") as caught:
        enrolled(office, folder, code=typed)
    assert not office.requests
    assert not typed or typed not in str(caught.value)


def test_a_wrong_code_leaves_nothing_but_the_pending_keys(office: FakeBackOffice, folder: TerminalFolder) -> None:
    with pytest.raises(EnvironmentFault, match="refused: message of code_wrong"):
        enrolled(office, folder, code="WRNGC0DE12")
    assert load_enrolment(folder) is None
    assert not folder.terminal_key.exists()


def test_a_lost_reply_costs_no_identity(office: FakeBackOffice, folder: TerminalFolder) -> None:
    """The code is used up, the answer never arrived: the same command again presents the same key."""
    seen: list[str] = []

    def lose(request: Request) -> Response | None:
        seen.append(request.body["csr_pem"])
        return Response(502, b"") if len(seen) == 1 else None

    office.rule = lose
    with pytest.raises(EnvironmentFault):
        enrolled(office, folder)
    enrolled(office, folder)
    assert seen[0] == seen[1]
    assert not (folder.keys / "pending.json").exists()


def test_enrolling_again_replaces_the_keys_but_not_the_journals(office: FakeBackOffice, folder: TerminalFolder) -> None:
    first = enrolled(office, folder)
    journal_key = read_journal_key(folder)
    office.epoch = 2
    second = enrolled(office, folder)
    assert second.key_fingerprint != first.key_fingerprint
    assert second.journal_epoch == 2
    assert read_journal_key(folder) == journal_key
    for name in ("T0007-5.db", "T0007-5-again.db", "T0008-3.db", "T0008-3.ballast", "4.db"):  # as earlier enrolments left them
        (folder.path / f"journal-{name}").touch()
    office.epoch = 6
    enrolled(office, folder)
    said = [one.body["journals"] for one in office.requests if one.path == "/v1/enrolments"]
    assert said == [{}, {"T0007": 1}, {"T0007": 5, "T0008": 3}], "a back office that was put back may not know of them"


def altered(**changes: Any) -> Any:
    def rule(office: FakeBackOffice) -> None:
        def alter(request: Request) -> Response | None:
            response = office._post_enrolments(request)
            response.body |= {key: change(office) if callable(change) else change for key, change in changes.items()}
            return response

        office.rule = alter

    return rule


def _strangers_certificate(office: FakeBackOffice) -> str:
    from provisioning.key_store import _request

    csr = _request(ec.generate_private_key(ec.SECP256R1()), "terminal").encode()
    issued = pki.issue_terminal_certificate(office.state, csr, "T0007", SystemClock())
    assert isinstance(issued, bytes)
    return issued.decode()


@pytest.mark.parametrize(
    ("alter", "words"),
    [
        (altered(certificate_pem="no pem"), "cannot be read"),
        (altered(certificate_pem=_strangers_certificate), "another key"),
        (altered(chain_pem=[]), "not of this root"),
        (altered(terminal="T0008"), "not for 'T0008'"),
        (altered(receipt_certificate="!"), "not base64"),
        (altered(receipt_certificate="AAAA"), "receipt certificate is not for"),
        (altered(office="brno-2"), "receipt certificate is not for"),
    ],
)
def test_an_answer_that_does_not_fit_is_not_kept(office, folder: TerminalFolder, alter, words: str) -> None:
    alter(office)
    with pytest.raises(EnvironmentFault, match=words):
        enrolled(office, folder)
    assert load_enrolment(folder) is None
    assert not folder.terminal_key.exists()


def test_a_configuration_that_is_there_is_kept_and_must_fit(office: FakeBackOffice, folder: TerminalFolder) -> None:
    folder.create()
    text = write_configuration(Configuration(back_office=BackOfficeSection(url=office.url, ping_seconds=7)))
    folder.configuration.write_text(text)
    enrolled(office, folder)
    assert folder.configuration.read_text() == text
    folder.configuration.write_text(text.replace(office.url, "https://elsewhere"))
    with pytest.raises(EnvironmentFault, match="names the back office https://elsewhere"):
        enrolled(office, folder)


def test_a_root_is_needed_before_anything_is_asked(
    office: FakeBackOffice, folder: TerminalFolder, tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        enrol(folder, office.url, CODE, tmp_path / "none.pem", clock=SystemClock(), ids=SystemIds())
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(EnvironmentFault, match="no root certificate"):
        enrol(folder, office.url, CODE, tmp_path / "bad.pem", clock=SystemClock(), ids=SystemIds())
    assert not office.requests


def test_damaged_files_say_so(office: FakeBackOffice, folder: TerminalFolder) -> None:
    enrolled(office, folder)
    write_whole(folder.journal_key, b"00ff")
    with pytest.raises(EnvironmentFault, match="64 hexadecimal digits"):
        read_journal_key(folder)
    write_whole(folder.receipt_key, b"no key")
    with pytest.raises(EnvironmentFault, match="private key in PEM"):
        FileKeyStore(folder).receipt_key()
    folder.enrolment.write_text('{"terminal": "7"}')
    with pytest.raises(EnvironmentFault, match="is damaged"):
        load_enrolment(folder)
    folder.terminal_key.unlink()
    with pytest.raises(EnvironmentFault, match="is missing"):
        read_secret(folder.terminal_key)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        write_whole(tmp_path / "none" / "file", b"x")
    (tmp_path / "file").write_text("old")
    (tmp_path / ".file.new").mkdir()
    with pytest.raises(EnvironmentFault):
        write_whole(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_text() == "old"


def verb(state: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*command("provisioning.cli", "provision", *arguments), "--state", str(state)],
        input=text, capture_output=True, text=True, cwd=ROOT, check=False, env={**os.environ},
    )  # fmt: skip


@pytest.mark.parametrize("code", [("--code", "-"), ("--code",), ()], ids=["dash", "alone", "left out"])
def test_the_command_enrols_and_tells_and_never_repeats_the_code(
    office: FakeBackOffice, tmp_path: Path, code: tuple[str, ...]
) -> None:
    before = verb(tmp_path, "status")
    assert before.returncode == 1
    assert "False" in before.stdout
    assert "--code - " in before.stdout
    wrong = verb(tmp_path, "enroll", "--back-office", office.url, text="WRNGC0DE12\n")
    assert wrong.returncode == 2
    assert len(wrong.stderr.splitlines()) == 1
    done = verb(tmp_path, "enroll", "--back-office", office.url, *code, text=CODE + "\n")
    assert done.returncode == 0, done.stderr
    assert "protected file" in done.stdout
    for output in (done.stdout, done.stderr, wrong.stderr):
        assert CODE not in output
        assert "WRNGC0DE12" not in output
    status = json.loads(verb(tmp_path, "status", "--json").stdout)
    assert (status["terminal"], status["keys"], status["enrolled"]) == ("T0007", "readable", True)
    TerminalFolder(tmp_path).receipt_key.chmod(0o644)
    assert "can be read by others" in verb(tmp_path, "status").stdout


@pytest.mark.parametrize("url", ["http://x", "https://127.0.0.1:1", "nonsense"])
def test_the_command_refuses_in_one_line(office: FakeBackOffice, tmp_path: Path, url: str) -> None:
    done = verb(tmp_path, "enroll", "--back-office", url, "--code", CODE)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
    assert url in done.stderr
