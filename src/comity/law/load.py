# SPDX-License-Identifier: Apache-2.0
"""Load a law pack: one directory, and any number of overlays above it.

Every fault names its file, its key and the fix. A pack with a fault is never
returned: `load_pack` raises, `check_pack` lists. The digest covers the bytes of
every TOML file by name, so that an answer can name exactly the law it rests on.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, NoReturn

from comity.canonical.digest import Sha256
from comity.errors import Invalid
from comity.law.assemble import assemble
from comity.law.builder import Builder
from comity.law.chronology import check_dates
from comity.law.declared import check_declarations
from comity.law.instrument_records import instrument_file
from comity.law.links import check_links
from comity.law.pack import LANGUAGES, Pack, Part
from comity.law.parse_cache import Documents, keep, recall
from comity.law.reader import MAX_FILE_BYTES, Problem, Problems, Table, parse
from comity.law.records import OF_A_STATE, READERS
from comity.law.rule_checks import check_citations

FORMAT: Final = "comity.law.pack/1"
#: Most files and directories of one pack.
MAX_FILES: Final = 2_000
#: Most bytes of all files of one pack.
MAX_PACK_BYTES: Final = 32 << 20
#: Opens a pipe without waiting for somebody at its other end.
_READ_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
#: Directories that hold no law.
_APART: Final = frozenset({"tests", "__pycache__"})
_INSTRUMENT_KEYS: Final = frozenset(
    {"instrument", "for_instrument", "scope", "parties", "party", "declaration", "provision"}
)


@dataclass(frozen=True, slots=True)
class PartFiles:
    """The files of one directory, read: name -> bytes, and their digest."""

    name: str
    files: Mapping[str, bytes]
    signed_by: str = ""
    own_state: str = ""
    """The state that published this part about itself; empty for any other part."""

    @property
    def digest(self) -> Sha256:
        """SHA-256 over name and SHA-256 of every file, in the order of the names."""
        total = hashlib.sha256()
        for name in sorted(self.files):
            total.update(name.encode() + b"\0" + hashlib.sha256(self.files[name]).digest())
        return Sha256(total.hexdigest())


#: The pack that `load_parts` made last, under the parts that it was made of.
_LAST: Final[dict[tuple[tuple[str, ...], ...], Pack]] = {}


def load_pack(*directories: Path, cache: Path | None = None) -> Pack:
    """Return the pack in the first directory with the overlays in the others above it.

    `cache` is a folder in which parsed files may be kept (see `parse_cache`).
    Raises `Invalid` (`law.pack_invalid`) naming the first fault and counting the rest.
    """
    return load_parts(tuple(read_directory(directory) for directory in directories), cache=cache)


def load_parts(parts: Sequence[PartFiles], *, cache: Path | None = None) -> Pack:
    """Return the pack made of `parts`, the first being the base.

    The pack made last is remembered by the bytes that it was made of: one that is checked, kept
    and then used is built once.
    """
    made_of = _made_of(parts)
    known = _LAST.get(made_of)
    if known is not None and cache is None:
        return known
    problems = Problems()
    pack = _build(parts, problems, cache)
    problems.stop(pack=_named(parts))
    assert pack is not None  # noqa: S101  (stop() raised otherwise)
    _LAST.clear()
    _LAST[made_of] = pack
    return pack


def reopen_parts(parts: Sequence[PartFiles]) -> Pack:
    """Return the pack made of `parts`, which was judged on the day on which it came into use.

    A later version may find fault with what an earlier one let pass; an old request is explained
    with that law nevertheless. So only what cannot be read at all is a fault here, and a new
    check of what a record says belongs into `_judge`, not into the readers. Raises as `load_parts`.
    """
    made_of = _made_of(parts)
    if made_of in _LAST:
        return _LAST[made_of]
    problems = Problems()
    pack = _build(parts, problems, None, judged=True)
    problems.stop(pack=_named(parts))
    assert pack is not None  # noqa: S101  (stop() raised otherwise)
    return pack


def check_parts(parts: Sequence[PartFiles]) -> tuple[Problem, ...]:
    """Return every fault of the pack made of `parts`; none if it can be used."""
    problems = Problems()
    _build(parts, problems, None)
    return tuple(problems.found)


def _made_of(parts: Sequence[PartFiles]) -> tuple[tuple[str, ...], ...]:
    return tuple((part.name, part.digest, part.signed_by, part.own_state) for part in parts)


def _named(parts: Sequence[PartFiles]) -> str:
    return " + ".join(part.name for part in parts)


def read_directory(directory: Path, *, signed_by: str = "") -> PartFiles:
    """Read the TOML files below `directory`.

    Raises `Invalid`: `law.no_pack`, `law.too_many_files`, `law.pack_too_large`, or
    `law.unreadable` for a file or folder that cannot be read and for a link to a folder,
    which may lead round in a circle: law that is not seen would be left out in silence.
    """
    if not os.path.isdir(directory):  # noqa: PTH112 - Path.is_dir raises where this says no
        raise Invalid(
            "law.no_pack",
            f"{directory}: there is no such directory, or it is closed to this program",
            hint="Give the directory that holds pack.toml.",
        )
    files: dict[str, bytes] = {}
    total = 0
    for path in sorted(_toml_files(directory)):
        if len(files) >= MAX_FILES:
            raise Invalid("law.too_many_files", f"{directory}: more than {MAX_FILES} TOML files")
        name = path.relative_to(directory).as_posix()
        if not name.isprintable():  # nor can such a name be hashed or shown
            _refuse(path, "has a name that is no plain text", "Give the file another name.")
        files[name] = read_file(path)
        total += len(files[name])
        if total > MAX_PACK_BYTES:
            raise Invalid(
                "law.pack_too_large",
                f"{directory}: the TOML files are larger than {MAX_PACK_BYTES} bytes together",
                hint="Keep only law in the folder.",
            )
    return PartFiles(directory.name, files, signed_by)


def _toml_files(directory: Path) -> Iterator[Path]:
    for folder, below, names in os.walk(directory, onerror=_unreadable):
        below[:] = [name for name in below if name not in _APART]
        for name in below:
            if Path(folder, name).is_symlink():
                _refuse(Path(folder, name), "is a link to a folder", "Put the folder itself there.")
        yield from (Path(folder, name) for name in names if name.endswith(".toml"))


def _unreadable(error: OSError) -> NoReturn:
    _refuse(error.filename, str(error.strerror), "Let this program read it, or remove it.", error)


def _refuse(path: object, why: str, hint: str, error: OSError | None = None) -> NoReturn:
    raise Invalid("law.unreadable", f"{path}: {why}", hint=hint) from error


def read_file(path: Path, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """Read a file, but never more than one byte beyond what is allowed, and no pipe or device.

    Raises `Invalid` (`law.unreadable`).
    """
    try:
        with os.fdopen(os.open(path, _READ_FLAGS), "rb") as stream:
            if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return stream.read(limit + 1)
    except OSError as error:
        _unreadable(error)
    _refuse(path, "is a pipe or a device, not a file", "Put a file in its place, or remove it.")


def _build(
    parts: Sequence[PartFiles], problems: Problems, cache: Path | None, *, judged: bool = False
) -> Pack | None:
    """Return the pack, or None with the faults in `problems`.

    `judged`: it was judged before; it is only read.
    """
    if not parts:
        raise Invalid("law.no_pack", "no law pack was given", hint="Give at least one directory.")
    builder = Builder(problems)
    headers = [
        _read_part(part, builder, cache, above=number > 0, judged=judged)
        for number, part in enumerate(parts)
    ]
    if not problems.found:
        check_links(builder)
        if not judged:
            _judge(builder)
    if problems.found:
        return None
    return assemble(builder, tuple(headers), digest=digest_of(parts))


def _judge(builder: Builder) -> None:
    """Note a fault for every record that can be read, but cannot be right."""
    check_dates(builder)
    check_declarations(builder)
    check_citations(builder)


def digest_of(parts: Sequence[PartFiles]) -> Sha256:
    """Return the digest of a whole pack: its only part's, or SHA-256 over those of all parts.

    Who signed a part, and for which state it speaks, is part of the law: a line of a
    signed part names both after its digest.
    """
    if len(parts) == 1 and not parts[0].signed_by:
        return parts[0].digest
    lines = [" ".join(filter(None, (p.digest, p.signed_by, p.own_state))) for p in parts]
    return Sha256(hashlib.sha256("\n".join(lines).encode()).hexdigest())


def _read_part(
    part: PartFiles, builder: Builder, cache: Path | None, *, above: bool, judged: bool
) -> Part:
    """Read one part. A fault in an overlay (`above`) names the overlay before the file."""
    problems = builder.problems
    within = f"{part.name}/" if above else ""
    documents = {
        name: Table(data, file=within + name, path="", problems=problems)
        for name, data in _parsed(part, problems, cache, within, judged=judged).items()
    }
    header = _header(part, documents.pop("pack.toml", None), problems, within)
    builder.part = header.name
    builder.own_state = part.own_state
    labels = {name: documents.pop(name) for name in list(documents) if name.startswith("labels/")}
    for key, read in READERS.items():
        for table in documents.values():
            if key in table and "state" not in _state_file(table):
                for inner in table.tables(key):
                    read(inner, builder)
                    inner.done()
    for table in documents.values():
        _read_rest(table, builder)
    for name, table in labels.items():
        if builder.own_state:
            builder.not_own(table)
        _labels(name, table, builder)
    return header


def _parsed(
    part: PartFiles, problems: Problems, cache: Path | None, within: str, *, judged: bool
) -> Documents:
    """Return the parsed files, from the cache if it holds this very pack."""
    known = recall(cache, part.digest) if cache is not None else None
    if known is not None:
        return known
    before = len(problems.found)
    documents: dict[str, Mapping[str, object]] = {}
    for name, data in part.files.items():
        faults = len(problems.found)
        documents[name] = parse(data, file=within + name, problems=problems)
        if not (documents[name] or judged) and len(problems.found) == faults:
            problems.add(
                "law.empty_file", within + name, "", "holds nothing", "Write it anew, or remove it."
            )
    if cache is not None and len(problems.found) == before:
        keep(cache, part.digest, documents)
    return documents


def _state_file(table: Table) -> tuple[str, ...]:
    """Return ("state",) if the file is about one state (`state = "DE"` at its top)."""
    return ("state",) if isinstance(table.raw("state"), str) else ()


def _read_rest(table: Table, builder: Builder) -> None:
    if _state_file(table):
        of = table.choice("state", builder.states, code="law.unknown_state")
        for key, read in OF_A_STATE.items():
            for inner in table.tables(key):
                read(inner, builder, of)
                inner.done()
    elif any(key in table for key in _INSTRUMENT_KEYS):
        instrument_file(table, builder)
    table.done()


def _header(part: PartFiles, table: Table | None, problems: Problems, within: str) -> Part:
    if table is None:
        problems.add(
            "law.missing_file",
            f"{within}pack.toml",
            "",
            f"{part.name} has no pack.toml",
            "Add one with format, name, version, as_of, publisher and reason.",
        )
        return Part(part.name, "", date.min, part.digest, "", "", part.signed_by, fictional=False)
    table.choice("format", (FORMAT,))
    for folder in table.strings("folders"):
        if not any(name.startswith(f"{folder}/") for name in part.files):
            table.fault(
                "folders",
                "law.missing_folder",
                f"names the folder {folder!r}, in which there is no file",
                "Put the folder back, or take it from the list.",
            )
    header = Part(
        name=table.identifier("name"),
        version=table.text("version"),
        as_of=table.day("as_of"),
        digest=part.digest,
        publisher=table.text("publisher"),
        reason=table.text("reason"),
        signed_by=part.signed_by,
        fictional=table.flag("fictional"),
    )
    table.done()
    return header


def _labels(name: str, table: Table, builder: Builder) -> None:
    """Read labels/<language>.toml: one table for each vocabulary."""
    language = name.removeprefix("labels/").removesuffix(".toml")
    if language not in LANGUAGES:
        table.fault(
            "",
            "law.unknown_language",
            f"{language!r} is not one of {', '.join(LANGUAGES)}",
            "Name the file after one of them.",
        )
        return
    into = builder.labels.setdefault(language, {})
    for vocabulary in table.keys():  # noqa: SIM118
        into.setdefault(vocabulary, {}).update(table.texts(vocabulary))
