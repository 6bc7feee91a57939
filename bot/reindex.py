"""Changes the index key, by which people are found: every keyed hash and every seal is made anew, offline.

In slices, each of which writes down how far it came: killed, it goes on there the next time, and until then nothing
else starts. Not for: the data key (bot/rotate.py).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial

from bot.open_store import INDEX_CHANGE, KEY_CHECK, opened, plainly
from bot.problems import CannotStart
from bot.settings import Settings
from domain.registration import Actor
from storage import keyfile
from storage.audit import Verdict
from storage.reindex import BEFORE_ALL, STEPS, run_slice
from storage.store import Store, Tx


async def change_index_key(settings: Settings) -> AsyncGenerator[str, None]:
    """Raises CannotStart; AlreadyRunning while the program runs."""
    path = settings.key_file
    async with opened(settings, halfway=True) as found:
        store = found.store
        with plainly():
            begun = await store.read(lambda tx: tx.meta(INDEX_CHANGE))
            proved = None if begun else await _proved(store)
            keys = keyfile.add_index_key(path)
            assert keys.next_index is not None
            mark = keyfile.fingerprint(keys.next_index)
            changed = Store.with_keys(store.engine, keyfile.with_next_index(keys), settings.media_dir)
            step, after = _reached(begun or "", mark)
        yield f"{'Going on with' if begun else 'Made'} the new index key in {path}. Do not start the program now."
        if proved is not None:
            yield f"The audit trail is proved and sealed anew now. Newest seal before: {proved.newest or 'none'}"
        with plainly():
            while step < len(STEPS):
                do = partial(run_slice, old=store.vault, new=changed.vault, fact=INDEX_CHANGE, mark=mark)
                step, after = await store.engine.transact(partial(do, step=step, after=after))
            await store.transact(_finish, keyfile.check_value(keyfile.with_next_index(keys)))
            keyfile.take_index_key(path)
            verdict = await changed.read(lambda tx: tx.audit.verify())
    yield "Everything is found by the new index key; the old one is forgotten."
    yield "Invitations that nobody has used are void: invite anew."
    yield f"Newest seal now: {verdict.newest or 'none'}. Keep it elsewhere, beside the one before."
    yield (
        f"Save a copy of {path} now, away from the database. Backups made before need the copy you saved before:"
        " keep it as long as them."
    )


async def _proved(store: Store) -> Verdict:
    """What the old seals say, while the old key can still prove it. Raises CannotStart when they do not hold."""
    while await store.transact(lambda tx: tx.audit.seal()):
        pass
    verdict = await store.read(lambda tx: tx.audit.verify())
    if verdict.faults:
        raise CannotStart(
            "The audit trail was changed, and new seals would hide it: look at `python -m bot audit verify` first."
        )
    return verdict


def _reached(begun: str, mark: str) -> tuple[int, int]:
    """The step and the id to go on from; the beginning when that was on the way to another key, which is lost."""
    key, _, place = begun.partition(":")
    if key != mark:
        return 0, BEFORE_ALL
    step, after = place.split(":")
    return int(step), int(after)


def _finish(tx: Tx, check: str) -> None:
    tx.set_meta(KEY_CHECK, check)
    tx.set_meta(INDEX_CHANGE, "")
    tx.audit.record("index_key_changed", actor=Actor.SYSTEM)
