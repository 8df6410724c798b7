"""The page's own files: where they are asked for, and what is answered."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from swift_demo.ui.page_files import PageFiles
from swift_demo.ui.serve import page_files as page_files_of_the_app

NAMES = ("one.js", "it's #2 at 100%?.js", 'a&b "é".css')


FILES = {name: f"/* {name} */" for name in NAMES}


@pytest.fixture
def page_files():
    return PageFiles(FILES)


def addresses(page_files):
    return [unescape(found) for found in re.findall(r'(?:src|href)="([^"]*)"', page_files.head)]


def test_addresses_are_relative_and_in_the_order_given(page_files):
    assert len(addresses(page_files)) == len(NAMES)
    assert all(re.fullmatch(r"gradio_api/page/[\w.%/-]+", address) for address in addresses(page_files))
    assert [unquote(address).rpartition("/")[2] for address in addresses(page_files)] == list(NAMES)


def test_each_address_gives_its_file(page_files):
    with TestClient(Starlette(routes=page_files.routes)) as client:
        for name, address in zip(NAMES, addresses(page_files), strict=True):
            answer = client.get(address)
            assert (answer.status_code, answer.text) == (200, f"/* {name} */")
            assert answer.headers["content-type"].startswith("text/css" if "css" in name else "text/javascript")


def test_other_contents_have_other_addresses_and_old_ones_are_gone(page_files):
    changed = PageFiles(FILES | {NAMES[0]: "changed"})
    assert not set(addresses(page_files)) & set(addresses(changed))
    with TestClient(Starlette(routes=changed.routes)) as client:
        assert client.get(addresses(page_files)[0]).status_code == 404


@pytest.mark.parametrize("name", ["two.js", "../one.js", "..%2f..%2fone.js", "", "%2fetc%2fpasswd"])
def test_nothing_else_is_served(page_files, name):
    folder = addresses(page_files)[0].rpartition("/")[0]
    with TestClient(Starlette(routes=page_files.routes)) as client:
        assert client.get(f"{folder}/{name}").status_code == 404


def test_the_page_asks_for_its_five_files():
    assert list(page_files_of_the_app()) == [
        "workarounds.js",
        "plotly.min.js",
        "viewer.js",
        "viewer.css",
        "page.css",
    ]
    assert all(page_files_of_the_app().values())
