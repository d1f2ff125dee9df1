"""What the three nodes are told, and whether the count would see a loss; the cluster itself is `make ha`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from psycopg.conninfo import conninfo_to_dict

from back_office.settings import parse_settings
from deploy.patroni import three_nodes, tools
from deploy.patroni.comparison import Comparison, Entry, compare, longest_gap
from deploy.patroni.configuration import (
    Etcd,
    Layout,
    Mode,
    Node,
    Passwords,
    Timing,
    database_url,
    etcd_command,
    node_configuration,
    password_file,
    shared_configuration,
)
from deploy.patroni.load import Load
from kiosk.__main__ import build_parser
from kiosk.domain.errors import EnvironmentFault

DEPLOY = Path(three_nodes.__file__).parents[1]
FOLDER = Path("/nodes")
NODES = tuple(Node(f"n{n}", FOLDER / f"n{n}", 5000 + n, 8000 + n) for n in (1, 2, 3))


def layout(mode: Mode = "quorum") -> Layout:
    passwords = Passwords("for-superuser", "for-replicator", "for-owner", "for-rest")
    return Layout(NODES, Etcd(FOLDER / "etcd1", 2379, 2380), passwords, Path("/bin"), mode)


# --- what the nodes are told -----------------------------------------------------------------------------------


def test_quorum_waits_for_a_standby_and_never_goes_on_without() -> None:
    shared = shared_configuration("quorum", Timing())
    assert (shared["synchronous_mode"], shared["synchronous_node_count"]) == ("quorum", 1)
    assert shared["synchronous_mode_strict"] is True
    assert shared_configuration("asynchronous", Timing())["synchronous_mode"] == "off"
    for mode in ("quorum", "asynchronous"):
        parameters = shared_configuration(mode, Timing())["postgresql"]["parameters"]
        assert {parameters[name] for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}


def test_a_killed_node_can_come_back_and_text_has_the_order_the_back_office_asks() -> None:
    told = node_configuration(layout(), NODES[0])
    initdb = told["bootstrap"]["initdb"]
    assert "data-checksums" in initdb, "pg_rewind needs them"
    assert {"encoding": "UTF8"} in initdb
    assert {"locale": "C"} in initdb
    assert told["bootstrap"]["dcs"]["postgresql"]["use_pg_rewind"] is True


def test_each_node_has_its_own_places_and_all_share_one_cluster() -> None:
    told = [node_configuration(layout(), node) for node in NODES]
    for own in ("name", ("restapi", "listen"), ("postgresql", "listen"), ("postgresql", "data_dir")):
        values = {one[own] if isinstance(own, str) else one[own[0]][own[1]] for one in told}
        assert len(values) == len(NODES), own
    for shared in ("scope", "etcd3", "bootstrap"):
        assert all(one[shared] == told[0][shared] for one in told)


def test_everything_listens_on_loopback_and_asks_for_a_password() -> None:
    command = etcd_command(Path("/bin/etcd"), layout().etcd)
    told: list[Any] = [node_configuration(layout(), node) for node in NODES]
    addresses = re.findall(r"[\d.]+(?=:\d{4})", repr((command, told)))
    assert set(addresses) == {"127.0.0.1"}
    assert "--enable-v2=false" in command
    for one in told:
        assert all(line.endswith("scram-sha-256") for line in one["postgresql"]["pg_hba"])
        assert one["restapi"]["authentication"]["password"] == "for-rest"


def test_the_url_names_all_nodes_and_no_password() -> None:
    url = database_url(NODES)
    known = conninfo_to_dict(url)
    assert known["port"] == "5001,5002,5003"
    assert known["target_session_attrs"] == "read-write"
    assert "password" not in known
    assert "for-" not in url
    lines = password_file(layout()).splitlines()
    assert len(lines) == 6
    assert "127.0.0.1:5002:*:guichet:for-owner" in lines
    assert "for-owner" not in repr(layout())


@pytest.mark.parametrize("wrong", [Timing(19, 5), Timing(20, 11), Timing(20, 5, 8), Timing(30, 0), Timing(30, 5, 2)])
def test_times_that_patroni_would_change_are_refused(wrong: Timing) -> None:
    Timing().check()
    with pytest.raises(EnvironmentFault, match="do not fit"):
        wrong.check()


def test_patroni_is_pinned_with_hashes_and_the_lock_names_no_host() -> None:
    lock = tools.LOCK.read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==\S+", lock, re.MULTILINE)
    assert "patroni" in pinned
    assert len(re.findall(r"==[^\n]*\\\n +--hash=sha256:", lock)) == len(pinned)
    assert "://" not in lock
    assert "index" not in lock
    project = (Path(__file__).parents[3] / "requirements.lock").read_text("utf-8")
    for driver in ("psycopg", "psycopg-binary"):
        version = re.search(rf"^{driver}==(\S+)", lock, re.MULTILINE)
        assert version is not None
        assert f"\n{driver}=={version[1]} " in project, "one driver everywhere"


def test_the_examples_say_what_was_tried() -> None:
    """An operator's node, settings and units agree with the cluster that is killed here."""
    example = yaml.safe_load((DEPLOY / "patroni/node.example.yml").read_text("utf-8"))
    told = node_configuration(layout(), NODES[0])
    theirs, ours = example["bootstrap"]["dcs"], told["bootstrap"]["dcs"]
    for name, value in ours.items():
        if name != "postgresql":
            assert theirs[name] == value, name
    for name in ("fsync", "full_page_writes", "synchronous_commit", "wal_level", "password_encryption"):
        assert theirs["postgresql"]["parameters"][name] == ours["postgresql"]["parameters"][name]
    assert example["bootstrap"]["initdb"] == told["bootstrap"]["initdb"]
    assert example.keys() >= told.keys()


def test_the_settings_of_a_server_are_settings() -> None:
    place = DEPLOY / "server/settings.toml"
    settings = parse_settings(place.read_text("utf-8"), str(place))
    known = conninfo_to_dict(settings.database.url)
    assert len(known["host"].split(",")) == 3
    balanced = (DEPLOY / "server/haproxy.cfg").read_text("utf-8")
    assert f"{settings.server.host}:{settings.server.port} check" in balanced
    assert "mode tcp" in balanced, "TLS is passed through"


def test_nothing_of_a_server_outlives_its_unit() -> None:
    for unit in ("guichet-back-office@.service", "guichet-desk.service"):
        lines = (DEPLOY / "server" / unit).read_text("utf-8").splitlines()
        assert "KillMode=control-group" in lines
        (started,) = [line.removeprefix("ExecStart=") for line in lines if line.startswith("ExecStart=")]
        build_parser().parse_args(started.split()[1:])


# --- the count ----------------------------------------------------------------------------------------------------


def entries(count: int) -> list[Entry]:
    return [Entry(f"id{n}", "T0001", 1, n + 1, f"hash{n}") for n in range(count)]


def by_id(rows: list[Entry]) -> dict[str, Entry]:
    return {entry.id: entry for entry in rows}


def test_all_there_is_good_also_what_nobody_acknowledged() -> None:
    rows = entries(5)
    found = compare(by_id(rows[:4]), rows)
    assert found.good
    assert (found.acknowledged, found.stored, found.unacknowledged) == (4, 5, 1)


@given(st.data())
def test_every_loss_double_and_change_is_seen(data: st.DataObject) -> None:
    rows = entries(data.draw(st.integers(1, 30)))
    acknowledged = by_id(rows)
    victim = data.draw(st.sampled_from(rows))
    at = rows.index(victim)
    found = compare(acknowledged, rows[:at] + rows[at + 1 :])
    assert (found.lost, found.good) == ((victim.id,), False)
    found = compare(acknowledged, [*rows, victim])
    assert (found.doubled, found.good) == ((victim.id,), False)
    found = compare(acknowledged, [*rows, replace(victim, id="another")])
    assert set(found.doubled) == {victim.id, "another"}, "two ids at one place of a journal"
    assert not found.good
    found = compare(acknowledged, [*rows[:at], replace(victim, body_hash="other"), *rows[at + 1 :]])
    assert (found.altered, found.good) == ((victim.id,), False)


def test_a_gap_is_seen_inside_and_at_both_ends() -> None:
    assert longest_gap([1, 2, 9, 10], 0, 11) == 7
    assert longest_gap([5, 6], 0, 7) == 5
    assert longest_gap([1, 2], 0, 20) == 18
    assert longest_gap([], 3, 10) == 7
    assert longest_gap([-50, 1, 90], 0, 2) == 1, "only what lies between counts"


def result(counts: dict[str, Comparison], broken: str = "", refused: tuple[str, ...] = ()) -> dict[str, Any]:
    wanted = three_nodes._read([])
    load = Load([])
    load.tally.refused.extend(refused)
    return three_nodes._result(wanted, load, [], 10.0, counts=counts, broken=broken)


def test_one_bad_node_a_broken_log_or_a_refusal_makes_the_whole_run_bad() -> None:
    rows = entries(3)
    good, bad = compare(by_id(rows), rows), compare(by_id(rows), rows[1:])
    assert result({"n1": good, "n2": good})["good"]
    told = result({"n1": good, "n2": bad, "n3": good})
    assert (told["good"], told["lost"]) == (False, 1)
    assert not result({"n1": good}, broken="broken at line 3")["good"]
    assert not result({"n1": good}, refused=("id1 conflict",))["good"]


def test_what_cannot_be_run_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "file"
    place.touch()
    assert three_nodes.main(["--folder", str(place / "below")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
