"""Settings of a program of one's own: demo or office, with every file under one folder."""

from pathlib import Path
from typing import Any

from bot.settings import Settings


def demo_settings(folder: Path, url: str = "", **more: Any) -> Settings:
    """The demo, everything inside the folder; `url` for a database elsewhere."""
    return Settings(
        _env_file=None,
        **{
            "webchat": "demo",
            "database_url": url or f"sqlite:///{folder}/data/lindung.db",
            "key_file": folder / "keys" / "lindung.key",
            "media_dir": folder / "photos" / "media",
            "control_socket": folder / "c.sock",
            "http_port": 0,
            **more,
        },
    )


def office_settings(folder: Path, url: str = "", **more: Any) -> Settings:
    """A real office with a Telegram bot that does not answer."""
    office = {
        "telegram_token": "100001:TEST-TOKEN",
        "telegram_api_url": "http://127.0.0.1:9",
        "area": "81.71",
        "office_name": "Disnaker Ambon",
        "receipt_letters": "AMB",
        "office_address": "Jalan Contoh 1",
        "office_hours": "Senin-Jumat",
        "office_contact": "0812-3450-0001",
        "webchat": "off",
    }
    return demo_settings(folder, url, **{**office, **more})
