"""Telegram's HTML parse mode: from marked-up text to plain text and entities, refusing what Telegram refuses.

Not a browser's HTML: only the few tags of the Bot API are known, and every stray `<` is an error.
Source: https://core.telegram.org/bots/api#html-style; offsets count UTF-16 units, as the Bot API does.
"""

import re
from typing import Any, NamedTuple

Entity = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_MARK = re.compile(r"[<&]")
_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
_START = re.compile(r"<([^\s>]*)")
_ATTRIBUTE = re.compile(
    r"""\s*([^\s=>/"']+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9.-]+)))?""",
)
_END = re.compile(r"</([^\s>]*)\s*>")


class BadMarkup(ValueError):  # noqa: N818  says what it is
    """The text is not what Telegram takes as HTML; the message is Telegram's own sentence."""


class _Open(NamedTuple):
    tag: str
    attributes: dict[str, str]
    offset: int


def utf16(text: str) -> int:
    """Length of a text in UTF-16 units, in which Telegram counts offsets."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Plain text and entities of a marked-up text. Raises BadMarkup."""
    if _MARK.search(source) is None:
        return source, []
    return _Parser(source).run()


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut white space at both ends, as Telegram does after parsing, and move the entities along."""
    short = text.lstrip()
    shift = utf16(text[: len(text) - len(short)])
    short = short.rstrip()
    if len(short) == len(text) or not entities:
        return short, entities
    end, kept = utf16(short), []
    for entity in entities:
        first = max(0, entity["offset"] - shift)
        last = min(end, entity["offset"] + entity["length"] - shift)
        if last > first:
            kept.append({**entity, "offset": first, "length": last - first})
    return short, kept


class _Parser:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.pieces: list[str] = []
        self.written = 0
        self.open: list[_Open] = []
        self.entities: list[Entity] = []

    def run(self) -> tuple[str, list[Entity]]:
        while (mark := _MARK.search(self.source, self.at)) is not None:
            self._write(self.source[self.at : mark.start()])
            self.at = mark.start()
            if mark.group() == "&":
                self._reference()
            elif self.source.startswith("</", self.at):
                self._end_tag()
            else:
                self._start_tag()
        self._write(self.source[self.at :])
        if self.open:
            raise BadMarkup(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        self.entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.pieces), self.entities

    def _write(self, text: str) -> None:
        if text:
            self.pieces.append(text)
            self.written += utf16(text)

    def _byte(self, at: int) -> int:
        return len(self.source[:at].encode())

    def _reference(self) -> None:
        found = _REFERENCE.match(self.source, self.at)
        character = _character(found) if found else None
        self._write("&" if character is None else character)
        self.at = found.end() if found and character is not None else self.at + 1

    def _start_tag(self) -> None:
        begin = self.at
        found = _START.match(self.source, begin)
        assert found is not None
        tag, self.at = found.group(1).lower(), found.end()
        if self.at == len(self.source):
            raise BadMarkup(f"Unclosed start tag at byte offset {self._byte(begin)}")
        if tag not in TAGS:
            raise BadMarkup(f'Unsupported start tag "{tag}" at byte offset {self._byte(begin)}')
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise BadMarkup(f'Tag "span" must have class "tg-spoiler" at byte offset {self._byte(begin)}')
        self.open.append(_Open(tag, attributes, self.written))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            while self.at < len(self.source) and self.source[self.at].isspace():
                self.at += 1
            if self.at == len(self.source):
                raise BadMarkup(f"Unclosed start tag at byte offset {self._byte(begin)}")
            if self.source[self.at] == ">":
                self.at += 1
                return attributes
            found = _ATTRIBUTE.match(self.source, self.at)
            if found is None:
                where = self._byte(begin)
                raise BadMarkup(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
            value = next((each for each in found.groups()[1:] if each is not None), "")
            attributes[found.group(1)] = _REFERENCE.sub(lambda ref: _character(ref) or ref.group(), value)
            self.at = found.end()

    def _end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise BadMarkup(f"Unexpected end tag at byte offset {self._byte(begin)}")
        found = _END.match(self.source, begin)
        if found is None:
            raise BadMarkup(f"Unclosed end tag at byte offset {self._byte(begin)}")
        expected, tag = self.open[-1].tag, found.group(1).lower()
        if tag not in ("", expected):
            raise BadMarkup(
                f'Unmatched end tag at byte offset {self._byte(begin)}, expected "</{expected}>", found "</{tag}>"'
            )
        self.at = found.end()
        self._close(self.open.pop())

    def _close(self, opened: _Open) -> None:
        length = self.written - opened.offset
        kind = TAGS[opened.tag]
        if not length or (kind == "text_link" and not opened.attributes.get("href")):
            return
        entity: Entity = {"type": kind, "offset": opened.offset, "length": length}
        if kind == "text_link":
            entity["url"] = opened.attributes["href"]
        self.entities.append(entity)


def _character(found: re.Match[str]) -> str | None:
    hexadecimal, decimal, name = found.groups()
    if name is not None:
        return NAMED.get(name)
    code = int(hexadecimal, 16) if hexadecimal is not None else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code <= 0xDFFF else None
