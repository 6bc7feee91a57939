"""Drawn cards to be photographed in tests: invented writing, sharp and bright unless asked otherwise."""

from __future__ import annotations

import functools
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter


@functools.cache
def ktp_photo(*, blurred: bool = False, dark: bool = False, small: bool = False) -> bytes:
    """A drawn card with invented writing: sharp and bright unless asked otherwise."""
    image = Image.new("RGB", (900, 600), (190, 210, 235))
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, 880, 580), outline=(30, 30, 60), width=4)
    for line in range(14):
        y = 60 + line * 36
        for word in range(10):
            x = 50 + word * 58
            draw.rectangle((x, y, x + 18 + (line * 7 + word * 11) % 30, y + 16), fill=(20, 20, 40))
    draw.rectangle((680, 180, 850, 420), fill=(120, 90, 80))
    if blurred:
        image = image.filter(ImageFilter.GaussianBlur(14))
    if dark:
        image = image.point(lambda value: value // 8)
    if small:
        image = image.resize((300, 200))
    file = BytesIO()
    image.save(file, "JPEG", quality=88)
    return file.getvalue()
