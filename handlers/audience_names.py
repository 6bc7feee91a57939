"""What the values of an audience are called: as they stand within a sentence, and short for a choice.

Not for: the sentence itself (handlers/audience_words.py) or what admins type (handlers/audience_lexicon.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from conversation.say import N_, Say
from domain.audience import AGES, values_of
from domain.region import Places, labels
from handlers.office import Office

OCCUPATIONS: dict[str, str] = {
    "NEL": N_("fishers"),
    "ABK": N_("fishing crews"),
    "PIK": N_("fish farmers"),
    "RML": N_("seaweed farmers"),
    "PGI": N_("fish processors/sellers"),
    "TAN": N_("farmers"),
    "BTN": N_("farm labourers"),
    "TRN": N_("livestock keepers"),
    "SDP": N_("palm tappers"),
    "PDG": N_("small traders"),
    "OJK": N_("motorcycle taxi drivers"),
    "BCK": N_("pedicab drivers"),
    "SPR": N_("drivers of minibuses/trucks/rented cars"),
    "MTR": N_("boat drivers"),
    "KUR": N_("couriers"),
    "BMT": N_("dock workers"),
    "BGN": N_("builders"),
    "KTK": N_("settlement project workers"),
    "ART": N_("domestic workers"),
    "TKJ": N_("tailors/mechanics/barbers/repairers"),
    "PMH": N_("craft/home business owners"),
    "PKR": N_("parking attendants"),
    "KBR": N_("cleaners/waste pickers"),
    "GKB": N_("grave diggers"),
    "MRB": N_("caretakers of mosques/churches"),
    "GNJ": N_("religious teachers/servants"),
    "KPS": N_("community health volunteers"),
    "RTW": N_("heads of neighbourhoods"),
    "PDS": N_("village officials"),
    "LMS": N_("civil guards"),
    "LNY": N_("people with other work"),
}
SECTORS: dict[str, str] = {
    "fishery": N_("fishery"),
    "farming": N_("farming"),
    "trade": N_("trade"),
    "transport": N_("transport"),
    "services": N_("services"),
    "construction": N_("construction"),
    "religious": N_("religion"),
    "community": N_("community work"),
    "other": N_("other fields"),
}
# What stands behind "people who".
STATUSES: dict[str, str] = {
    "none": N_("have never begun to register"),
    "unfinished": N_("have not finished registering"),
    "waiting": N_("wait to be checked"),
    "correction": N_("need to correct their data"),
    "verified": N_("have data that is right"),
    "active": N_("are protected already"),
    "rejected": N_("have a registration that was not accepted"),
    "other": N_("have a registration that has ended"),
}


def name(kind: str, value: str, say: Say) -> str:
    """An occupation, sector or state within a sentence."""
    named = {"occupation": OCCUPATIONS, "sector": SECTORS, "status": STATUSES}[kind].get(value)
    return say(named) if named else value.capitalize()


def ages(bands: Iterable[str], say: Say) -> list[str]:
    """Bands that touch each other as one: 18-24 and 25-34 are 18-34 years."""
    picked = set(bands)
    spans = [list(group) for inside, group in groupby(AGES, lambda band: band in picked) if inside]
    return [_years(AGES[span[0]][0], AGES[span[-1]][1], say) for span in spans]


def labels_of(kind: str, office: Office, say: Say) -> list[tuple[str, str]]:
    """(value, label) of everything that can be chosen in a kind; nothing for events, which the caller knows."""
    if kind == "place":
        return _place_labels(office.places)
    if kind == "age":
        return [(band, ages((band,), say)[0]) for band in AGES]
    if kind == "seen":
        return [(days, say("last {days} days", days=days)) for days in values_of(kind)]
    if kind == "channel":
        return [(channel, _capital(office.label(channel))) for channel in office.limits or office.labels]
    return [(value, _capital(name(kind, value, say))) for value in values_of(kind)]


def _place_labels(places: Places) -> list[tuple[str, str]]:
    """Each kecamatan with its villages behind it."""
    listed = []
    called = dict(zip((village.code for village in places.villages), labels(places.villages), strict=True))
    for district in places.districts:
        listed.append((district.code, f"Kec. {district.name}"))
        listed += [(village.code, called[village.code]) for village in places.villages_of(district)]
    return listed


def _years(first: int, last: int, say: Say) -> str:
    if last == max(end for _, end in AGES.values()):
        return say("{first} years or older", first=first)
    return say("{first}-{last} years", first=first, last=last)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
