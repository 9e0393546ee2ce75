# SPDX-License-Identifier: Apache-2.0
"""Runs the transcripts beside this file: commands as a person types them, and what they answer.

The form is that of testscript. Each transcript runs in a fresh folder, `$WORK`:

    comity ARGS...          must exit 0
    ! N comity ARGS...      must exit N
    stdout REGEX            the last command printed this (`! stdout` did not); same for stderr
    line REGEX              its last line of standard output is this
    same A B                two files, or two folders, hold the same
    exists PATH             it is there (`! exists` is not)
    flip PATH OFFSET        change one byte (negative: from the end)
    copy A B, remove PATH, folder PATH, empty PATH, link PATH TARGET
    -- NAME --              from here on: the content of file NAME

`comity` is the real program in a process of its own.
"""

from __future__ import annotations

import filecmp
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))
FILE = re.compile(r"^-- (\S+) --$", re.MULTILINE)


@dataclass
class Transcript:
    work: Path
    done: subprocess.CompletedProcess | None = None
    outputs: dict = field(default_factory=dict)

    def path(self, name):
        return self.work / name

    def run(self, line):
        words = [os.path.expandvars(word) for word in shlex.split(line, comments=True)]
        if not words:
            return
        negative = words[0] == "!"
        words = words[1:] if negative else words
        if words[0].isdigit() or words[0] == "comity":
            code = int(words.pop(0)) if words[0].isdigit() else 0
            self.comity(words[1:], code)
            return
        getattr(self, f"do_{words[0]}")(*words[1:], negative=negative)

    def comity(self, arguments, code):
        self.done = subprocess.run(
            [sys.executable, "-m", "comity.cli.main", *arguments],
            cwd=self.work,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "COLUMNS": "100", "PYTHONIOENCODING": "utf-8"},
        )
        told = f"{self.done.stdout}\n{self.done.stderr}"
        assert "Traceback" not in told, told
        assert self.done.returncode == code, told

    def do_stdout(self, pattern, *, negative):
        assert bool(re.search(pattern, self.done.stdout)) != negative, self.done.stdout

    def do_stderr(self, pattern, *, negative):
        assert bool(re.search(pattern, self.done.stderr)) != negative, self.done.stderr

    def do_line(self, pattern, *, negative):
        last = self.done.stdout.rstrip("\n").rsplit("\n", 1)[-1]
        assert bool(re.fullmatch(pattern, last)) != negative, last

    def do_same(self, one, other, *, negative):
        first, second = self.path(one), self.path(other)
        if first.is_dir():
            compared = subprocess.run(["diff", "-r", first, second], check=False).returncode == 0
        else:
            compared = filecmp.cmp(first, second, shallow=False)
        assert compared != negative

    def do_exists(self, name, *, negative):
        assert self.path(name).exists() != negative, sorted(self.work.iterdir())

    def do_flip(self, name, offset, *, negative):
        assert not negative
        data = bytearray(self.path(name).read_bytes())
        data[int(offset)] ^= 1
        self.path(name).write_bytes(bytes(data))

    def do_copy(self, one, other, *, negative):
        assert not negative
        copy = shutil.copytree if self.path(one).is_dir() else shutil.copy
        copy(self.path(one), self.path(other))

    def do_remove(self, name, *, negative):
        assert not negative
        path = self.path(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def do_folder(self, name, *, negative):
        assert not negative
        self.path(name).mkdir()

    def do_empty(self, name, *, negative):
        assert not negative
        self.path(name).write_bytes(b"")

    def do_link(self, name, target, *, negative):
        assert not negative
        self.path(name).symlink_to(target)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=[path.stem for path in TRANSCRIPTS])
def test_transcript(path, tmp_path, monkeypatch):
    monkeypatch.setenv("WORK", str(tmp_path))
    script, *rest = FILE.split(path.read_text("utf-8"))
    for name, content in zip(rest[::2], rest[1::2], strict=True):
        (tmp_path / name).write_text(content.removeprefix("\n"), "utf-8")
    transcript = Transcript(tmp_path)
    for number, line in enumerate(script.splitlines(), start=1):
        try:
            transcript.run(line)
        except AssertionError as error:
            raise AssertionError(f"{path.name}:{number}: {line}\n{error}") from error


def test_there_are_transcripts():
    assert len(TRANSCRIPTS) >= 4
