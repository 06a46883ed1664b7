"""Numbers that prove themselves: resident ID numbers, bank cards, telephone numbers."""

from __future__ import annotations

import re
from datetime import date

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9Xx]")
_BANK_CARD = re.compile(r"[0-9]{16,19}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(0(?:10|2[0-9]|[3-9][0-9]{2}))([2-8][0-9]{6,7})")


def id_check_character(body: str) -> str:
    """The last character for the first 17 digits of an ID number (GB 11643-1999)."""
    total = sum(int(digit) * pow(2, 17 - at, 11) for at, digit in enumerate(body))
    return "10X98765432"[total % 11]


def birth_date(number: str) -> date | None:
    """The birth date inside an 18-character ID number; None when it is no day since 1900."""
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    try:
        born = date(year, month, day)
    except ValueError:
        return None
    return born if born.year >= 1900 else None


def sex(number: str) -> str:
    """ "M" or "F", from the 17th digit of an ID number (GB 11643-1999: odd for men)."""
    return "M" if int(number[16]) % 2 else "F"


def is_id_number(number: str) -> bool:
    """True for 18 characters with a possible birth date and the right last character."""
    return (
        _ID_NUMBER.fullmatch(number) is not None
        and birth_date(number) is not None
        and id_check_character(number[:17]) == number[17].upper()
    )


def luhn(digits: str) -> bool:
    """The check of ISO/IEC 7812-1, annex B."""
    total = 0
    for at, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + at % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def is_bank_card(number: str) -> bool:
    """True for 16 to 19 digits that pass the Luhn check and do not look like an ID number."""
    return (
        _BANK_CARD.fullmatch(number) is not None
        and luhn(number)
        and not (len(number) == 18 and birth_date(number) is not None)
    )


def is_mobile(number: str) -> bool:
    """True for the 11 digits of a mainland mobile number."""
    return _MOBILE.fullmatch(number) is not None


def landline(digits: str) -> str | None:
    """ "027-87654321" for the digits of a landline with its area code, else None."""
    found = _LANDLINE.fullmatch(digits)
    return None if found is None else f"{found[1]}-{found[2]}"
