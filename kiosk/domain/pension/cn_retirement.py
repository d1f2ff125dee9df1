"""When urban employees in China retire, how long they must have paid, and over how many months an account is paid out.

Source: State Council document 38 of 2005 (payout months), decision on the gradual delay of retirement of 2024.

- Delay: min(max, floor(months since the first birth month / step) + 1); none for who was born before it.
- The account is paid out over the months of the table, linear between two ages, to one decimal, half up.
- The least contribution months of a year after the table are those of its last year, before it those of its first.
- Early: at most 36 months and never before the original age; late: at most 36 months.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from kiosk.domain.pension.rounding import DIME, Rounding, divided
from kiosk.domain.pension.trace import NotPossible, not_possible

if TYPE_CHECKING:
    from collections.abc import Mapping

YEAR = 12


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar; `number` counts months since year 0."""

    number: int

    @classmethod
    def of(cls, year: int, month: int) -> Month:
        """Make the month 1 to 12 of a year."""
        return cls(year * YEAR + month - 1)

    @property
    def year(self) -> int:
        """Its year."""
        return self.number // YEAR

    def __str__(self) -> str:
        """Write it as 2025-02."""
        return f"{self.number // YEAR:04d}-{self.number % YEAR + 1:02d}"


@dataclass(frozen=True, slots=True)
class Category:
    """A group of employees: its age until 2024, whose retirement is put off, and by how much."""

    original_age_months: int
    first_birth: Month
    step_months: int
    max_delay_months: int

    def __post_init__(self) -> None:
        """Refuse what cannot be divided by."""
        if self.step_months < 1 or self.max_delay_months < 0:
            raise ValueError("step_months begins at 1, max_delay_months at 0")


@dataclass(frozen=True, slots=True)
class Flexible:
    """How many months somebody may retire before or after the age that the law gives."""

    early_max_months: int
    late_max_months: int


@dataclass(frozen=True, slots=True)
class Retirement:
    """When somebody retires: the delay that the law gives, and the month that results with what was chosen."""

    delay_months: int
    age_in_months: int
    month: Month

    @property
    def age_years(self) -> int:
        """Whole years of the age."""
        return self.age_in_months // YEAR

    @property
    def age_months(self) -> int:
        """Months of the age beyond the whole years."""
        return self.age_in_months % YEAR


def retirement(
    category: Category, birth: Month, flexible: Flexible, *, early: int = 0, late: int = 0
) -> Retirement | NotPossible:
    """Tell when somebody retires who chose to go so many months early or late."""
    since = birth.number - category.first_birth.number
    delay = 0 if since < 0 else min(category.max_delay_months, since // category.step_months + 1)
    if early and late:
        return not_possible("early_and_late")
    most = min(flexible.early_max_months, delay)
    if not 0 <= early <= most:
        return not_possible("too_early", months=early, most=most)
    if not 0 <= late <= flexible.late_max_months:
        return not_possible("too_late", months=late, most=flexible.late_max_months)
    age = category.original_age_months + delay - early + late
    return Retirement(delay, age, Month(birth.number + age))


def payout_months(age_in_months: int, table: Mapping[int, Decimal]) -> Decimal | NotPossible:
    """Tell over how many months an account is paid out to somebody who retires at this age."""
    years, months = divmod(age_in_months, YEAR)
    here, after = table.get(years), table.get(years + 1)
    if here is not None and months == 0:
        return here.quantize(DIME)
    if here is None or after is None:
        return not_possible("age_out_of_range", years=years, months=months, first=min(table), last=max(table))
    return divided(here * YEAR - (here - after) * months, Decimal(YEAR), DIME, Rounding.HALF_UP)


def least_months(year: int, table: Mapping[int, int]) -> int:
    """Tell how many months somebody must have paid who retires in this year."""
    return table[min(max(year, min(table)), max(table))]
