"""A file is replaced whole or stays as it was."""

from __future__ import annotations

import errno
import os
import stat

import pytest

from swift_demo.bench.arguments import write_json
from swift_demo.files import replace_file
from swift_demo.known_sets import load_known_sets, save_known_sets
from swift_demo.skip_set import SkipSet
from swift_demo.trace import Trace, TraceHeader
from swift_demo.viewer.__main__ import main

SETS = {f"set {i}": SkipSet((1, 2, 3), (4, 5)) for i in range(500)}
TRACE = Trace(TraceHeader("a prompt", "tiny", "cpu", "float32", "a processor", "2026-01-01", {}))
WRITERS = {
    "sets": lambda path: save_known_sets(path, SETS),
    "trace": TRACE.save,
    "results": lambda path: write_json(path, {"runs": [{"a": 1}] * 500}),
    "text": lambda path: replace_file(path, "new " * 5000),
    "bytes": lambda path: replace_file(path, b"new " * 5000),
}


class FullDisk:
    """A file that has room for forty bytes only."""

    def __init__(self, *arguments):
        self._file = open(*arguments)  # noqa: SIM115

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self._file.close()

    def __getattr__(self, name):
        return getattr(self._file, name)

    def write(self, data):
        self._file.write(data[:40])
        full()


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_leaves_the_old_file_and_nothing_beside_it(name, step, tmp_path, monkeypatch):
    path = tmp_path / "kept.json"
    path.write_text("what was there")
    if step == "write":
        monkeypatch.setattr("swift_demo.files.open", FullDisk, raising=False)
    else:
        monkeypatch.setattr(os, step, full)
    with pytest.raises(OSError, match=r"No space left on device: '.*kept\.json'"):
        WRITERS[name](path)
    assert path.read_text() == "what was there"
    assert os.listdir(tmp_path) == ["kept.json"]


def test_what_cannot_be_text_leaves_the_old_file(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("what was there")
    with pytest.raises(UnicodeEncodeError):
        replace_file(path, "half a character: \ud83d")
    assert path.read_text() == "what was there"
    assert os.listdir(tmp_path) == ["kept.txt"]


def test_a_link_stays_and_the_file_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    goal, link = tmp_path / "elsewhere" / "sets.json", tmp_path / "sets.json"
    save_known_sets(goal, {})
    link.symlink_to(goal)
    save_known_sets(link, SETS)
    assert link.is_symlink() and not goal.is_symlink()
    assert load_known_sets(goal, 8) == SETS
    dangling = tmp_path / "new.json"
    dangling.symlink_to(tmp_path / "elsewhere" / "new.json")
    replace_file(dangling, "new")
    assert dangling.is_symlink() and (tmp_path / "elsewhere" / "new.json").read_text() == "new"


def test_permissions_stay_and_a_new_file_has_the_usual_ones(tmp_path):
    path, plain = tmp_path / "private.json", tmp_path / "plain.json"
    path.write_text("old")
    path.chmod(0o600)
    plain.write_text("plain")
    replace_file(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    replace_file(tmp_path / "other.json", "new")
    assert (tmp_path / "other.json").stat().st_mode == plain.stat().st_mode


def test_a_name_as_long_as_a_file_may_have_can_be_written(tmp_path):
    path = tmp_path / ("a" * 250 + ".json")
    replace_file(path, "new")
    assert path.read_text() == "new"


def test_what_is_no_file_is_written_to_as_it_is(tmp_path):
    reader, writer = os.pipe()
    replace_file(f"/dev/fd/{writer}", "through a pipe")
    os.close(writer)
    assert os.read(reader, 100) == b"through a pipe"
    os.close(reader)
    with pytest.raises(IsADirectoryError, match=str(tmp_path)):
        replace_file(tmp_path, "new")


def test_a_folder_that_is_not_there_or_closed_is_named(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"nowhere/run\.jsonl"):
        TRACE.save(tmp_path / "nowhere" / "run.jsonl")

    def denied(path, *args):
        raise PermissionError(errno.EACCES, "Permission denied", path)

    (tmp_path / "run.jsonl").write_text("old")
    monkeypatch.setattr("swift_demo.files.open", denied, raising=False)
    with pytest.raises(PermissionError, match=r"Permission denied: '.*run\.jsonl'"):
        TRACE.save(tmp_path / "run.jsonl")
    assert (tmp_path / "run.jsonl").read_text() == "old"


def test_the_shell_command_names_what_cannot_be_read_or_written(tmp_path, capsys):
    trace = tmp_path / "run.jsonl"
    TRACE.save(trace)
    out = tmp_path / "nowhere" / "run.html"
    for arguments, words in (
        ([tmp_path], f"{tmp_path}: Is a directory"),
        ([tmp_path / "none.jsonl"], f"{tmp_path / 'none.jsonl'}: No such file or directory"),
        ([trace], f"{trace}: line 2: there is no event"),
    ):
        assert main([*map(str, arguments), "-o", str(out)]) == 2
        said = capsys.readouterr().err
        assert said.startswith(words) and said.count("\n") == 1


@pytest.mark.parametrize("text", ["", "\n\n", "\r\n"])
def test_line_ends_of_text_are_written_as_they_are(tmp_path, text):
    replace_file(tmp_path / "text", text)
    assert (tmp_path / "text").read_bytes() == text.encode()
