"""A picture somebody sent: whether it can be read by an officer, and the clean copy that is kept.

Not for: fetching, encrypting or storing it, or for reading the card. Pure functions of bytes; they take some
tens of milliseconds, so whoever calls them does it in a thread.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image, ImageFilter, ImageOps, ImageStat, UnidentifiedImageError

from conversation.messages import Photo

# What phones send. HEIC would need another library, and the fewer decoders face strangers' bytes, the better.
_FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP")

# 50-megapixel phones pass. A progressive JPEG of that size takes 150 MB to decode, a PNG of half of it too.
_PIXELS: Final = 52_000_000
_PIXELS_WITHOUT_DRAFT: Final = 26_000_000
Image.MAX_IMAGE_PIXELS = _PIXELS

_KEPT_SIDE: Final = 2000
_KEPT_QUALITY: Final = 85

# Thresholds measured on drawn cards: sharp 500 to 1,100; blurred but readable 26; unreadable 6. Dim 48.
_JUDGED_SIDE: Final = 800
_BLURRED_BELOW: Final = 15.0
_DARK_BELOW: Final = 40.0
_SMALL_BELOW: Final = 400

# The offset keeps both sides of an edge: below zero would be cut off.
_LAPLACIAN: Final = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)

_UNREADABLE: Final = Photo(name="", unreadable=True)


def check(data: bytes) -> Photo:
    """The picture's sides in pixels, upright and as it would be kept, and its flaws. The name stays empty."""
    image = _open(data)
    return _UNREADABLE if image is None else _judge(image)


def prepare(data: bytes) -> tuple[Photo, bytes]:
    """What `check` says, and a JPEG of the picture: upright, at most 2,000 pixels, without any metadata.

    Where no picture can be read the bytes are empty.
    """
    image = _open(data)
    if image is None:
        return _UNREADABLE, b""
    out = BytesIO()
    # A new file from the pixels alone: place, time and make of the phone stay behind.
    image.save(out, "JPEG", quality=_KEPT_QUALITY, exif=b"", comment=b"", icc_profile=None)
    return _judge(image), out.getvalue()


def _open(data: bytes) -> Image.Image | None:
    """The picture, upright, in plain colours, no larger than it is kept; None where there is none."""
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as image:
            limit = _PIXELS if image.format in ("JPEG", "MPO") else _PIXELS_WITHOUT_DRAFT
            if image.width * image.height > limit:
                return None
            # Decoding a JPEG at half or a quarter of its size is several times faster. Of a moving picture
            # the first one is read.
            image.draft("RGB", (_KEPT_SIDE, _KEPT_SIDE))
            upright = _plain(ImageOps.exif_transpose(image))
    except (
        *(UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning),
        *(OSError, ValueError, SyntaxError, TypeError, IndexError, EOFError, MemoryError),
    ):
        # Truncated, damaged or something else altogether: Pillow's decoders raise any of these.
        return None
    upright.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
    return upright


def _plain(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        # See-through parts would turn black, and the card would be called dark.
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _judge(image: Image.Image) -> Photo:
    grey = image.convert("L")
    grey.thumbnail((_JUDGED_SIDE, _JUDGED_SIDE))
    flaws = []
    if min(image.size) < _SMALL_BELOW:
        flaws.append("small")
    if ImageStat.Stat(grey).mean[0] < _DARK_BELOW:
        flaws.append("dark")
    if _sharpness(grey) < _BLURRED_BELOW:
        flaws.append("blurred")
    return Photo(name="", width=image.width, height=image.height, flaws=tuple(flaws))


def _sharpness(grey: Image.Image) -> float:
    if min(grey.size) < 3:
        return 0.0
    # The filter leaves the outermost pixels as they were, which would count as edges.
    inner = (1, 1, grey.width - 1, grey.height - 1)
    return ImageStat.Stat(grey.filter(_LAPLACIAN).crop(inner)).var[0]
