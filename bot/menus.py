"""What the service calls itself at a network, and the commands everybody's menu shows.

Not for: the menus of officers and admins; they come and go with the role (handlers/staff.py).
"""

from __future__ import annotations

from typing import TypedDict

from domain.words import N_
from handlers.office import Office

_COMMANDS = (
    ("daftar", N_("Register")),
    ("status", N_("How far is it?")),
    ("ubah", N_("Change an answer")),
    ("bantuan", N_("Help")),
    ("batal", N_("Stop")),
)


class BotTexts(TypedDict):
    name: str
    description: str
    short_description: str
    commands: list[tuple[str, str]]


def bot_texts(office: Office) -> BotTexts:
    """Name, descriptions and menu, from the catalog."""
    say = office.say
    city = office.places.area.name
    return BotTexts(
        name=say("Work protection {city}", city=city)[:64],
        description=say(
            "The service of Disnaker {city}. We help fishers, farmers and others who work for themselves register for"
            " BPJS Ketenagakerjaan. It is free. Press Start.",
            city=city,
        )[:512],
        short_description=say("Register for BPJS Ketenagakerjaan. Free. Disnaker {city}.", city=city)[:120],
        commands=[(word, say(text)) for word, text in _COMMANDS],
    )
