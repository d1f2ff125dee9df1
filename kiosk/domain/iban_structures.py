"""How the IBANs of each country are built: the registry of ISO 13616 (SWIFT), as text.

Rules:
- A structure is that of the part after country and check digits, in the registry's own notation: `4!n` is four digits,
  `a` capital letters, `c` either.
- Below the line stand countries whose banks issue IBANs though the registry has not taken them in.
- A test compares this with the registry that schwifty keeps up to date.
"""

from __future__ import annotations

import re
from functools import cache

_CLASSES = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}

_TEXT = """
4!n4!n12!c AD
3!n16!n AE
8!n16!c AL
5!n11!n AT LT
3!n11!n AX FI
4!a20!c AZ
3!n3!n8!n2!n BA
3!n7!n2!n BE
4!a4!n2!n8!c BG
4!a14!c BH
5!n5!n11!n2!n BI MR
5!n5!n11!c2!n BL FR GF GP MC MF MQ NC PF PM RE TF WF YT
8!c5!n10!n1!c1!c BR
4!c4!n16!c BY
5!n12!c CH LI
4!n14!n CR
3!n5!n16!c CY
4!n6!n10!n CZ SK
8!n10!n DE
23!n DJ
4!n9!n1!n DK FO GL
4!c20!n DO
2!n2!n11!n1!n EE
4!n4!n17!n EG
4!n4!n1!n1!n10!n ES
2!a12!n FK
4!a6!n8!n GB GG IE IM JE
2!a16!n GE
4!a15!c GI
3!n4!n16!c GR
4!c20!c GT
4!a20!n HN NI SV
7!n10!n HR
3!n4!n1!n15!n1!n HU
3!n3!n13!n IL
4!a3!n12!n IQ
4!n2!n6!n10!n IS
1!a5!n5!n12!c IT SM
4!a4!n18!c JO YE
4!a22!c KW
3!n13!c KZ LU
4!n20!c LB
4!a24!c LC
4!a13!c LV
3!n3!n15!n LY
2!c18!c MD
3!n13!n2!n ME RS
3!n10!c2!n MK
4!n12!n MN
4!a5!n18!c MT
4!a2!n2!n12!n3!n3!a MU
4!a10!n NL
4!n6!n1!n NO
3!n16!c OM
4!a16!c PK RO
8!n16!n PL
4!a21!c PS QA
4!n4!n11!n2!n PT ST
9!n5!n15!c RU
2!n18!c SA
4!a2!n2!n16!n3!a SC
2!n12!n SD
3!n16!n1!n SE
5!n8!n2!n SI
4!n3!n12!n SO
3!n14!n2!n TL
2!n3!n13!n2!n TN
5!n1!n16!c TR
6!n19!c UA
3!n15!n VA
4!a16!n VG
4!n10!n2!n XK
-
21!n AO CV MZ
2!c22!n BF BJ ML
23!n CF CG CM GA GQ KM MG TD
2!a22!n CI NE SN
22!n DZ IR
2!c19!n GW
24!n MA
2!a3!n5!n12!n2!n TG
"""

STRUCTURES: dict[str, str] = {country: line.split()[0] for line in _TEXT.splitlines() for country in line.split()[1:]}
"""Country code (ISO 3166-1) -> structure."""


def iban_length(country: str) -> int | None:
    """How many characters an IBAN of this country has; None for a country without IBANs."""
    structure = STRUCTURES.get(country)
    return 4 + sum(int(count) for count, _ in _parts(structure)) if structure else None


@cache
def iban_pattern(country: str) -> re.Pattern[str]:
    """What the whole of an IBAN of this country matches."""
    account = "".join(f"{_CLASSES[kind]}{{{count}}}" for count, kind in _parts(STRUCTURES[country]))
    return re.compile(f"{country}[0-9]{{2}}{account}")


def _parts(structure: str) -> list[tuple[str, str]]:
    return re.findall(r"([0-9]+)!([nac])", structure)
