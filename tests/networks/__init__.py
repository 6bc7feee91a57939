"""The networks on which test_channels.py runs: a new one adds a module here and one entry.

Where a network has no such thing at all, its module skips and says why.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from tests.networks.sari import Sari
from tests.networks.telegram import on_telegram
from tests.networks.webchat import on_the_page
from tests.networks.whatsapp import on_whatsapp

NETWORKS: dict[str, Callable[[], AbstractAsyncContextManager[Sari]]] = {
    "telegram": on_telegram,
    "webchat": on_the_page,
    "whatsapp": on_whatsapp,
}
