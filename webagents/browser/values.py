"""What people write into a browser's own fields for dates and times, in the form that HTML has."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

DATE_FORMS = (
    *("%Y-%m-%d", "%m/%d/%Y", "%Y/%m/%d", "%d.%m.%Y"),
    *("%B %d, %Y", "%b %d, %Y", "%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y"),
)
"""Forms of a date, HTML's first, then that which the field shows (pages are in en-US)."""

TIME_FORMS = (
    *("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M%p", "%I:%M:%S %p"),
    *("%I %p", "%I%p"),
)
MONTH_FORMS = ("%Y-%m", "%B %Y", "%b %Y", "%m/%Y")
DATE_TIME_FORMS = tuple(
    f"{day}{joint}{time}" for day in DATE_FORMS for joint in ("T", " ", ", ") for time in TIME_FORMS
)
WEEKS = (
    re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{1,2})", re.IGNORECASE),
    re.compile(r"week (?P<week>\d{1,2})(?:,| of)? ?(?P<year>\d{4})", re.IGNORECASE),
)

EXAMPLES = {
    "date": "2024-03-05 or 03/05/2024",
    "time": "14:30 or 2:30 PM",
    "datetime-local": "2024-03-05T14:30 or 03/05/2024 02:30 PM",
    "month": "2024-03 or March 2024",
    "week": "2024-W10",
    "range": "a number such as 12.5",
    "color": "#1f77b4 or a colour's name",
}
"""What a field of each type takes, in words."""


def field_value(kind: str, text: str) -> str | None:
    """Return a text as the value of an `<input>` of type `kind` (one of EXAMPLES), in HTML's form;
    None if it is no such value. A colour is returned as it is: the browser reads it."""
    return READERS[kind](" ".join(text.split()))


def _moment(text: str, forms: tuple[str, ...]) -> datetime | None:
    for form in forms:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _date(text: str) -> str | None:
    moment = _moment(text, DATE_FORMS)
    return moment.date().isoformat() if moment else None


def _time(text: str) -> str | None:
    moment = _moment(text, TIME_FORMS)
    return _clock(moment) if moment else None


def _date_time(text: str) -> str | None:
    moment = _moment(text, DATE_TIME_FORMS)
    return f"{moment.date().isoformat()}T{_clock(moment)}" if moment else None


def _clock(moment: datetime) -> str:
    if moment.microsecond:
        return moment.time().isoformat("milliseconds")
    return moment.time().isoformat("seconds" if moment.second else "minutes")


def _month(text: str) -> str | None:
    moment = _moment(text, MONTH_FORMS)
    return moment.date().isoformat()[:7] if moment else None


def _week(text: str) -> str | None:
    for pattern in WEEKS:
        if match := pattern.fullmatch(text):
            year, week = int(match["year"]), int(match["week"])
            try:
                date.fromisocalendar(year, week, 1)
            except ValueError:
                return None
            return f"{year:04}-W{week:02}"
    return None


def _number(text: str) -> str | None:
    return text if re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", text, re.ASCII) else None


READERS: Mapping[str, Callable[[str], str | None]] = {
    "date": _date,
    "time": _time,
    "datetime-local": _date_time,
    "month": _month,
    "week": _week,
    "range": _number,
    "color": lambda text: text,
}
