"""A picture somebody sent is judged kindly and kept clean; strangers' bytes never break anything.

The cards are drawn here and belong to nobody.
"""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, TiffImagePlugin

from bot.photos import check, prepare

UNREADABLE = (0, 0, (), True)


def card(width: int = 1600, height: int = 1200) -> Image.Image:
    """A drawn card on a table, with the lines that a KTP has."""
    picture = Image.new("RGB", (width, height), (120, 110, 100))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((width * 0.08, height * 0.15, width * 0.92, height * 0.85), fill=(170, 205, 230))
    large, small = ImageFont.load_default(size=width / 28), ImageFont.load_default(size=width / 45)
    draw.text((width * 0.12, height * 0.2), "NIK : 8171015503859901", font=large, fill=(10, 10, 10))
    lines = ["Nama : SARI CONTOH", "Tempat/Tgl Lahir : AMBON, 15-03-1985", "Alamat : JL. CONTOH 1", "NELAYAN"]
    for number, line in enumerate(lines):
        draw.text((width * 0.12, height * (0.3 + 0.08 * number)), line, font=small, fill=(20, 20, 20))
    draw.rectangle((width * 0.72, height * 0.3, width * 0.88, height * 0.6), fill=(200, 60, 50))
    return picture


def written(picture: Image.Image, kind: str = "JPEG", **how: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **how)
    return file.getvalue()


def seen(data: bytes) -> tuple[int, int, tuple[str, ...], bool]:
    photo = check(data)
    assert photo.name == ""
    return photo.width, photo.height, photo.flaws, photo.unreadable


def kept(data: bytes) -> Image.Image:
    photo, clean = prepare(data)
    assert photo == check(data)
    picture = Image.open(BytesIO(clean))
    picture.load()
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (photo.width, photo.height))
    return picture


@pytest.mark.parametrize(
    ("picture", "flaws"),
    [
        (card(), ()),
        (card(640, 480), ()),
        (card().filter(ImageFilter.GaussianBlur(2.6)), ()),
        (card().filter(ImageFilter.GaussianBlur(5)), ("blurred",)),
        (ImageEnhance.Brightness(card()).enhance(0.3), ()),
        (ImageEnhance.Brightness(card()).enhance(0.2), ("dark",)),
        (card(480, 360), ("small",)),
        (Image.new("RGB", (300, 200)), ("small", "dark", "blurred")),
        (Image.new("RGB", (2, 1), "white"), ("small", "blurred")),
    ],
    ids=["sharp", "small phone", "a little blurred", "blurred", "dim", "dark", "small", "black", "two pixels"],
)
def test_what_an_officer_could_not_read_is_noticed(picture: Image.Image, flaws: tuple[str, ...]) -> None:
    assert seen(written(picture, quality=88)) == (*picture.size, flaws, False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "MPO"])
def test_pictures_of_every_usual_kind_are_kept(kind: str) -> None:
    assert kept(written(card(800, 600), kind)).size == (800, 600)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1"])
def test_pictures_with_other_colours_are_kept(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    assert check(written(card(800, 600).convert(mode), kind)).flaws == ()
    assert kept(written(card(800, 600).convert(mode), kind)).size == (800, 600)


def test_see_through_parts_are_white_and_not_dark() -> None:
    layer = Image.new("RGBA", (800, 600), (0, 0, 0, 0))
    layer.paste(card(400, 300), (200, 150))
    picture = kept(written(layer, "PNG"))
    assert picture.getpixel((5, 5)) == (255, 255, 255)
    assert "dark" not in check(written(layer, "PNG")).flaws


def test_a_large_picture_is_kept_small() -> None:
    photo, clean = prepare(written(card(4800, 3600)))
    assert (photo.width, photo.height, photo.flaws) == (2000, 1500, ())
    assert len(clean) < 1_000_000


def test_a_picture_taken_sideways_is_kept_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = written(card(1600, 1200), exif=exif)
    assert seen(sideways)[:2] == (1200, 1600)
    assert kept(sideways).size == (1200, 1600)


def test_where_and_with_what_a_picture_was_taken_is_not_kept() -> None:
    exif = Image.Exif()
    exif[0x010F] = "HP-Contoh"
    exif[0x0132] = "2026:11:22 10:00:00"
    latitude = tuple(TiffImagePlugin.IFDRational(part) for part in (3, 41, 12))
    exif.get_ifd(0x8825).update({1: "S", 2: latitude})
    data = written(card(), exif=exif, comment=b"catatan rahasia", icc_profile=b"profil" * 40, dpi=(72, 72))
    assert b"HP-Contoh" in data
    _, clean = prepare(data)
    for trace in (b"HP-Contoh", b"2026:11:22", b"rahasia", b"profil", b"Exif"):
        assert trace not in clean
    assert not Image.open(BytesIO(clean)).getexif()


def test_of_a_moving_picture_the_first_one_is_kept() -> None:
    frames = [card(800, 600), Image.new("RGB", (800, 600), "red")]
    for kind in ("GIF", "WEBP", "PNG", "MPO"):
        moving = written(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)
        assert kept(moving).getpixel((780, 580)) != (255, 0, 0)
        assert check(moving).flaws == ()


def heic() -> bytes:
    """The beginning of a HEIC file, which is all that a reader needs to refuse it."""
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(2000)


def bomb(side: int) -> bytes:
    """A small PNG that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(side + 1) * 64)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"\x00" * 100, b"%PDF-1.7 ...", b"\xff\xd8\xff\xe0", b"<svg/>", heic()),
        *(bomb(6_000), bomb(8_000), bomb(20_000), bomb(60_000)),
        *(written(card())[:20_000], written(card(), "PNG")[:5_000], written(card(), "TIFF")),
    ],
    ids=[
        *("nothing", "zeros", "pdf", "two bytes of a jpeg", "svg", "heic"),
        *("36 megapixels of png", "64 megapixels", "400 megapixels", "3600 megapixels"),
        *("half a jpeg", "half a png", "tiff"),
    ],
)
def test_what_is_no_picture_is_said_to_be_unreadable(data: bytes) -> None:
    assert seen(data) == UNREADABLE
    photo, clean = prepare(data)
    assert photo.unreadable
    assert clean == b""


WHOLE = {kind: written(card(400, 300), kind) for kind in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "MPO")}


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(WHOLE)), place=st.integers(0, 4_000), scrap=st.binary(max_size=40))
def test_no_damaged_picture_breaks_the_check(kind: str, place: int, scrap: bytes) -> None:
    whole = WHOLE[kind]
    spot = place % len(whole)
    photo, clean = prepare(whole[:spot] + scrap + whole[spot + len(scrap) :])
    assert photo.unreadable == (clean == b"")
