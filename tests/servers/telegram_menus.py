"""The Bot API methods about the bot's menus of commands, its names and its descriptions.

Telegram's codes for too long names are not published; ours only look like them.
"""

from collections.abc import Callable

from tests.servers.telegram_methods import known
from tests.servers.telegram_params import Params
from tests.servers.telegram_rules import bad, check_language, loads, read_commands
from tests.servers.telegram_world import World

PROFILE_LIMITS = {"name": 64, "description": 512, "short_description": 120}


def _scope(world: World, params: Params) -> tuple[str, str]:
    scope = loads(params.raw("scope") or '{"type":"default"}', "can't parse BotCommandScope JSON object")
    if not isinstance(scope, dict):
        raise bad("can't parse BotCommandScope: BotCommandScope must be an Object", "bad_scope")
    kind = scope.get("type")
    if kind in ("default", "all_private_chats", "all_group_chats", "all_chat_administrators"):
        return str(kind), check_language(params.text("language_code"))
    if kind not in ("chat", "chat_administrators", "chat_member"):
        raise bad("can't parse BotCommandScope: Unsupported type specified", "bad_scope")
    chat = known(world, Params(scope))
    if not chat.started and chat.person is not None:
        raise bad("chat not found")
    if chat.person is not None and kind != "chat":
        raise bad("can't use specified scope in private chats", "bad_scope")
    return f"{kind}:{chat.chat_id}", check_language(params.text("language_code"))


def set_my_commands(world: World, params: Params) -> bool:
    commands = read_commands(params.raw("commands"))
    world.commands[_scope(world, params)] = commands
    return True


def delete_my_commands(world: World, params: Params) -> bool:
    world.commands.pop(_scope(world, params), None)
    return True


def get_my_commands(world: World, params: Params) -> list[dict[str, str]]:
    return world.commands.get(_scope(world, params), [])


def _set_profile(field: str) -> Callable[[World, Params], bool]:
    def method(world: World, params: Params) -> bool:
        text = params.text(field).strip()
        if len(text) > PROFILE_LIMITS[field]:
            raise bad(f"BOT_{field.upper()}_INVALID", "bad_profile")
        world.profile[field, check_language(params.text("language_code"))] = text
        return True

    return method


set_my_name = _set_profile("name")
set_my_description = _set_profile("description")
set_my_short_description = _set_profile("short_description")


def _get_profile(field: str) -> Callable[[World, Params], dict[str, str]]:
    def method(world: World, params: Params) -> dict[str, str]:
        language = check_language(params.text("language_code"))
        return {field: world.profile.get((field, language)) or world.profile.get((field, ""), "")}

    return method


get_my_name = _get_profile("name")
get_my_description = _get_profile("description")
get_my_short_description = _get_profile("short_description")
