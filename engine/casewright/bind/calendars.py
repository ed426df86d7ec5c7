"""Calendars of the packs: holidays resolved, others combined, hours also in other zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casewright.bind.places import Where
from casewright.errors import Diagnostic, Span
from casewright.spec.ical import IcalError, read_ical
from casewright.temporal import Calendar

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from casewright.bind.world import World
    from casewright.spec.models.clocks import HolidaySource
    from casewright.spec.pack_set import Spec

_MOST_YEARS = 100


def made_calendar(world: World, spec: Spec) -> Calendar | None:
    """Return the calendar that a spec declares, or None after a report."""
    model = spec.model
    names = model.union or model.intersection
    if not names:
        return _plain(world, spec)
    mode = "union" if model.union else "intersection"
    others = {"union", "intersection", "hours", "holidays", "dates", "zones"} - {mode}
    for key in sorted(key for key in others if getattr(model, key)):
        world.report(
            "CW504",
            Where(spec, "") / key,
            f"a calendar made by `{mode}` has no `{key}` of its own",
            "write a calendar for them, and name it among the others",
            key=True,
        )
    places = (Where(spec, f"/{mode}") / index for index in range(len(names)))
    parts = [world.calendar(name, place) for name, place in zip(names, places, strict=True)]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    try:
        combine = Calendar.union if mode == "union" else Calendar.intersection
        return combine(model.timezone, known)
    except ValueError as err:
        world.report("CW501", Where(spec, "/timezone"), str(err))
        return None


def in_zones(world: World, spec: Spec, calendar: Calendar) -> Iterator[tuple[str, Calendar]]:
    """Yield the calendars of the same hours in other zones, by ``name@Zone``."""
    if spec.model.union or spec.model.intersection:
        return
    for index, zone in enumerate(spec.model.zones):
        try:
            yield f"{spec.qualified}@{zone}", calendar.in_zone(zone)
        except ValueError as err:
            world.report("CW501", Where(spec, "/zones") / index, str(err))


def _plain(world: World, spec: Spec) -> Calendar | None:
    model = spec.model
    holidays: list[str | date] = []
    for index, source in enumerate(model.holidays):
        place = Where(spec, "/holidays") / index
        found = [source] if isinstance(source, str) else _resolved(world, spec, source, place)
        if found is None:
            return None
        holidays.extend(found)
    try:
        return Calendar(
            timezone=model.timezone,
            hours={day: [_window(w) for w in windows] for day, windows in model.hours.items()},
            holidays=holidays,
            dates={day: [_window(w) for w in windows] for day, windows in model.dates.items()},
        )
    except ValueError as err:
        world.report(
            "CW501", Where(spec, "/timezone" if "zone" in str(err) else "/hours"), str(err)
        )
        return None


def _resolved(world: World, spec: Spec, source: HolidaySource, place: Where) -> list[date] | None:
    """Return the dates that a source gives, or None after a report."""
    first, last = source.from_, source.to
    if (source.country is None) == (source.ical is None) or (source.region and source.ical):
        hint = (
            "write for example {country: DE, region: BE, from: 2026, to: 2030}, or {ical: file.ics}"
        )
        world.report("CW505", place, "holidays come from a `country` or from an `ical` file", hint)
        return None
    if first is not None and last is not None and not first <= last < first + _MOST_YEARS:
        hint = f"`from` is the first year and `to` the last, at most {_MOST_YEARS} of them"
        world.report("CW505", place, f"there are no holidays from {first} to {last}", hint)
        return None
    if source.ical is not None:
        return _of_file(world, spec, source, source.ical)
    if first is None or last is None:
        hint = "write for example `from: 2026` and `to: 2030`"
        world.report("CW505", place, "holidays of a country need the years", hint)
        return None
    return _of_country(world, source, range(first, last + 1), place)


def _of_file(world: World, spec: Spec, source: HolidaySource, name: str) -> list[date] | None:
    file = spec.files[name]
    try:
        return read_ical(file.text, source.from_, source.to)
    except IcalError as err:
        span = Span(file.path, err.line)
        world.diagnostics.append(Diagnostic("CW506", "error", str(err), span, hint=err.hint))
        return None


def _of_country(
    world: World, source: HolidaySource, years: range, place: Where
) -> list[date] | None:
    try:
        import holidays
    except ImportError:
        hint = "pip install 'casewright[holidays]'"
        world.report("CW507", place, "the package `holidays` is not installed", hint)
        return None
    country = source.country or ""
    regions = holidays.list_supported_countries(include_aliases=True)
    if country not in regions:
        world.unknown("CW507", place / "country", "country", country, regions)
        return None
    try:
        return sorted(holidays.country_holidays(country, source.region, years))
    except NotImplementedError:
        region, known = source.region or "", regions[country]
        world.unknown("CW507", place / "region", f"region of {country}", region, known)
        return None


def _window(text: str) -> tuple[str, str]:
    opens, _, closes = text.partition("-")
    return opens.strip(), closes.strip()
