"""Reading a scheme pack: TOML or JSON values in, a checked `Scheme` out.

- Unknown keys, missing keys, wrong types and numbers out of range are refused, each with its place.
- Every group of numbers carries a source and a date.
"""

from __future__ import annotations

import tomllib
from datetime import date, time, timedelta
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from kiosk.domain.bank_change.policy import Policy
from kiosk.domain.bank_change.states import Flag
from kiosk.domain.catalogue import SERVICES
from kiosk.domain.errors import EnvironmentFault
from kiosk.domain.identifiers import known_numbers
from kiosk.domain.lockout import Throttle
from kiosk.domain.payments import PaymentSchedule
from kiosk.domain.pension import RuleSet
from kiosk.domain.scheme import Bank, Scheme
from kiosk.domain.working_life import Oddities
from kiosk.schemes.pension import Unusable, parameters_document, parse_parameters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

_Days = Annotated[int, msgspec.Meta(ge=0, le=366)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=1000)]
_Minutes = Annotated[int, msgspec.Meta(ge=1, le=10_080)]
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Group(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Some numbers, where they come from, and since when that is so."""

    source: _Text
    as_of: date


class _Numbers(_Group):
    person: str
    employer: str


class _Branches(_Group):
    names: Annotated[list[_Text], msgspec.Meta(min_length=1)]


class _BankChange(_Group):
    waiting_days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    verifications_a_day: _Count
    several_changes: Annotated[int, msgspec.Meta(ge=2, le=100)]
    contact_window_days: _Days
    flag_windows_days: dict[str, _Days]


class _CodeEntry(_Group):
    limit: _Count
    window_minutes: _Minutes
    closed_minutes: _Minutes


class _Record(_Group):
    gap_days: Annotated[int, msgspec.Meta(ge=1, le=366)]
    lowest_pay: dict[Annotated[str, msgspec.Meta(pattern=r"^(19|20)[0-9]{2}$")], Annotated[int, msgspec.Meta(ge=1)]]


class _Payments(_Group):
    day_of_month: Annotated[int, msgspec.Meta(ge=1, le=31)]
    cut_off_days: Annotated[int, msgspec.Meta(ge=0, le=27)]
    cut_off_time: Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class _ProofOfLife(_Group):
    months: Annotated[int, msgspec.Meta(ge=1, le=120)]


class _Certificates(_Group):
    valid_days: Annotated[int, msgspec.Meta(ge=1, le=3660)]


class _Registration(_Group):
    a_day: _Count


class _Bank(msgspec.Struct, forbid_unknown_fields=True):
    name: _Text
    bic: Annotated[str, msgspec.Meta(pattern=r"^([A-Z0-9]{8}([A-Z0-9]{3})?)?$")] = ""
    prepaid: bool = False
    closed: bool = False


class _Banks(_Group):
    codes: dict[Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")], _Bank]


class _Pack(msgspec.Struct, forbid_unknown_fields=True):
    code: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    currency: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    currency_digits: Annotated[int, msgspec.Meta(ge=0, le=4)]
    time_zone: str
    languages: Annotated[list[_Text], msgspec.Meta(min_length=1)]
    official_language: str
    services: list[str]
    numbers: _Numbers
    branches: _Branches
    bank_change: _BankChange
    code_entry: _CodeEntry
    payments: _Payments
    proof_of_life: _ProofOfLife
    certificates: _Certificates
    registration: _Registration
    record: _Record
    banks: _Banks
    pension: dict[str, Any] | None = None


def available() -> tuple[str, ...]:
    """Return the codes of the packs that are installed."""
    folders = (entry for entry in resources.files(__package__).iterdir() if entry.joinpath("scheme.toml").is_file())
    return tuple(sorted(folder.name for folder in folders))


@cache
def load_scheme(code: str) -> Scheme:
    """Return the installed pack `code`; an unknown or wrong one is an EnvironmentFault with place and remedy."""
    return parse_scheme(scheme_document(code), where=f"schemes/{code}/scheme.toml")


def scheme_document(code: str) -> dict[str, Any]:
    """Return the pack's numbers as JSON values (no floats), as reference data carry them.

    The rule set that the pack names (`pension_rules`) is replaced by its parameters, the group `pension`: the bundle's
    signature is theirs too.
    """
    where = f"schemes/{code}/scheme.toml"
    document = read_toml(pack_folder(code) / "scheme.toml", where)
    if "pension_rules" not in document:
        return document
    name = document.pop("pension_rules")
    if name not in list(RuleSet):
        raise _fault(where, f"pension_rules names {name}, known are {', '.join(RuleSet)}")
    return document | {"pension": parameters_document(RuleSet(name))}


def parse_scheme(document: Mapping[str, Any], where: str = "the scheme pack") -> Scheme:
    """Return the scheme that `document` describes; `where` names it in the EnvironmentFault of a wrong one."""
    try:
        pack = msgspec.convert(dict(document), _Pack)
    except msgspec.ValidationError as error:
        raise _fault(where, str(error)) from error
    zone = _zone(pack.time_zone, where)
    _check_names(pack, where)
    pension = None if pack.pension is None else parse_parameters(pack.pension)
    if isinstance(pension, Unusable):
        raise _fault(where, f"pension: {pension.detail}")
    return Scheme(
        code=pack.code,
        country=pack.country,
        currency=pack.currency,
        currency_digits=pack.currency_digits,
        time_zone=pack.time_zone,
        languages=tuple(pack.languages),
        official_language=pack.official_language,
        person_number=pack.numbers.person,
        employer_number=pack.numbers.employer,
        branches=tuple(pack.branches.names),
        services=tuple(pack.services),
        banks={
            code: Bank(code, bank.name, bank.bic, prepaid=bank.prepaid, closed=bank.closed)
            for code, bank in pack.banks.codes.items()
        },
        bank_change=Policy(
            waiting_days=pack.bank_change.waiting_days,
            zone=zone,
            flag_windows={
                Flag(name): timedelta(days=days) for name, days in pack.bank_change.flag_windows_days.items()
            },
            several_changes=pack.bank_change.several_changes,
            verifications_a_day=pack.bank_change.verifications_a_day,
            contact_window=timedelta(days=pack.bank_change.contact_window_days),
        ),
        payments=PaymentSchedule(
            day_of_month=pack.payments.day_of_month,
            cut_off_days=pack.payments.cut_off_days,
            cut_off_time=time.fromisoformat(pack.payments.cut_off_time),
            zone=zone,
        ),
        code_entry=Throttle(
            limit=pack.code_entry.limit,
            window=timedelta(minutes=pack.code_entry.window_minutes),
            closed_for=timedelta(minutes=pack.code_entry.closed_minutes),
        ),
        pension=pension,
        proof_of_life_months=pack.proof_of_life.months,
        certificate_days=pack.certificates.valid_days,
        registrations_a_day=pack.registration.a_day,
        record=Oddities(
            gap_days=pack.record.gap_days,
            lowest_pay={int(year): pay for year, pay in pack.record.lowest_pay.items()},
        ),
    )


def pack_folder(code: str) -> Traversable:
    """Return the folder of an installed pack; an unknown one is an EnvironmentFault."""
    if code not in available():
        raise EnvironmentFault(
            f"There is no scheme pack {code!r}.", f"Use one that is installed: {', '.join(available())}."
        )
    return resources.files(__package__) / code


def read_toml(file: Traversable, where: str) -> dict[str, Any]:
    """Return the content of a TOML file of a pack; a broken one is an EnvironmentFault with line and column."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _fault(where, str(error)) from error


def _check_names(pack: _Pack, where: str) -> None:
    """Refuse names that the rules do not know."""
    named: tuple[tuple[str, set[str], set[str]], ...] = (
        ("bank_change.flag_windows_days", set(pack.bank_change.flag_windows_days), {flag.value for flag in Flag}),
        ("services", set(pack.services), set(SERVICES)),
        ("numbers", {pack.numbers.person, pack.numbers.employer}, set(known_numbers())),
        ("official_language", {pack.official_language}, set(pack.languages)),
    )
    for place, names, known in named:
        unknown = sorted(names - known)
        if unknown:
            raise _fault(where, f"{place} names {', '.join(unknown)}, known are {', '.join(sorted(known))}")


def _zone(name: str, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise _fault(where, f"time_zone {name!r} is not in the time zone database") from error


def _fault(where: str, what: str) -> EnvironmentFault:
    return EnvironmentFault(f"{where} cannot be used: {what}.", "Correct it or install the pack again.")
