"""The page's own files: where they are asked for, and what is answered."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from swift_demo.ui.page_files import PageFiles

NAMES = ("one.js", "it's #2 at 100%?.js", 'a&b "é".css')


@pytest.fixture
def paths(tmp_path):
    folder = tmp_path / "it's #1 <of> 100% & more?"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_text(f"/* {name} */", encoding="utf-8")
    return [folder / name for name in NAMES]


@pytest.fixture
def page_files(paths):
    return PageFiles(paths)


def addresses(page_files):
    return [unescape(found) for found in re.findall(r'(?:src|href)="([^"]*)"', page_files.head)]


def test_addresses_are_relative_and_tell_nothing_of_the_machine(page_files, paths):
    assert len(addresses(page_files)) == len(NAMES)
    assert all(re.fullmatch(r"gradio_api/page/[\w.%/-]+", address) for address in addresses(page_files))
    assert paths[0].parent.name not in page_files.head and "tmp" not in page_files.head


def test_each_address_gives_its_file_whatever_became_of_it_since(page_files, paths):
    for path in paths:
        path.unlink()
    with TestClient(Starlette(routes=page_files.routes)) as client:
        for name, address in zip(NAMES, addresses(page_files), strict=True):
            answer = client.get(address)
            assert (answer.status_code, answer.text) == (200, f"/* {name} */")
            assert answer.headers["content-type"].startswith("text/css" if "css" in name else "text/javascript")


def test_other_contents_have_other_addresses_and_old_ones_are_gone(page_files, paths):
    paths[0].write_text("changed")
    changed = PageFiles(paths)
    assert not set(addresses(page_files)) & set(addresses(changed))
    with TestClient(Starlette(routes=changed.routes)) as client:
        assert client.get(addresses(page_files)[0]).status_code == 404


@pytest.mark.parametrize("name", ["two.js", "../one.js", "..%2f..%2fone.js", "", "%2fetc%2fpasswd"])
def test_nothing_else_is_served(page_files, name):
    folder = addresses(page_files)[0].rpartition("/")[0]
    with TestClient(Starlette(routes=page_files.routes)) as client:
        assert client.get(f"{folder}/{name}").status_code == 404


def test_a_file_that_is_not_there_is_noticed_at_the_start(paths):
    paths[1].unlink()
    with pytest.raises(FileNotFoundError, match="#2"):
        PageFiles(paths)
