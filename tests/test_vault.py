"""Keys and what they seal: who has no key, or moves a value to another row, reads nothing."""

import contextlib
import json
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import keyfile
from storage.keyfile import KeyProblem, Keys
from storage.vault import Unreadable, Vault

KEYS = Keys(data={1: b"1" * 32, 2: b"2" * 32}, current=2, index=b"i" * 32)
ROW = "answers:1234:value"
NIK = "8171014708859901"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lindung.key"


class TestSealing:
    @given(st.binary(max_size=300), st.text(max_size=40))
    def test_what_was_sealed_opens_for_the_same_row(self, plain: bytes, row: str) -> None:
        vault = Vault(KEYS)
        sealed = vault.seal(plain, row=row)
        assert len(sealed) == len(plain) + 30
        assert vault.open(sealed, row=row) == plain

    @given(st.text(st.characters(), max_size=50))
    def test_every_text_comes_back_also_half_of_an_emoji(self, plain: str) -> None:
        vault = Vault(KEYS)
        assert vault.open_text(vault.seal_text(plain, row=ROW), row=ROW) == plain

    def test_a_value_copied_to_another_row_does_not_open(self) -> None:
        sealed = Vault(KEYS).seal_text(NIK, row="answers:1234:value")
        with pytest.raises(Unreadable, match="answers:1235:value"):
            Vault(KEYS).open(sealed, row="answers:1235:value")

    @given(st.integers(0), st.integers(1, 255))
    def test_a_value_with_one_byte_changed_does_not_open(self, at: int, by: int) -> None:
        vault = Vault(KEYS)
        sealed = bytearray(vault.seal_text(NIK, row=ROW))
        sealed[at % len(sealed)] ^= by
        with pytest.raises(Unreadable):
            vault.open(bytes(sealed), row=ROW)

    @given(st.integers(0, 45))
    def test_a_value_cut_short_does_not_open(self, length: int) -> None:
        vault = Vault(KEYS)
        with pytest.raises(Unreadable):
            vault.open(vault.seal_text(NIK, row=ROW)[:length], row=ROW)

    def test_equal_values_do_not_look_equal_nor_like_themselves(self) -> None:
        vault = Vault(KEYS)
        first, second = (vault.seal_text(NIK, row=ROW) for _ in range(2))
        assert first[2:] != second[2:]
        assert NIK.encode() not in first

    def test_a_value_whose_key_is_gone_does_not_open(self) -> None:
        sealed = Vault(KEYS).seal(b"x", row=ROW)
        with pytest.raises(Unreadable, match="key file"):
            Vault(Keys({1: b"1" * 32}, 1, b"i" * 32)).open(sealed, row=ROW)

    def test_an_error_and_a_repr_show_no_secret(self) -> None:
        vault = Vault(KEYS)
        assert repr(vault) == "Vault(keys=[1, 2], current=2)"
        for secret in ("111", "222", "iii"):
            assert secret not in repr(KEYS)
        with pytest.raises(Unreadable) as caught:
            vault.open(vault.seal_text(NIK, row=ROW), row="answers:9:value")
        assert NIK not in repr(caught.value)


class TestRotation:
    def test_an_old_value_moves_to_the_current_key(self) -> None:
        old = Vault(Keys({1: b"1" * 32}, 1, b"i" * 32)).seal_text(NIK, row=ROW)
        vault = Vault(KEYS)
        assert (vault.key_of(old), vault.current) == (1, 2)
        new = vault.reseal(old, row=ROW)
        assert vault.key_of(new) == 2
        assert vault.open_text(new, row=ROW) == NIK

    def test_a_current_value_is_left_as_it_is(self) -> None:
        vault = Vault(KEYS)
        sealed = vault.seal_text(NIK, row=ROW)
        assert vault.reseal(sealed, row=ROW) is sealed

    def test_a_value_of_another_row_is_not_carried_over(self) -> None:
        old = Vault(Keys({1: b"1" * 32}, 1, b"i" * 32)).seal_text(NIK, row=ROW)
        with pytest.raises(Unreadable):
            Vault(KEYS).reseal(old, row="answers:9:value")


class TestDigests:
    def test_equal_values_of_one_kind_are_found_again(self) -> None:
        assert Vault(KEYS).digest("nik", NIK) == Vault(KEYS).digest("nik", NIK)
        assert len(Vault(KEYS).digest("nik", NIK)) == 16

    def test_kinds_values_and_keys_are_kept_apart(self) -> None:
        other = Vault(Keys(KEYS.data, 2, b"j" * 32))
        digests = [
            Vault(KEYS).digest("nik", NIK),
            Vault(KEYS).digest("phone", NIK),
            Vault(KEYS).digest("nik", NIK[:-1] + "2"),
            Vault(KEYS).digest("ni", "k" + NIK),
            other.digest("nik", NIK),
        ]
        assert len(set(digests)) == 5
        with pytest.raises(ValueError, match="NUL"):
            Vault(KEYS).digest("nik\0", NIK)

    def test_a_rotation_of_data_keys_changes_no_digest(self) -> None:
        rotated = Vault(Keys({3: b"3" * 32}, 3, KEYS.index))
        assert rotated.digest("nik", NIK) == Vault(KEYS).digest("nik", NIK)
        assert rotated.mac(b"line") == Vault(KEYS).mac(b"line")

    def test_an_audit_seal_needs_the_index_key_and_is_no_digest(self) -> None:
        vault = Vault(KEYS)
        assert len(vault.mac(b"nik\0" + NIK.encode())) == 32
        assert vault.mac(b"nik\0" + NIK.encode())[:16] != vault.digest("nik", NIK)
        assert vault.mac(b"x") != Vault(Keys(KEYS.data, 2, b"j" * 32)).mac(b"x")


class TestKeyFile:
    def test_a_new_file_is_its_owners_alone_and_reads_back(self, path: Path) -> None:
        made = keyfile.create(path)
        assert keyfile.load(path) == made
        assert not made.too_open
        assert (list(made.data), made.current) == ([1], 1)
        assert {len(key) for key in (*made.data.values(), made.index)} == {32}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.iterdir()) == [path]

    def test_two_files_share_no_key(self, path: Path) -> None:
        first, second = keyfile.create(path), keyfile.create(path.with_name("other.key"))
        assert len({*first.data.values(), first.index, *second.data.values(), second.index}) == 4

    def test_a_key_file_is_never_overwritten_not_even_in_a_race(self, path: Path) -> None:
        won: list[Keys] = []
        start = threading.Barrier(8)

        def create() -> None:
            start.wait()
            with contextlib.suppress(KeyProblem):
                won.append(keyfile.create(path))

        threads = [threading.Thread(target=create) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [keyfile.load(path)]
        with pytest.raises(KeyProblem, match="already"):
            keyfile.create(path)
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
    def test_a_file_others_may_read_is_said_so(self, path: Path, mode: int) -> None:
        keyfile.create(path)
        path.chmod(mode)
        assert keyfile.load(path).too_open

    def test_a_missing_file_and_a_folder_are_one_sentence(self, path: Path) -> None:
        with pytest.raises(KeyProblem, match="missing"):
            keyfile.load(path)
        with pytest.raises(KeyProblem, match="cannot be read"):
            keyfile.load(path.parent)
        with pytest.raises(KeyProblem, match="cannot be written"):
            keyfile.create(path / "below" / "lindung.key")

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda content: "not JSON", "damaged"),
            (lambda content: json.dumps(content)[:-9], "damaged"),
            (lambda content: json.dumps([]), "damaged"),
            (lambda content: json.dumps({**content, "index": None}), "damaged"),
            (lambda content: json.dumps({**content, "index": "*"}), "damaged"),
            (lambda content: json.dumps({**content, "data": {"one": content["index"]}}), "damaged"),
            (lambda content: json.dumps({**content, "index": "QUJD"}), "wrong length"),
            (lambda content: json.dumps({**content, "data": {"1": "QUJD"}}), "wrong length"),
            (lambda content: json.dumps({**content, "current": 2}), "current key"),
            (lambda content: json.dumps({**content, "data": {}}), "current key"),
        ],
    )
    def test_a_damaged_file_is_one_sentence_without_its_content(self, path: Path, change, words: str) -> None:
        keyfile.create(path)
        content = json.loads(path.read_text())
        path.write_text(change(content))
        with pytest.raises(KeyProblem, match=words) as caught:
            keyfile.load(path)
        assert str(caught.value).count("\n") == 0
        assert content["index"] not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None

    def test_a_new_data_key_becomes_current_and_keeps_the_old(self, path: Path) -> None:
        before = keyfile.create(path)
        sealed = Vault(before).seal_text(NIK, row=ROW)
        assert keyfile.add_data_key(path) == 2
        assert keyfile.add_data_key(path) == 3
        after = keyfile.load(path)
        assert (sorted(after.data), after.current) == ([1, 2, 3], 3)
        assert after.index == before.index
        assert len(set(after.data.values())) == 3
        assert Vault(after).open_text(sealed, row=ROW) == NIK
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_old_keys_go_but_never_the_current_one(self, path: Path) -> None:
        keyfile.create(path)
        keyfile.add_data_key(path)
        keyfile.add_data_key(path)
        assert keyfile.drop_old(path, keep=[2]) == [1]
        assert sorted(keyfile.load(path).data) == [2, 3]
        assert keyfile.drop_old(path) == [2]
        assert keyfile.drop_old(path) == []
        assert keyfile.add_data_key(path) == 4, "a number is not used twice"

    def test_a_linked_key_file_stays_a_link(self, path: Path) -> None:
        real = path.with_name("real.key")
        keyfile.create(real)
        path.symlink_to(real)
        keyfile.add_data_key(path)
        assert path.is_symlink()
        assert keyfile.load(real).current == 2

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
    def test_a_rotation_by_root_leaves_the_file_to_its_owner(self, path: Path) -> None:
        keyfile.create(path)
        os.chown(path, 65534, 65534)
        keyfile.add_data_key(path)
        assert (path.stat().st_uid, path.stat().st_gid) == (65534, 65534)


class TestTheCheckValue:
    def test_the_same_keys_fit(self, path: Path) -> None:
        keys = keyfile.create(path)
        keyfile.check(keys, keyfile.check_value(keys))
        assert keyfile.check_value(keyfile.load(path)) == keyfile.check_value(keys)

    def test_another_databases_keys_do_not(self, path: Path) -> None:
        stored = keyfile.check_value(keyfile.create(path))
        with pytest.raises(KeyProblem, match="another database"):
            keyfile.check(keyfile.create(path.with_name("other.key")), stored)

    @pytest.mark.parametrize("stored", ["", ":", "x:y:z", "é:²:z", "a:1"])
    def test_a_stored_value_that_is_none_stops_the_start(self, stored: str) -> None:
        with pytest.raises(KeyProblem):
            keyfile.check(KEYS, stored)

    def test_a_rotation_may_stop_half_way(self, path: Path) -> None:
        stored = keyfile.check_value(keyfile.create(path))
        keyfile.add_data_key(path)
        keyfile.check(keyfile.load(path), stored)

    def test_a_key_file_from_before_the_rotation_is_refused(self, path: Path) -> None:
        before = keyfile.create(path)
        keyfile.add_data_key(path)
        stored = keyfile.check_value(keyfile.load(path))
        with pytest.raises(KeyProblem, match="older"):
            keyfile.check(before, stored)

    def test_a_key_file_from_after_the_rotation_does_not_open_what_was_before(self, path: Path) -> None:
        stored = keyfile.check_value(keyfile.create(path))
        keyfile.add_data_key(path)
        keyfile.drop_old(path)
        with pytest.raises(KeyProblem, match="newer"):
            keyfile.check(keyfile.load(path), stored)

    def test_it_shows_no_key(self) -> None:
        value = keyfile.check_value(KEYS)
        for key in (*KEYS.data.values(), KEYS.index):
            assert key.hex() not in value
            assert key.decode() not in value
