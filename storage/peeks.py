"""Links to the page that shows photo and NIK once: made for one officer, one version of a case, and some minutes.

Only a digest of a link's token is kept. Not for: who may open one (handlers/peek.py) or the page (bot/page.py).
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets

from domain.registration import Registration
from storage.engine import Connection, Row, new_id
from storage.statements import peeks as sql
from storage.vault import Vault

_RANDOM = 24
_TAG = 11
# Small letters and digits: an app takes a sign at the end for none of the link's, or shows what lies between two of
# them slanted.
TOKEN = re.compile(r"[a-z2-7]{56}")


class Peeks:
    """Bound to one transaction at one moment (`at`, epoch ms)."""

    def __init__(self, connection: Connection, vault: Vault, at: int) -> None:
        self._db = connection
        self._vault = vault
        self._at = at

    def issue(self, case: Registration, officer_id: int, *, until: int) -> str:
        """The token of a new link, good until then (epoch ms); older ones of this officer and case are void."""
        self._db.run(sql.DROP_OF_CASE, registration_id=case.id, officer_id=officer_id)
        made = secrets.token_bytes(_RANDOM)
        token = base64.b32encode(made + _tag(made, self._vault)).decode().lower()
        self._db.run(
            sql.ADD,
            id=new_id(),
            token_digest=self._digest(token),
            officer_id=officer_id,
            registration_id=case.id,
            version=case.version,
            at=self._at,
            expires_at=until,
        )
        return token

    def find(self, token: str) -> Row | None:
        """The row (id, officer_id, registration_id, version, expires_at, used_at) of a token, used or not."""
        return self._db.one(sql.FIND, token_digest=self._digest(token))

    def use(self, peek_id: int) -> bool:
        """Use it up; False when it is used already or its time is over."""
        return self._db.run(sql.USE, id=peek_id, at=self._at) == 1

    def drop_old(self, *, before: int) -> None:
        """Forget the links whose time was over before that (epoch ms)."""
        self._db.run(sql.DROP_OLD, before=before)

    def _digest(self, token: str) -> bytes:
        return self._vault.digest("peek", token)


def is_genuine(token: str, vault: Vault) -> bool:
    """Whether this token was made here, told without the database: who guesses costs it nothing."""
    if not TOKEN.fullmatch(token):
        return False
    made = base64.b32decode(token, casefold=True)
    return hmac.compare_digest(_tag(made[:_RANDOM], vault), made[_RANDOM:])


def _tag(made: bytes, vault: Vault) -> bytes:
    return vault.digest("peek tag", made.hex())[:_TAG]
