"""What is installed is what is in the repository: a wheel holds every file of the packages, and starts quickly."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("kiosk", "ui", "devices", "workbench", "offline_cache", "provisioning", "back_office", "benchmarks", "simulation")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
PARSERS = """
import json, sys
before = set(sys.modules)
from kiosk.__main__ import build_parser
build_parser(*sys.argv[1:])
print(json.dumps(sorted(set(sys.modules) - before)))
"""
SWIFT = 170
"""So many modules at most between an interpreter and its command line; the heavy libraries have several hundred."""


def tracked() -> list[str]:
    """The files of the packages that belong to the repository."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("this is no checkout: nothing says which files belong to it")
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, capture_output=True, check=True).stdout
    return [name for name in listed.decode().split("\0") if name and (ROOT / name).exists()]


def test_a_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    """Built from a copy: what a build leaves behind in a checkout is no part of the next one."""
    names = tracked()
    for name in [*names, "pyproject.toml", "README.md", "LICENCE"]:
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / "source" / name)
    built = subprocess.run(
        [sys.executable, "-I", "-c", BUILD, str(tmp_path)], cwd=tmp_path / "source", capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(tmp_path / built.stdout.splitlines()[-1]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert sorted(set(names) - held) == []
    assert sorted(held - set(names)) == []
    assert {Path(name).suffix for name in held} >= {".qml", ".ttf", ".svg", ".toml", ".xsd", ".html", ".css", ".sql", ".json", ".c"}


@pytest.mark.parametrize("verb", [[], ["workbench"], ["card"], ["back-office"]], ids=["help", "workbench", "card", "back-office"])
def test_a_command_line_loads_no_library_before_a_verb_runs(verb: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARSERS, *verb], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    foreign = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - set(PACKAGES)
    assert not foreign
    assert not {"asyncio", "ssl", "sqlite3", "ctypes", "xml"} & set(loaded)
    assert len(loaded) < SWIFT
