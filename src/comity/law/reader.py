# SPDX-License-Identifier: Apache-2.0
"""Read a TOML file of law so that every fault names its file, its key and the fix.

The reader collects faults instead of stopping at the first, so that `law check`
can show them all. A value that cannot be read is replaced by an empty one and
the fault is noted; whoever asked for the pack then gets none.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from comity.errors import Invalid
from comity.law.dates import When, read_when

#: Largest file of a pack, in bytes.
MAX_FILE_BYTES: Final = 2 << 20
#: Longest single text in a pack, in characters.
MAX_TEXT: Final = 4_000
#: Longest list in a record.
MAX_ITEMS: Final = 1_000
#: Largest number in a record.
MAX_NUMBER: Final = 10_000
#: How many faults are collected before the rest is left unread.
MAX_PROBLEMS: Final = 200

_ID: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}", re.ASCII)
#: Characters that no text of law needs: controls other than a line's end, and marks that
#: turn the direction of what follows, so that a reader sees another text than is stored.
_HIDDEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_AT_LINE: Final = re.compile(r"at line (\d+)")
_DIGITS: Final = re.compile(rb"\d[\d_]{1000,}")
#: How much of a line is looked at for its key.
_KEY_REACH: Final = 200
_HEADING: Final = re.compile(r"\[{1,2}([A-Za-z0-9_.-]{1,80})", re.ASCII)
_ASSIGNED: Final = re.compile(r"([A-Za-z0-9_.-]{1,80})\s*=", re.ASCII)
_EPOCH: Final = date(1, 1, 1)
#: How much of a wrong word is compared with the right ones.
_WORD: Final = 60
#: So many names and no more are all listed for somebody who wrote none of them.
_FEW: Final = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a pack: where it is, what is wrong, what to do."""

    code: str
    file: str
    key: str
    message: str
    fix: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.key}" if self.key else self.file
        return f"{where}: {self.message} [{self.code}]"

    @property
    def lines(self) -> tuple[str, str]:
        """The fault, and what to do, each as one line of a report."""
        return (str(self), f"  {self.fix}")


@dataclass(slots=True)
class Problems:
    """The faults found so far."""

    found: list[Problem] = field(default_factory=list)

    def add(self, code: str, file: str, key: str, message: str, fix: str) -> None:
        """Note one fault."""
        if len(self.found) < MAX_PROBLEMS:
            self.found.append(Problem(code, file, key, message, fix))

    def stop(self, *, pack: str) -> None:
        """Raise `Invalid` (`law.pack_invalid`) if anything was found."""
        if not self.found:
            return
        first = self.found[0]
        more = len(self.found) - 1
        faults = f"{more + 1} faults, first" if more else "a fault"
        raise Invalid(
            "law.pack_invalid",
            f"the law pack {pack} has {faults}: {first}",
            hint=first.fix + (f" `comity law check` lists the other {more}." if more else ""),
            details={"problems": [" ".join(problem.lines) for problem in self.found]},
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence naming the nearest valid values, or all if they are few."""
    from difflib import get_close_matches  # only for who made a mistake

    names = sorted(known)
    if not names:
        return "Nothing of this kind is recorded."
    word = word[:_WORD]
    close = (
        get_close_matches(word, names, n=3, cutoff=0.6)
        or get_close_matches(word.lower(), names, n=3, cutoff=0.6)
        or get_close_matches(word.upper(), names, n=3, cutoff=0.6)
    )
    if close:
        return f"Did you mean {', '.join(close)}?"
    if len(names) <= _FEW:
        return f"Known: {', '.join(names)}."
    return f"Known values begin with: {', '.join(names[:8])}."


def _remedy(word: str, known: Iterable[str], code: str) -> str:
    """Return what to write in place of `word`: of a state its code, whatever it was called."""
    if code == "law.unknown_state" and isinstance(known, Mapping):
        from comity.law.state_names import hint  # only for who made a mistake

        return hint(word, known)
    return nearest(word, known)


def parse(data: bytes, *, file: str, problems: Problems) -> Mapping[str, object]:
    """Return the TOML document in `data`; note a fault and return nothing if there is none."""
    if len(data) > MAX_FILE_BYTES:
        problems.add(
            "law.file_too_large",
            file,
            *_longest_line(data[:MAX_FILE_BYTES]),
            "Split the file, or remove the text that does not belong in it.",
        )
        return {}
    import tomllib  # not needed where the parsed files are kept (`parse_cache`)

    try:
        return tomllib.loads(data.removeprefix(codecs.BOM_UTF8).decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        problems.add(
            "law.not_utf8",
            file,
            _key_at(data, line),
            f"not UTF-8 at byte {error.start}, on line {line}",
            "Save as UTF-8.",
        )
    except RecursionError:
        problems.add(
            "law.toml_syntax", file, "", "is nested too deeply", "Remove the lists within lists."
        )
    except ValueError as error:  # also a number of too many digits
        problems.add(
            "law.toml_syntax",
            file,
            _key_at(data, _line_of(str(error), data)),
            f"not TOML: {error}",
            "Correct the line it names.",
        )
    return {}


def _longest_line(read: bytes) -> tuple[str, str]:
    """Return the key of the longest line of a file that is too large, and what to say of it."""
    lines = read.split(b"\n")
    number = max(range(len(lines)), key=lambda index: len(lines[index])) + 1
    said = f"more than {MAX_FILE_BYTES} bytes, which is all that is read of a file"
    return _key_at(read, number), f"{said}; the longest line is line {number}"


def _line_of(message: str, data: bytes) -> int:
    """Return the line that the parser names; the last one where it names the document's end.

    Of a number with too many digits it names none: that of the longest run of digits.
    """
    named = _AT_LINE.search(message)
    if named:
        return int(named[1])
    if "digits" in message:
        longest = max(_DIGITS.finditer(data), key=lambda run: len(run[0]), default=None)
        return data.count(b"\n", 0, longest.start()) + 1 if longest else 0
    return data.count(b"\n") + 1


def _key_at(data: bytes, line: int) -> str:
    """Return the table and the key on or above a line of a file that cannot be parsed."""
    table = key = ""
    for written in data.split(b"\n")[:line]:
        start = written[:_KEY_REACH].decode("utf-8", "replace").strip()
        if heading := _HEADING.match(start):
            table, key = heading[1], ""
        elif assigned := _ASSIGNED.match(start):
            key = assigned[1]
    return ".".join(filter(None, (table, key)))


class Table:
    """One table of a file, read key by key. `done` names the keys nobody asked for."""

    __slots__ = ("_asked", "_data", "file", "path", "problems")

    def __init__(
        self, data: Mapping[str, object], *, file: str, path: str, problems: Problems
    ) -> None:
        self._data = data
        self._asked: set[str] = set()
        self.file = file
        self.path = path
        self.problems = problems

    def fault(self, key: str, code: str, message: str, fix: str) -> None:
        """Note a fault of `key` in this table."""
        where = f"{self.path}.{key}" if self.path and key else self.path or key
        self.problems.add(code, self.file, where, message, fix)

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def raw(self, key: str) -> object:
        """Return the value of `key` as it is, without counting it as read."""
        return self._data.get(key)

    def _get(self, key: str) -> object:
        self._asked.add(key)
        return self._data.get(key)

    def optional(self, key: str) -> str | None:
        """Return a text or None."""
        self._asked.add(key)  # asked some thirty thousand times a pack: without a call in between
        value = self._data.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(key, "law.wrong_type", "is not a text", 'Put it in quotes: "...".')
            return None
        if len(value) > MAX_TEXT:
            self.fault(
                key,
                "law.text_too_long",
                f"holds {len(value)} characters; at most {MAX_TEXT} are read",
                "Shorten the text; a source belongs in sources.toml, not in a record.",
            )
            return None
        if not value.isprintable():
            self._hidden(key, value)
        return value

    def _hidden(self, key: str, value: str) -> None:
        """Note a fault for a character that is not seen and changes what is seen."""
        found = _HIDDEN.search(value)
        if found is not None:
            self.fault(
                key,
                "law.hidden_character",
                f"holds U+{ord(found[0]):04X} at character {found.start() + 1}",
                "Remove it: it is not shown, or it changes how the rest is shown.",
            )

    def text(self, key: str) -> str:
        """Return a text that must be there and say something."""
        value = self.optional(key)
        if value is None and key not in self._data:
            self.fault(key, "law.missing_key", "is missing", f'Add {key} = "...".')
        if value is not None and not value.strip():
            self.fault(key, "law.blank_text", "is blank", f"Say what the {key} is.")
        return value or ""

    def identifier(self, key: str) -> str:
        """Return an identifier that must be there."""
        value = self.text(key)
        if value and not _ID.fullmatch(value):
            self.fault(
                key,
                "law.bad_identifier",
                f"{value[:40]!r} is not an identifier",
                "Use up to 80 letters, digits, underscores, dots and hyphens.",
            )
            return ""
        return value

    def choice(self, key: str, known: Iterable[str], *, code: str = "law.unknown_value") -> str:
        """Return a text that must be one of `known`."""
        value = self.text(key)
        if value and value not in known:
            self.fault(key, code, f"{value[:60]!r} is not known", _remedy(value, known, code))
            return ""
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; empty if absent."""
        self._asked.add(key)
        value = self._data.get(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fault(key, "law.wrong_type", "is not a list of texts", 'Write ["...", "..."].')
            return ()
        if len(value) > MAX_ITEMS or any(len(item) > MAX_TEXT for item in value):
            self.fault(key, "law.text_too_long", "is too long", "Shorten the list or its texts.")
            return ()
        for item in value:
            if not item.strip():
                self.fault(key, "law.blank_text", "holds a blank text", "Remove it from the list.")
            elif not item.isprintable():
                self._hidden(key, item)
        return tuple(value)

    def known(self, key: str, names: Iterable[str], *, code: str) -> tuple[str, ...]:
        """Return a list of texts that must all be among `names`."""
        values = self.strings(key)
        for value in values:
            if value not in names:
                self.fault(key, code, f"{value[:60]!r} is not known", _remedy(value, names, code))
        return tuple(value for value in values if value in names)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self._get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, "law.wrong_type", "is neither true nor false", "Write true or false.")
            return default
        return value

    def whole(self, key: str) -> int | None:
        """Return a whole number of at least nought, or None."""
        value = self._get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
            self.fault(key, "law.wrong_type", "is not a whole number", "Write digits only.")
            return None
        return value

    def when(self, key: str) -> When | None:
        """Return a date of whatever precision, or None."""
        self._asked.add(key)
        raw = self._data.get(key)
        if raw is None:
            return None
        if isinstance(raw, date):
            raw = raw.isoformat()
        if not isinstance(raw, str):
            self.fault(
                key, "law.date_in_words", f"{raw!r} is not a date", "Write it as 2009-07-01."
            )
            return None
        try:
            return read_when(raw, what=key)
        except Invalid as error:
            self.fault(key, error.code, error.message.removeprefix(f"{key}: "), error.hint)
            return None

    def day(self, key: str) -> date:
        """Return a date known to the day that must be there."""
        value = self.when(key)
        if value is None:
            if key not in self._data:
                self.fault(key, "law.missing_key", "is missing", f'Add {key} = "2026-11-21".')
            return _EPOCH
        if not value.exact:
            self.fault(key, "law.date_not_exact", f"{value.text!r} has no day", "Give the day.")
        return value.earliest

    def table(self, key: str) -> Table | None:
        """Return the table under `key`, or None."""
        value = self._get(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fault(key, "law.wrong_type", "is not a table", f"Write [{key}] on its own line.")
            return None
        return self._child(value, key)

    def tables(self, key: str) -> Iterator[Table]:
        """Yield the tables of the list under `key`."""
        value = self._get(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fault(key, "law.wrong_type", "is not a list of tables", f"Write [[{key}]].")
            return
        for index, item in enumerate(value):
            yield self._child(item, f"{key}[{index + 1}]")

    def texts(self, key: str) -> dict[str, str]:
        """Return a table of texts by name."""
        inner = self.table(key)
        if inner is None:
            return {}
        plain = {
            name: value
            for name, value in inner._data.items()  # noqa: SLF001 - a table of our own
            if isinstance(value, str) and len(value) <= MAX_TEXT
        }
        for name in inner.keys():  # noqa: SIM118
            value = plain.get(name, "")
            if not value.strip() or not value.isprintable():
                inner.text(name)  # says what is wrong with it
        return plain

    def keys(self) -> list[str]:
        """Return the keys of this table, in the file's order."""
        return list(self._data)

    def _child(self, value: Mapping[str, object], name: str) -> Table:
        path = f"{self.path}.{name}" if self.path else name
        return Table(value, file=self.file, path=path, problems=self.problems)

    def done(self) -> None:
        """Name every key that nobody asked for."""
        for key in self._data:
            if key not in self._asked:
                self.fault(
                    key,
                    "law.unknown_key",
                    "is not a key of this table",
                    nearest(key, self._asked),
                )
