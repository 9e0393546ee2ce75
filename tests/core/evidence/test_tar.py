# SPDX-License-Identifier: Apache-2.0
"""Archives: what we write every tool reads; what has no business in one is refused by name."""

import contextlib
import io
import subprocess
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.crypto.sealing import EncryptionIdentity, seal
from comity.errors import ComityError, Conflict, Invalid, Unavailable, Unverified
from comity.evidence import tar
from comity.evidence import unpack as unpacking
from comity.evidence.tar import TarReader, write_tar
from comity.evidence.unpack import unpack, unpack_sealed
from support.packages import START

FILES = {
    "bagit.txt": b"BagIt-Version: 1.0\n",
    "data/evidence/EX-1/disk.raw": bytes(range(256)) * 5,
    "data/evidence/EX-1/سجل.txt": b"",
    f"data/{'long-' * 40}name.bin": b"x" * 512,
}
IDENTITY = EncryptionIdentity(b"i" * 32)


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "package"
    for name, data in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def packed(folder):
    target = io.BytesIO()
    write_tar(folder, target, top="package", modified=START)
    return target.getvalue()


def contents(root):
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def refusal(data, tmp_path):
    with pytest.raises(ComityError) as caught:
        unpack(io.BytesIO(data), tmp_path / "out")
    assert list(tmp_path.glob("*out*")) == []
    assert list(tmp_path.glob(".*")) == []
    return caught.value.code


def made(*entries, form=tarfile.PAX_FORMAT):
    """Return an archive of entries that our writer would never make."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as archive:
        for entry in entries:
            name, data, changes = (*entry, {}, {})[:3] if len(entry) > 1 else (*entry, b"", {})
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for member, value in dict(changes).items():
                setattr(info, member, value)
            archive.addfile(info, io.BytesIO(data))
    return target.getvalue()


def test_the_same_folder_gives_the_same_bytes(folder):
    assert packed(folder) == packed(folder)


def test_what_is_packed_is_unpacked(folder, tmp_path):
    unpack(io.BytesIO(packed(folder)), tmp_path / "out")
    assert contents(tmp_path / "out") == FILES


def test_other_programs_read_what_is_packed(folder, tmp_path):
    (tmp_path / "package.tar").write_bytes(packed(folder))
    subprocess.run(["tar", "xf", "package.tar", "--one-top-level=gnu"], cwd=tmp_path, check=True)
    assert contents(tmp_path / "gnu" / "package") == FILES
    with tarfile.open(tmp_path / "package.tar") as archive:
        assert len(archive.getmembers()) == len(FILES)


@pytest.mark.parametrize("form", ["gnu", "pax", "ustar"])
def test_what_gnu_tar_packs_is_unpacked(folder, tmp_path, form):
    if form == "ustar":
        (folder / f"data/{'long-' * 40}name.bin").unlink()
    subprocess.run(["tar", f"--format={form}", "-cf", "p.tar", "package"], cwd=tmp_path, check=True)
    with (tmp_path / "p.tar").open("rb") as source:
        unpack(source, tmp_path / "out")
    assert contents(tmp_path / "out") == contents(folder)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, "tar.kind"),
        ({"type": tarfile.LNKTYPE, "linkname": "p/a"}, "tar.kind"),
        ({"type": tarfile.CHRTYPE}, "tar.kind"),
        ({"type": tarfile.BLKTYPE}, "tar.kind"),
        ({"type": tarfile.FIFOTYPE}, "tar.kind"),
        ({"type": tarfile.CONTTYPE}, "tar.kind"),
        ({"type": b"Z"}, "tar.kind"),
        ({"pax_headers": {"GNU.sparse.major": "1"}}, "tar.header"),
        ({"pax_headers": {"linkpath": "x"}}, "tar.header"),
        ({"pax_headers": {"SCHILY.xattr.user.x": "1"}}, "tar.header"),
        ({"pax_headers": {"path": "p/../../x"}}, "name.unsafe"),
    ],
)
def test_what_has_no_business_in_a_package_is_refused(changes, code, tmp_path):
    assert refusal(made(("p/a", b""), ("p/b", b"", changes)), tmp_path) == code


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["p/../x"], "name.unsafe"),
        (["/p/x"], "name.unsafe"),
        (["../x"], "name.unsafe"),
        (["p//x"], "name.unsafe"),
        (["./p/x"], "name.unsafe"),
        (["p/x\\y"], "name.unsafe"),
        (["p/50%"], "name.unsafe"),
        (["p/\u202ex"], "name.unsafe"),
        (["p/a", "q/a"], "tar.top"),
        (["a"], "tar.top"),
        (["p/a", "p/a"], "tar.duplicate"),
        (["p/a", "p/A"], "tar.duplicate"),
        (["p/é", "p/e\u0301"], "tar.duplicate"),
        (["p/a", "p/a/b"], "tar.duplicate"),
        (["p/a", "p/A/b"], "tar.duplicate"),
    ],
)
def test_names_that_lead_elsewhere_or_collide_are_refused(names, code, tmp_path):
    assert refusal(made(*[(name, b"x") for name in names]), tmp_path) == code


def test_a_name_that_is_not_utf8_is_refused(tmp_path):
    data = made(("p/aaaa", b"x"), form=tarfile.USTAR_FORMAT)
    header = bytearray(data[:512])
    header[2:6] = b"\xff\xfe\xfd\xfc"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    assert refusal(bytes(header) + data[512:], tmp_path) == "tar.name"


def test_a_bomb_of_entries_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tar, "MAX_FILES", 10)
    data = made(*[(f"p/{number}", b"") for number in range(30)])
    assert refusal(data, tmp_path) == "tar.too_many"


def test_a_giant_is_refused_by_its_header(tmp_path):
    data = bytearray(made(("p/a", b""), form=tarfile.GNU_FORMAT)[:512])
    data[124:136] = b"\x80" + (1 << 60).to_bytes(11, "big")
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data)
    assert refusal(bytes(data), tmp_path) == "tar.too_large"


def test_every_cut_is_noticed(folder, tmp_path):
    data = packed(folder)
    for end in range(0, len(data), 512):
        assert refusal(data[:end], tmp_path) in {"tar.truncated", "tar.end"}
    assert refusal(data[:-1], tmp_path) == "tar.truncated"


def test_padding_with_zeros_is_read_and_anything_else_is_not(folder, tmp_path):
    data = packed(folder)
    assert refusal(data + b"\0" * 5000 + b"x", tmp_path) == "tar.trailing"
    unpack(io.BytesIO(data + b"\0" * 5000), tmp_path / "padded")
    assert contents(tmp_path / "padded") == FILES


def test_a_changed_header_is_noticed(folder, tmp_path):
    data = bytearray(packed(folder))
    for place in range(0, 512, 5):
        changed = bytearray(data)
        changed[place] ^= 1
        assert refusal(bytes(changed), tmp_path)


def test_nothing_is_written_over(folder, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(Conflict) as caught:
        unpack(io.BytesIO(packed(folder)), tmp_path / "out")
    assert caught.value.code == "package.exists"


def test_what_an_interrupted_try_left_is_replaced(folder, tmp_path):
    (tmp_path / ".out.partial").mkdir()
    (tmp_path / ".out.partial" / "half").write_bytes(b"x")
    unpack(io.BytesIO(packed(folder)), tmp_path / "out")
    assert contents(tmp_path / "out") == FILES


def test_a_folder_with_a_link_is_not_packed(folder):
    (folder / "link").symlink_to("bagit.txt")
    with pytest.raises(Unverified) as caught:
        packed(folder)
    assert caught.value.code == "tar.folder"


def test_a_missing_parent_is_said(folder, tmp_path):
    with pytest.raises(Unavailable) as caught:
        unpack(io.BytesIO(packed(folder)), tmp_path / "no" / "out")
    assert caught.value.code == "package.not_written"


class TestSealed:
    @pytest.fixture
    def sealed(self, folder):
        target = io.BytesIO()
        seal(io.BytesIO(packed(folder) + b"\0" * 300_000), target, recipients=[IDENTITY.recipient])
        return target.getvalue()

    def test_a_sealed_package_opens(self, sealed, tmp_path):
        unpack_sealed(io.BytesIO(sealed), tmp_path / "out", identities=[IDENTITY])
        assert contents(tmp_path / "out") == FILES

    @pytest.mark.parametrize("end", [-1, -17, -70_000, -140_000, 3_000, 100, 0])
    def test_a_cut_seal_opens_nothing(self, sealed, tmp_path, end):
        """Also where the archive itself was complete before the cut."""
        with pytest.raises(ComityError) as caught:
            unpack_sealed(io.BytesIO(sealed[:end]), tmp_path / "out", identities=[IDENTITY])
        assert caught.value.code.startswith("sealing.")
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("failure", [ValueError("bad chunk"), MemoryError()])
    def test_whatever_stops_the_opening_leaves_nothing(
        self, sealed, tmp_path, monkeypatch, failure
    ):
        """The archive was complete, but its last chunk was never authenticated."""

        def unseal(source, sink, *, identities):
            honest(source, sink, identities=identities)
            raise failure

        honest = unpacking.unseal
        monkeypatch.setattr(unpacking, "unseal", unseal)
        with pytest.raises(type(failure)):
            unpack_sealed(io.BytesIO(sealed), tmp_path / "out", identities=[IDENTITY])
        assert list(tmp_path.glob("*out*")) == []

    def test_another_identity_opens_nothing(self, sealed, tmp_path):
        with pytest.raises(Unverified) as caught:
            unpack_sealed(
                io.BytesIO(sealed), tmp_path / "out", identities=[EncryptionIdentity(b"o" * 32)]
            )
        assert caught.value.code == "sealing.no_match"

    def test_a_sealed_text_is_no_package(self, tmp_path):
        target = io.BytesIO()
        seal(io.BytesIO(b"hello" * 200_000), target, recipients=[IDENTITY.recipient])
        with pytest.raises(Invalid) as caught:
            unpack_sealed(io.BytesIO(target.getvalue()), tmp_path / "out", identities=[IDENTITY])
        assert caught.value.code.startswith("tar.")


@given(st.data())
def test_no_damage_leaks_another_error(data):
    good = made(("p/a", b"hello"), ("p/dir", b"", {"type": tarfile.DIRTYPE}), ("p/b", b"x" * 600))
    place = data.draw(st.integers(0, 3_000))
    changed = good[:place] + data.draw(st.binary(max_size=12)) + good[place + 5 :]
    reader = TarReader(io.BytesIO(changed))
    with contextlib.suppress(Invalid):
        for entry in reader.entries():
            if not entry.folder:
                assert sum(len(part) for part in reader.content()) == entry.size


@given(st.binary(max_size=2_000))
def test_no_bytes_leak_another_error(data):
    with contextlib.suppress(Invalid):
        for _ in TarReader(io.BytesIO(data)).entries():
            pass


def test_a_full_disk_leaves_nothing(folder, small_disk):
    big = folder / "data/evidence/EX-1/disk.raw"
    big.write_bytes(b"x" * 3_000_000)
    with pytest.raises(Unavailable) as caught:
        unpack(io.BytesIO(packed(folder)), small_disk / "out")
    assert caught.value.code == "package.disk_full"
    assert list(small_disk.iterdir()) == []
