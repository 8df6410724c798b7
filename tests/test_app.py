"""The command line: every option explained, every wrong value refused in one line with status 2."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import gradio as gr
import pytest
import torch

from swift_demo.ui import serve, start
from swift_demo.ui.page_files import PageFiles
from swift_demo.ui.workarounds import LAUNCH, QUEUE_REST_S

ROOT = Path(__file__).parent.parent
OPTIONS = ("--model", "--device", "--dtype", "--spread", "--quantize", "--host", "--port", "--share")
DEADLINE_S = 200


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    """No Space and no PORT, whatever machine this is."""
    for name in ("PORT", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)


def help_text(capsys) -> str:
    with pytest.raises(SystemExit) as ended:
        start.parse_arguments(["--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


def refusal(capsys, *argv: str) -> str:
    """The line that a wrong command line gets."""
    with pytest.raises(SystemExit) as ended:
        start.parse_arguments(list(argv))
    assert ended.value.code == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert re.fullmatch(r"[^\n]+\n", output.err), output.err
    return output.err


@pytest.fixture
def refused_by_main(capsys, monkeypatch):
    """The line that the program gives before it ends with status 2."""

    def run_main(*argv: str) -> str:
        monkeypatch.setattr(sys, "argv", ["app.py", *argv])
        with pytest.raises(SystemExit) as ended:
            start.main()
        assert ended.value.code == 2
        error = capsys.readouterr().err
        assert re.fullmatch(r"app\.py: [^\n]+\n", error), error
        return error

    return run_main


def run_app(*argv: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The whole program, where it is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "app.py", *argv],
        cwd=ROOT,
        env=os.environ | environment,
        text=True,
        capture_output=True,
        timeout=DEADLINE_S,
    )


def assert_refused(ended: subprocess.CompletedProcess[str]) -> None:
    assert ended.returncode == 2, ended
    assert re.fullmatch(r"app\.py: [^\n]+\n", ended.stderr), ended.stderr


def test_without_arguments_the_embedded_model_is_served_to_this_machine_only():
    args = start.parse_arguments([])
    assert (Path(args.model), args.device, args.dtype) == (ROOT / "assets" / "demo_model", "auto", "auto")
    assert (args.host, args.port, args.share) == ("127.0.0.1", 7860, False)
    assert (args.spread, args.quantize) == (False, None)


def test_help_explains_every_option(capsys):
    text = help_text(capsys)
    found = dict(re.findall(r"^ +(?:-h, )?(--\w+)(?: [^\n]*?)??(?:  +|\n +)(\w[^\n]+)", text, re.MULTILINE))
    assert set(found) == {"--help", *OPTIONS}
    assert all(len(explanation.split()) >= 3 for explanation in found.values())


def test_help_lists_the_choices_and_the_defaults(capsys):
    text = " ".join(help_text(capsys).split())
    choices = ("auto,cpu,cuda", "auto,float32,bfloat16,float16")
    for word in (*choices, "embedded model", "PORT", "7860", "127.0.0.1"):
        assert word in text


def test_values_are_taken_as_given():
    where = ["--host", "0.0.0.0", "--port", "8123", "--share"]
    args = start.parse_arguments(["--spread", "--quantize", "4bit"])
    assert (args.spread, args.quantize) == (True, "4bit")
    args = start.parse_arguments(["--model", "some/model", "--device", "cpu", "--dtype", "bfloat16", *where])
    assert (args.model, args.device, args.dtype) == ("some/model", "cpu", "bfloat16")
    assert (args.host, args.port, args.share) == ("0.0.0.0", 8123, True)


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (("--device", "gpu"), "gpu"),
        (("--dtype", "float64"), "float64"),
        (("--quantize", "2bit"), "2bit"),
        (("--port", "http"), "http"),
        (("--port", "0"), "0"),
        (("--port", "65536"), "65536"),
        (("--port", "-1"), "--port"),
        (("--port",), "--port"),
        (("--nonsense",), "--nonsense"),
        (("some/model",), "some/model"),
    ],
)
def test_a_wrong_value_gets_one_line_that_names_it(capsys, argv, named):
    assert named in refusal(capsys, *argv)


def test_port_in_the_environment_is_honoured_unless_the_command_line_says_otherwise(monkeypatch):
    monkeypatch.setenv("PORT", "8124")
    assert start.parse_arguments([]).port == 8124
    assert start.parse_arguments(["--port", "8125"]).port == 8125


def test_a_wrong_port_in_the_environment_is_refused_too(capsys, monkeypatch):
    monkeypatch.setenv("PORT", "none")
    assert "none" in refusal(capsys)


def test_a_space_listens_on_all_addresses(monkeypatch):
    monkeypatch.setenv("SPACE_ID", "somebody/swift")
    assert start.parse_arguments([]).host == "0.0.0.0"
    assert start.parse_arguments(["--host", "127.0.0.1"]).host == "127.0.0.1"


def test_the_program_ends_with_status_2_on_a_wrong_device():
    assert_refused(ended := run_app("--device", "gpu"))
    assert ended.stdout == ""


def test_an_unknown_folder_is_refused(refused_by_main):
    assert "/no/such/folder" in refused_by_main("--model", "/no/such/folder")


def test_a_folder_that_holds_no_model_is_refused(refused_by_main, tmp_path):
    assert str(tmp_path) in refused_by_main("--model", str(tmp_path))


def test_a_folder_with_another_kind_of_model_is_refused(refused_by_main, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "no-such-model"}')
    assert str(tmp_path) in refused_by_main("--model", str(tmp_path))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_a_gpu_that_is_not_there_is_refused(refused_by_main):
    assert "cuda" in refused_by_main("--device", "cuda")


def test_layers_cannot_be_spread_and_stay_on_one_device(refused_by_main):
    assert "leave one out" in refused_by_main("--spread", "--device", "cpu")


def test_the_program_ends_with_status_2_on_an_unknown_name_without_a_network(tmp_path):
    environment = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "NO_PROXY": "*"}
    assert_refused(ended := run_app("--model", "nobody/no-such-model", **environment))
    assert "nobody/no-such-model" in ended.stderr


def test_the_program_ends_with_status_2_on_a_port_that_is_taken(tiny_folder):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ended = run_app("--model", str(tiny_folder), "--device", "cpu", "--port", port)
    assert ended.returncode == 2, ended
    assert port in ended.stderr and "Traceback" not in ended.stderr


def test_a_folder_for_the_pages_files_that_is_somebody_elses_is_named_in_one_line(tiny_folder, tmp_path):
    (theirs := tmp_path / "theirs").write_text("no folder of ours")
    ended = run_app("--model", str(tiny_folder), "--device", "cpu", GRADIO_TEMP_DIR=str(theirs))
    assert ended.returncode == 2, ended
    assert ended.stderr.splitlines()[-1].startswith("app.py: ") and "Traceback" not in ended.stderr
    assert str(theirs) in ended.stderr and "GRADIO_TEMP_DIR" in ended.stderr


def test_the_page_is_served_as_the_workarounds_need_it(monkeypatch):
    served = {}
    monkeypatch.setattr(gr.Blocks, "launch", lambda page, **options: served.update(options, page=page))
    with gr.Blocks(analytics_enabled=False) as page:
        serve.launch(page, start.parse_arguments([]), PageFiles({}))
    assert served["page"]._queue.sleep_when_free == QUEUE_REST_S
    assert LAUNCH.items() <= served.items()


@pytest.mark.parametrize("library", ["gradio", "spaces", "plotly"])
def test_without_the_pages_libraries_one_line_says_how_to_get_them(library, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(f"import sys\nsys.modules[{library!r}] = None\n")
    ended = run_app(PYTHONPATH=str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr == f"app.py: {library} not found; pip install 'swift-demo[app]' brings what is needed\n"
    assert run_app("--help", PYTHONPATH=str(tmp_path)).returncode == 0
