"""What a disk may hold after a power cut: all that was synced, and any part of what was not.

Rules:
- A write that was not synced may be there, or not, or in part: each 512-byte sector is old or new by itself, and writes
  between two syncs come in any order. A length that was set may be there without the bytes, which then are zeros or rubbish.
- A name is sure only when its folder was synced after it was made, moved or removed. A file's own sync says nothing of names.
- A small file that is mapped may hold any value that it ever had since it was last synced, or a mixture of two.
- What lies under another file's bytes is not touched: the disk loses what was not synced, it does not lie about syncs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from kiosk.domain.errors import Bug

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from simulation.power.trace import Call

SECTOR = 512
_Luck = Literal["nothing", "everything", "prefix", "suffix", "writes", "sectors"]
_LUCK: tuple[_Luck, ...] = ("nothing", "everything", "prefix", "suffix", "writes", "sectors")
_HALF = 0.5
_SELDOM = 0.1


@dataclass(slots=True, eq=False)
class _File:
    """One file, whatever its name: what is on the disk for sure, and what was done to it since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Call] = field(default_factory=list)

    def sync(self) -> None:
        for call in self.pending:
            _apply(self.durable, call)
        self.pending.clear()

    def now(self) -> bytes:
        """What a reader sees while the power is on."""
        image = bytearray(self.durable)
        for call in self.pending:
            _apply(image, call)
        return bytes(image)

    def after_cut(self, chance: Random) -> bytes:
        """One of the contents that a cut may leave."""
        image = bytearray(self.durable)
        luck = chance.choice(_LUCK)
        mapped = [call for call in self.pending if call.kind == "m"]
        calls = [call for call in self.pending if call.kind != "m"]
        if luck == "prefix":
            calls = calls[: chance.randint(0, len(calls))]
        elif luck == "suffix":  # the disk took the later ones first
            calls = calls[chance.randint(0, len(calls)) :]
        for place, call in enumerate(calls):
            torn = luck == "sectors" or (luck == "prefix" and place == len(calls) - 1)
            if torn and call.kind == "w":
                _apply_sectors(image, call, chance)
            elif luck in {"everything", "prefix", "suffix"} or (luck != "nothing" and chance.random() < _HALF):
                _apply(image, call)
        if mapped:
            _apply_mapped(image, mapped, chance)
        return bytes(image)


def _apply(image: bytearray, call: Call) -> None:
    match call.kind:
        case "w" | "m":
            _lay(image, call.number, call.data)
        case "t":
            _set_length(image, call.number)
        case "f":
            _set_length(image, max(len(image), call.number))
        case _:
            raise Bug(f"{call.kind} changes no content")


def _apply_sectors(image: bytearray, call: Call, chance: Random) -> None:
    """Lay some of the sectors; sometimes the length is there although the last ones are not."""
    end = call.number + len(call.data)
    at = call.number
    while at < end:
        border = min(end, (at // SECTOR + 1) * SECTOR)
        if chance.random() < _HALF:
            _lay(image, at, call.data[at - call.number : border - call.number])
        at = border
    if len(image) < end and chance.random() < _HALF:
        rubbish = end - len(image) if chance.random() < _SELDOM else 0
        image.extend(chance.randbytes(rubbish))
        _set_length(image, end)


def _apply_mapped(image: bytearray, values: list[Call], chance: Random) -> None:
    """The kernel writes a mapped page whenever it likes: an old value, the newest, or one that was being stored."""
    chosen = chance.randint(-1, len(values) - 1)
    if chosen < 0:
        return
    value = values[chosen].data
    if chosen and chance.random() < _SELDOM:
        cut = chance.randint(0, len(value))
        value = value[:cut] + values[chosen - 1].data[cut:]
    image[: len(value)] = value[: len(image)]


def _lay(image: bytearray, at: int, data: bytes) -> None:
    if len(image) < at:
        _set_length(image, at)
    image[at : at + len(data)] = data


def _set_length(image: bytearray, length: int) -> None:
    if length < len(image):
        del image[length:]
    else:
        image.extend(bytes(length - len(image)))


@dataclass(frozen=True, slots=True)
class _Entry:
    """One change of the folder: `file` gets `name`, or loses it; a rename takes `old` away in the same stroke."""

    file: _File
    name: str
    gone: bool = False
    old: str = ""

    def apply(self, names: dict[str, _File]) -> None:
        if self.gone:
            if names.get(self.name) is self.file:
                del names[self.name]
            return
        if self.old and names.get(self.old) is self.file:
            del names[self.old]
        names[self.name] = self.file


class Disk:
    """One folder, call after call; at any moment it can say what a cut may leave, or what is really there.

    `existing` is what was there, on the disk for sure, before the first call. `deaf_to` names the syncs (`s` of files, `d` of
    the folder) that this disk does not do: to show that such a disk is found out.
    """

    def __init__(self, existing: Mapping[str, bytes] | None = None, *, deaf_to: str = "") -> None:
        self._by_inode: dict[int, _File] = {}
        self._durable = {name: _File(bytearray(data)) for name, data in (existing or {}).items()}
        self._now = dict(self._durable)
        self._pending: list[_Entry] = []
        self._deaf_to = deaf_to

    def take(self, call: Call) -> None:
        """Let one recorded call happen; marks change nothing."""
        if call.kind in self._deaf_to:
            return
        match call.kind:
            case "c" | "o" | "r" | "u":
                self._take_name(call)
            case "w" | "t" | "f" | "m":
                self._file(call).pending.append(call)
            case "s":
                self._file(call).sync()
            case "d":
                self._sync_names()
            case "a":
                return

    def now(self) -> dict[str, bytes]:
        """What the folder holds while the power is on."""
        return {name: file.now() for name, file in self._now.items()}

    def after_cut(self, chance: Random) -> dict[str, bytes]:
        """One of the folders that a cut at this moment may leave."""
        names = dict(self._durable)
        luck = chance.choice(("nothing", "everything", "prefix", "prefix", "any"))
        entries = list(self._pending)
        if luck == "nothing":
            entries = []
        elif luck == "prefix":  # as a file system does that keeps a journal of its own
            entries = entries[: chance.randint(0, len(entries))]
        elif luck == "any":  # as POSIX allows
            entries = [entry for entry in entries if chance.random() < _HALF]
        for entry in entries:
            entry.apply(names)
        return {name: file.after_cut(chance) for name, file in names.items()}

    def _take_name(self, call: Call) -> None:
        match call.kind:
            case "c":
                self._by_inode[call.inode] = _File()
                self._name(_Entry(self._by_inode[call.inode], call.name))
            case "o":
                file = self._now.get(call.name)
                if file is None or self._by_inode.setdefault(call.inode, file) is not file:
                    raise Bug(f"{call.name} was opened, but it is another file than the trace made")
            case "r":
                self._name(_Entry(self._file(call), call.name, old=call.data.decode()))
            case _:
                self._name(_Entry(self._file(call), call.name, gone=True))

    def _sync_names(self) -> None:
        for entry in self._pending:
            entry.apply(self._durable)
        self._pending.clear()

    def _name(self, entry: _Entry) -> None:
        entry.apply(self._now)
        self._pending.append(entry)

    def _file(self, call: Call) -> _File:
        try:
            return self._by_inode[call.inode]
        except KeyError:
            raise Bug("a file was changed whose making is not in the trace") from None
