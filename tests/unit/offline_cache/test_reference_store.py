from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kiosk.domain.errors import EnvironmentFault
from offline_cache.reference_store import ReferenceStore, StoredReference

if TYPE_CHECKING:
    from pathlib import Path

STORED = StoredReference(b"signed\xffbundle", '"v1"', "2026-03-04T12:00:00Z")


def test_what_was_saved_is_loaded_as_it_was(tmp_path: Path) -> None:
    store = ReferenceStore(tmp_path / "reference.json")
    assert store.load() is None
    store.save(STORED)
    assert ReferenceStore(tmp_path / "reference.json").load() == STORED


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"\xff", b'{"etag": "", "checked_at": "", "bundle": "%%%"}', b"[" * 9000]
)
def test_a_damaged_file_is_fetched_again(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "reference.json").write_bytes(damage)
    assert ReferenceStore(tmp_path / "reference.json").load() is None


def test_a_disk_that_does_not_take_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        ReferenceStore(tmp_path / "none" / "reference.json").save(STORED)
