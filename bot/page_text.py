"""The pages of bot/page.py as HTML: a button, photo and NIK, or a kind no. For small phones and old browsers.

No script and nothing from elsewhere; every value is escaped. Not for: who is shown what.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from string import Template

from conversation.say import Say
from handlers.peek import Sight

FIELD = "k"

# What a text says in place of a value, until the value's own markup takes its place.
_PLACE = "\0"

_STYLE = """
html { font: 17px/1.45 system-ui, Roboto, "Noto Sans", Arial, sans-serif; color: #16292d; background: #eef3f3;
  -webkit-text-size-adjust: 100%; }
body { max-width: 1080px; margin: 0 auto; padding: 14px 14px 40px; }
h1 { margin: 2px 0 10px; font-size: 1.3rem; line-height: 1.25; }
p { margin: 0 0 10px; }
.card { max-width: 34rem; padding: 18px; border-radius: 14px; background: #fff;
  box-shadow: 0 1px 3px rgba(18, 44, 48, .18); }
.middle { margin: 8vh auto 0; }
.soft { color: #46585d; font-size: .94rem; }
.once { padding: 9px 12px; border-radius: 10px; background: #fff1dc; color: #6f3b04; font-size: .94rem; }
button { display: block; width: 100%; margin: 16px 0 0; padding: 15px; border: 0; border-radius: 999px;
  background: #0f6b6b; color: #fff; font: inherit; font-weight: 600; cursor: pointer; }
button:hover, button:active { background: #0a5252; }
a:focus, button:focus { outline: 3px solid #16292d; outline-offset: 2px; }
.picture, .facts { margin: 0 0 14px; }
.number { white-space: nowrap; }
.photo { display: block; overflow: auto; border-radius: 10px; }
.photo img { display: block; width: 100%; height: auto; }
.photo:target { max-height: 80vh; }
.photo:target img { width: 250%; }
.smaller { display: none; margin-top: 8px; padding: 10px 0; color: #0a5252; }
.photo:target ~ .smaller { display: inline-block; }
.photo:target ~ .larger { display: none; }
.larger { margin-top: 6px; }
.facts p { margin: 0; padding: 7px 0; border-top: 1px solid #d5e0e1; color: #46585d; font-size: .94rem; }
.facts p:first-child { border-top: 0; }
.facts b { display: block; color: #16292d; font-size: 1.12rem; overflow-wrap: break-word; word-wrap: break-word; }
.facts p:first-child b { font-size: 1.35rem; letter-spacing: .04em; }
@media (min-width: 860px) {
  .picture { float: left; clear: left; width: 58%; }
  .facts { float: right; width: 39%; box-sizing: border-box; }
}
@media print { body { display: none; } }
"""

STYLE_HASH = f"sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}"

# Phones make a link of a number as long as a NIK unless told not to.
_WHOLE = Template(
    f"""<!doctype html>
<html lang="id">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="format-detection" content="telephone=no">
<meta name="robots" content="noindex, nofollow">
<title>$title</title>
<style>{_STYLE}</style>
</head>
<body id="top">
<main>
$inside
</main>
</body>
</html>
"""
)

_BUTTON = Template(
    f"""<div class="card middle">
<h1>$title</h1>
<p>$once</p>
<p class="soft">$noted</p>
<form method="post">
<input type="hidden" name="{FIELD}" value="$proof" autocomplete="off">
<button type="submit">$show</button>
</form>
</div>"""
)

_NO = Template(
    """<div class="card middle">
<h1>$title</h1>
<p>$text</p>
</div>"""
)

_SHOWN = Template(
    """<h1>$title</h1>
<p class="once">$once</p>
$photo
<div class="card facts">
$facts
</div>
$letter"""
)

_PICTURE = Template(
    """<div class="picture">
<a class="photo" id="$name" href="#$name"><img src="data:image/jpeg;base64,$data" alt="$what"></a>
<p class="soft larger">$larger</p>
<a class="smaller" href="#top">$smaller</a>
</div>"""
)


def button(say: Say, proof: str) -> str:
    """What everybody sees who opens the link: nothing but a button. `proof` goes along when it is pressed."""
    title = say("Look at KTP and NIK")
    inside = _BUTTON.substitute(
        title=escape(title),
        once=escape(say("Photo and NIK appear here once only. Make sure that nobody else is looking.")),
        noted=escape(say("Every look is written down with your name and the time. Press once, then wait.")),
        proof=proof,
        show=escape(say("Show")),
    )
    return _whole(title, inside)


def shown(say: Say, sight: Sight, *, photo: bytes | None, letter: bytes | None) -> str:
    """Photo and NIK. `photo` and `letter` are JPEGs; None where there is none, or where the file cannot be read."""
    title = say("Case {receipt}", receipt=sight.receipt)
    what = say("The letter of {receipt}", receipt=sight.receipt)
    facts = [_marked(say(text, value=_PLACE), f"<b>{escape(value)}</b>") for text, value in sight.facts]
    inside = _SHOWN.substitute(
        title=escape(title),
        once=escape(
            say("This is shown once only. Take no picture of it. When you are done, close it and decide in the chat.")
        ),
        photo=_picture(say, "photo", say("Photo of the KTP"), photo, is_there=bool(sight.photo)),
        facts="\n".join(f"<p>{fact}</p>" for fact in facts),
        letter=_picture(say, "letter", what, letter, is_there=True) if sight.letter else "",
    )
    return _whole(title, inside)


def refused(say: Say, letters: str) -> str:
    """The same for a link used, too old, void, or never ours."""
    text = say(
        "This link has been used or is not valid any more. Ask for a new one in the chat: HALAMAN and the number of the"
        " case. Example: HALAMAN {example}",
        example=_PLACE,
    )
    example = f'<b class="number">{escape(letters)}-4829-1735</b>'
    return _no(say, _marked(text, example))


def later(say: Say) -> str:
    """Something is wrong on our side."""
    return _no(say, escape(say("The page cannot be opened right now. Please open the same link again in a minute.")))


def _no(say: Say, html: str) -> str:
    title = say("Look at KTP and NIK")
    return _whole(title, _NO.substitute(title=escape(title), text=html))


def _marked(text: str, html: str) -> str:
    """The text, escaped, with markup where _PLACE stands in it."""
    return escape(text).replace(_PLACE, html)


def _picture(say: Say, name: str, what: str, data: bytes | None, *, is_there: bool) -> str:
    if data is None:
        missing = (
            say("{what}: the file cannot be read any more. Please tell the admin.", what=what)
            if is_there
            else say("Photo of the KTP is missing")
        )
        return f'<p class="card picture">{escape(missing)}</p>'
    return _PICTURE.substitute(
        name=name,
        data=base64.b64encode(data).decode(),
        what=escape(what),
        larger=escape(say("Press the photo to make it larger.")),
        smaller=escape(say("Make it smaller")),
    )


def _whole(title: str, inside: str) -> str:
    return _WHOLE.substitute(title=escape(title), inside=inside)
