"""All our late texts, approved at the pretended WhatsApp as if they had been submitted and reviewed long ago."""

from __future__ import annotations

from bot.texts import Voice
from channels.whatsapp_templates import LANGUAGE, category, components_of, template_name
from conversation.late import LATE_TEXTS
from tests.servers.whatsapp import WhatsAppServer


def approve_late_texts(server: WhatsAppServer) -> None:
    say = Voice("Asia/Jayapura")
    for text in LATE_TEXTS.values():
        parts = components_of(text, say, handle="4::contoh")
        server.world.add_template(template_name(text), LANGUAGE, category(text), parts, status="APPROVED")
