"""Photos on disk: sealed, whole or not there at all, and gone when nobody knows them."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.engine import Full
from storage.files import MediaFolder
from storage.keyfile import Keys
from storage.vault import Unreadable, Vault

KEYS = Keys(data={1: b"1" * 32}, current=1, index=b"i" * 32)
NAME, OTHER = "0123456789abcdef", "fedcba9876543210"
PHOTO = b"\xff\xd8\xff\xe0 a photo of a KTP " * 5000
REWRITES = """
import sys
from pathlib import Path
from storage.files import MediaFolder
from storage.keyfile import Keys
from storage.vault import Vault
folder = MediaFolder(Path(sys.argv[1]), Vault(Keys({1: b"1" * 32}, 1, b"i" * 32)))
number = 0
while True:
    folder.write(bytes([number % 256]) * 300_000, name="0123456789abcdef")
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "media"


@pytest.fixture
def media(path: Path) -> MediaFolder:
    return MediaFolder(path, Vault(KEYS))


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


@contextlib.contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_photo_comes_back_as_it_was(media: MediaFolder) -> None:
    media.write(PHOTO, name=NAME)
    assert media.read(NAME) == PHOTO
    assert list(media.names()) == [NAME]


def test_the_disk_shows_nothing_of_it_and_only_to_its_owner(media: MediaFolder, path: Path) -> None:
    media.write(PHOTO, name=NAME)
    assert b"KTP" not in (path / NAME).read_bytes()
    assert [item.name for item in path.iterdir()] == [NAME]
    assert (path.stat().st_mode & 0o777, (path / NAME).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_file_renamed_to_another_does_not_open(media: MediaFolder, path: Path) -> None:
    media.write(PHOTO, name=NAME)
    (path / NAME).rename(path / OTHER)
    with pytest.raises(Unreadable):
        media.read(OTHER)


def test_writing_again_replaces(media: MediaFolder) -> None:
    media.write(b"first", name=NAME)
    media.write(b"second", name=NAME)
    assert media.read(NAME) == b"second"


def test_a_photo_that_is_gone_is_not_found_and_removing_it_again_is_fine(media: MediaFolder) -> None:
    media.write(PHOTO, name=NAME)
    media.remove(NAME)
    media.remove(NAME)
    with pytest.raises(FileNotFoundError):
        media.read(NAME)


@pytest.mark.parametrize("name", ["", "short", "../../etc/passwd", "0123456789ABCDEF", "0" * 65, f"{NAME}\n"])
def test_a_name_that_is_none_never_reaches_the_disk(media: MediaFolder, path: Path, name: str) -> None:
    for use in (media.read, media.remove, media.reseal, lambda name: media.write(PHOTO, name=name)):
        with pytest.raises(ValueError, match="hex"):
            use(name)
    assert not path.exists()


def test_a_full_disk_keeps_the_old_photo_and_leaves_no_half_one(media: MediaFolder, path: Path) -> None:
    media.write(b"first", name=NAME)
    with files_no_larger_than(1000):
        for name in (NAME, OTHER):
            with pytest.raises(Full, match="media"):
                media.write(PHOTO, name=name)
    assert media.read(NAME) == b"first"
    assert [item.name for item in path.iterdir()] == [NAME]


def test_a_folder_that_cannot_be_made_is_told_as_the_disks_trouble(path: Path) -> None:
    path.write_text("not a folder")
    with pytest.raises(Full):
        MediaFolder(path, Vault(KEYS)).write(PHOTO, name=NAME)


def test_kill_9_leaves_a_whole_photo(media: MediaFolder, path: Path) -> None:
    program = [sys.executable, "-c", REWRITES, str(path)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        for _ in range(50):
            written = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        written = max([written, *(int(line) for line in process.stdout.read().split("\n")[:-1])])
    content = media.read(NAME)
    assert content in {bytes([number % 256]) * 300_000 for number in (written, written + 1)}
    for left in path.iterdir():
        age(left, 7200)
    media.sweep({NAME})
    assert [item.name for item in path.iterdir()] == [NAME]


def test_the_sweep_takes_what_no_row_knows(media: MediaFolder, path: Path) -> None:
    for name in (NAME, OTHER):
        media.write(PHOTO, name=name)
        age(path / name, 7200)
    half = path / f".{NAME}.12345678.part"
    half.write_bytes(b"half")
    age(half, 7200)
    assert media.sweep({NAME}) == 2
    assert [item.name for item in path.iterdir()] == [NAME]


def test_the_sweep_spares_the_young_and_the_strange(media: MediaFolder, path: Path) -> None:
    media.write(PHOTO, name=NAME)
    note = path / "READ ME"
    note.write_text("left here by a person")
    age(note, 7200)
    assert media.sweep(set()) == 0
    assert media.sweep(set(), grace=-60) == 1
    assert [item.name for item in path.iterdir()] == ["READ ME"]


def test_a_folder_that_is_not_there_yet_is_empty(media: MediaFolder) -> None:
    assert media.sweep(set()) == 0
    assert list(media.names()) == []


def test_a_rotation_brings_photos_under_the_new_key(media: MediaFolder, path: Path) -> None:
    media.write(PHOTO, name=NAME)
    rotated = MediaFolder(path, Vault(Keys({1: b"1" * 32, 2: b"2" * 32}, 2, b"i" * 32)))
    assert rotated.reseal(NAME)
    assert not rotated.reseal(NAME)
    assert not rotated.reseal(OTHER), "a photo deleted meanwhile is fine"
    assert MediaFolder(path, Vault(Keys({2: b"2" * 32}, 2, b"i" * 32))).read(NAME) == PHOTO


@given(st.binary(max_size=200))
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    media = MediaFolder(tmp_path_factory.getbasetemp() / "any", Vault(KEYS))
    media.write(data, name=NAME)
    assert media.read(NAME) == data
