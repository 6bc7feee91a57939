"""Conversations that stand open before a run begins, at every step of the dialogue alike: for both bots.

The program's are put through its own store and handlers, each with the answers given so far; the plain bot's are the
pickle it would have written itself.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

from bench.bots import NUMBER_ID, TOKEN, lindung_environment
from bench.dialogue import STEPS, name, nik, says
from bench.load import FIRST_CHAT, Talk
from bench.plain_bot import QUESTIONS
from bot.app import office_of
from bot.open_store import opened
from bot.settings import Settings
from conversation.messages import Incoming, Kind
from domain.address import Address
from domain.registration import Actor
from handlers.office import Office
from handlers.router import handle
from handlers.walk import begin_for
from storage.store import Store, Tx

_BOT = TOKEN.partition(":")[0]
_IN_ONE = 250
# Far above everybody of a run.
_PATTERN = 9_000_000


def step_of(number: int) -> int:
    """The step that a filled person stands at: after /start, before the end."""
    return 1 + number % (STEPS - 1)


def people(count: int) -> list[Talk]:
    """The first `count` filled people, as the load takes them up."""
    return [Talk(number, step_of(number)) for number in range(count)]


def on_telegram(number: int) -> Address:
    """Where person `number` writes from."""
    return Address("telegram", _BOT, str(FIRST_CHAT + number))


def on_whatsapp(number: int) -> Address:
    """The same at the other network, which tells a lasting id and the phone number."""
    return Address("whatsapp", NUMBER_ID, f"ID.{FIRST_CHAT + number}", str(FIRST_CHAT + number))


async def fill_lindung(
    folder: Path, count: int, *, database_url: str | None = None, at: Callable[[int], Address] = on_telegram
) -> None:
    """Make the database of a program that starts in `folder`, with so many open conversations."""
    settings = settings_of(folder, database_url=database_url)
    async with opened(settings) as found:
        office = office_of(settings, {})
        pattern = await _pattern(found.store, office, at)
        for first in range(0, count, _IN_ONE):
            await found.store.transact(_open, range(first, min(first + _IN_ONE, count)), pattern, office, at)


def settings_of(folder: Path, *, database_url: str | None = None) -> Settings:
    """The settings that the program will be started with."""
    given = lindung_environment(folder, database_url=database_url)
    return Settings.model_validate({name.removeprefix("LINDUNG_").lower(): value for name, value in given.items()})


def fill_plain(folder: Path, count: int) -> None:
    """Write what the plain bot would have written."""
    answers: dict[int, dict[str, object]] = {}
    states: dict[tuple[int, int], int] = {}
    for number in range(count):
        chat, at = FIRST_CHAT + number, step_of(number) - 1
        answers[chat] = {"at": at} | {QUESTIONS[i][0]: says(number, i + 1) for i in range(at)}
        states[chat, chat] = at
    data = {
        "user_data": answers,
        "chat_data": {},
        "bot_data": {},
        "callback_data": None,
        "conversations": {"registration": states},
    }
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "state").open("wb") as file:
        pickle.dump(data, file)


async def _pattern(store: Store, office: Office, at: Callable[[int], Address]) -> list[dict[str, str]]:
    """The answers kept before each step, from one dialogue held with the real handlers."""
    address = at(_PATTERN)
    kept: list[dict[str, str]] = []

    def answers(tx: Tx) -> dict[str, str]:
        person, _ = tx.people.arrive(address)
        drafts = tx.registrations.of_person(person.id)
        return tx.registrations.answers(drafts[0].id) if drafts else {}

    for step in range(STEPS):
        kept.append(await store.transact(answers))
        text = says(_PATTERN, step)
        await store.transact(handle, Incoming(f"fill:{step}", address, Kind.TEXT, text=text), office)
    await store.transact(_all_sent, address.channel)
    return kept


def _open(tx: Tx, numbers: range, pattern: list[dict[str, str]], office: Office, at: Callable[[int], Address]) -> None:
    for number in numbers:
        step = step_of(number)
        address = at(number)
        person, _ = tx.people.arrive(address)
        if step == 1:
            begin_for(tx, person, office, "consent", carry="self")
            continue
        tx.people.keep(person)
        draft = tx.registrations.draft(person.id, for_other=False)
        tx.registrations.consent(
            person.id, kind="registration", registration_id=draft.id, version="uji", channel=address.channel, answer=1
        )
        tx.audit.record("consented", actor=Actor.WORKER, actor_id=person.id, registration_id=draft.id)
        tx.registrations.put_answers(draft, _own(number, pattern[step]), source="1")
        begin_for(tx, person, office, "registration", registration_id=draft.id)
    _all_sent(tx, at(0).channel)


def _own(number: int, answers: Mapping[str, str]) -> dict[str, str]:
    own = {"nik": nik(number), "name": name(number)}
    return {key: own.get(key, value) for key, value in answers.items()}


def _all_sent(tx: Tx, channel: str) -> None:
    """As if the network had taken everything."""
    while rows := tx.outbox.due(channel, limit=1000):
        tx.outbox.sent([(row.id, str(row.id % 1_000_000)) for row in rows])
