"""What is deployed: the Space's front matter, the Spacefile, the requirements and the assets agree."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from PIL import Image

ROOT = Path(__file__).parent.parent
ASSETS = ROOT / "assets"
COMMANDS = {
    "run": "pip install -r requirements.txt && python app.py",
    "test": "pip install -r requirements-dev.txt && pytest",
}

FRONT_MATTER_KEYS = {
    "title",
    "emoji",
    "colorFrom",
    "colorTo",
    "sdk",
    "sdk_version",
    "python_version",
    "app_file",
    "suggested_hardware",
    "short_description",
    "models",
    "tags",
    "thumbnail",
    "fullWidth",
    "header",
    "startup_duration_timeout",
    "custom_headers",
    "disable_embedding",
    "preload_from_hub",
    "pinned",
    "license",
    "datasets",
    "hf_oauth",
}
REQUIRED_FRONT_MATTER = {
    "title",
    "emoji",
    "colorFrom",
    "colorTo",
    "sdk",
    "sdk_version",
    "python_version",
    "app_file",
}
COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}

SPACEFILE_KEYS = {"v", "micros", "icon", "app_name", "auto_pwa"}
MICRO_KEYS = {
    "name",
    "src",
    "engine",
    "primary",
    "path",
    "commands",
    "include",
    "run",
    "dev",
    "public",
    "public_routes",
    "presets",
}
ENGINES = {
    "static",
    "react",
    "svelte",
    "vue",
    "next",
    "nuxt",
    "svelte-kit",
    "python3.8",
    "python3.9",
    "nodejs16",
    "custom",
}


def read(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing"
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def readme() -> str:
    return read("README.md")


@pytest.fixture(scope="module")
def front_matter(readme) -> dict[str, Any]:
    found = re.match(r"---\n(.*?\n)---\n", readme, re.DOTALL)
    assert found, "README.md does not begin with front matter"
    return yaml.safe_load(found[1])


@pytest.fixture(scope="module")
def spacefile() -> dict[str, Any]:
    return yaml.safe_load(read("Spacefile"))


@pytest.fixture(scope="module")
def micro(spacefile) -> dict[str, Any]:
    """The micro that serves the demo."""
    micros = spacefile["micros"]
    [primary] = [micro for micro in micros if micro.get("primary") or len(micros) == 1]
    return primary


def parsed(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by name; comments, empty lines and pip's options left out."""
    stripped = [line.split("#")[0].strip() for line in lines]
    found = [Requirement(line) for line in stripped if line and not line.startswith("-")]
    assert len({each.name.lower() for each in found}) == len(found)
    return {each.name.lower(): each for each in found}


@pytest.fixture(scope="module")
def requirements() -> dict[str, Requirement]:
    return parsed(read("requirements.txt").splitlines())


@pytest.fixture(scope="module")
def tools() -> dict[str, Requirement]:
    return parsed(read("requirements-dev.txt").splitlines())


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))["project"]


@pytest.fixture(scope="module")
def core(project) -> dict[str, Requirement]:
    """What pip takes for who installs the library."""
    return parsed(project["dependencies"])


@pytest.fixture(scope="module")
def extras(project) -> dict[str, dict[str, Requirement]]:
    """By the name of the extra, what pip takes besides."""
    return {name: parsed(lines) for name, lines in project["optional-dependencies"].items()}


@pytest.fixture(scope="module")
def ranges(core, extras) -> dict[str, Requirement]:
    """All that the demo needs."""
    return core | extras["app"]


class TestFrontMatter:
    def test_keys_are_documented_and_the_required_ones_are_there(self, front_matter):
        assert set(front_matter) <= FRONT_MATTER_KEYS
        assert set(front_matter) >= REQUIRED_FRONT_MATTER

    def test_values_have_the_documented_form(self, front_matter):
        assert front_matter["sdk"] == "gradio"
        assert {front_matter["colorFrom"], front_matter["colorTo"]} <= COLOURS
        assert len(front_matter.get("short_description", "")) <= 60
        assert not front_matter["emoji"].isascii()
        for key in ("sdk_version", "python_version"):
            assert isinstance(front_matter[key], str), f"{key} must be quoted: YAML reads 3.10 as 3.1"

    def test_the_app_file_exists(self, front_matter):
        assert (ROOT / front_matter["app_file"]).is_file()

    def test_the_thumbnail_exists(self, front_matter):
        thumbnail = front_matter.get("thumbnail")
        assert thumbnail is None or "://" in thumbnail or (ROOT / thumbnail).is_file()

    def test_the_sdk_version_is_the_gradio_that_is_required(self, front_matter, requirements):
        assert str(requirements["gradio"].specifier) == f"=={front_matter['sdk_version']}"

    def test_the_python_version_is_one_that_the_project_allows(self, front_matter, project):
        assert SpecifierSet(project["requires-python"]).contains(front_matter["python_version"])

    def test_the_license_is_the_projects(self, front_matter, project):
        assert front_matter.get("license", project["license"]).lower() == project["license"].lower()
        assert (ROOT / "LICENSE").is_file()


class TestSpacefile:
    def test_the_top_level_follows_the_rules(self, spacefile):
        assert set(spacefile) <= SPACEFILE_KEYS
        assert spacefile["v"] == 0 and isinstance(spacefile["v"], int)
        assert isinstance(spacefile["micros"], list) and 1 <= len(spacefile["micros"]) <= 5
        assert 1 <= len(spacefile.get("app_name", "?")) <= 12
        assert isinstance(spacefile.get("auto_pwa", False), bool)

    def test_every_micro_follows_the_rules(self, spacefile):
        names = [micro["name"] for micro in spacefile["micros"]]
        assert len(set(names)) == len(names)
        assert sum(bool(micro.get("primary")) for micro in spacefile["micros"]) <= 1
        for micro in spacefile["micros"]:
            assert set(micro) <= MICRO_KEYS
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", micro["name"])
            assert (ROOT / micro["src"]).is_dir()
            assert micro["engine"] in ENGINES
            for key in ("primary", "public"):
                assert isinstance(micro.get(key, False), bool)
            for key in ("run", "dev", "path"):
                assert isinstance(micro.get(key, ""), str)
            for key in ("commands", "include", "public_routes"):
                values = micro.get(key, [])
                assert isinstance(values, list) and all(isinstance(value, str) for value in values)
            assert not {"public", "public_routes"} <= set(micro)

    def test_presets_describe_the_environment(self, spacefile):
        for micro in spacefile["micros"]:
            presets = micro.get("presets", {})
            assert set(presets) <= {"env"}
            for variable in presets.get("env", []):
                assert set(variable) <= {"name", "description", "default"}
                assert re.fullmatch(r"[A-Z][A-Z0-9_]*", variable["name"])

    def test_what_is_included_exists_and_is_enough_to_run(self, micro):
        included = {name.rstrip("/") for name in micro.get("include", [])}
        assert all((ROOT / micro["src"] / name).exists() for name in included)
        if included:
            assert {"app.py", "swift_demo", "assets", "requirements.txt"} <= included

    def test_the_icon_is_a_png_of_512_by_512(self, spacefile):
        with Image.open(ROOT / spacefile["icon"]) as icon:
            assert (icon.format, icon.size) == ("PNG", (512, 512))


class TestAgreement:
    def test_both_have_one_name(self, front_matter, spacefile):
        name = spacefile["app_name"].split()[0]
        assert re.search(rf"\b{re.escape(name)}\b", front_matter["title"])

    def test_both_start_the_same_file(self, front_matter, micro):
        for key in ("run", "dev"):
            assert f"python {front_matter['app_file']}" in micro[key]

    def test_the_micro_is_served_to_the_public_on_all_addresses_after_its_requirements(self, micro):
        assert micro.get("public") is True or micro.get("public_routes")
        assert "--host 0.0.0.0" in micro["run"]
        assert "--port" not in micro["run"], "PORT in the environment says where to listen"
        assert "pip install -r requirements.txt" in micro["commands"]

    def test_the_engine_does_not_bring_a_python_that_is_too_old(self, micro, project, front_matter):
        engine = micro["engine"]
        if engine.startswith("python"):
            version = engine.removeprefix("python")
            assert SpecifierSet(project["requires-python"]).contains(version)
            assert front_matter["python_version"].startswith(version)


class TestReadme:
    @pytest.mark.parametrize("which", COMMANDS)
    def test_the_command_stands_in_a_code_block_of_its_own(self, readme, which):
        block = re.search(rf"<!-- command: {which} -->\n```\w*\n(.*?)```", readme, re.DOTALL)
        assert block, f"no code block behind <!-- command: {which} -->"
        assert block[1].strip() == COMMANDS[which]


class TestRequirements:
    """requirements.txt names what was tried together, pyproject.toml what may be combined with others."""

    def test_every_version_but_torchs_is_exact(self, requirements, tools):
        for name, each in (requirements | tools).items():
            assert name == "torch" or re.fullmatch(r"==[\d.]+", str(each.specifier)), each

    @pytest.mark.parametrize("version", ["2.8.0", "2.9.1", "2.10.0", "2.11.0", "2.13.0", "2.13.0+cpu"])
    def test_torch_may_be_that_of_lent_gpus_or_the_one_tried_here(self, requirements, ranges, version):
        assert requirements["torch"].specifier.contains(version)
        assert ranges["torch"].specifier.contains(version)

    @pytest.mark.parametrize("version", ["2.13.1", "2.14.0", "3.0.0"])
    def test_torch_is_none_newer(self, requirements, version):
        assert not requirements["torch"].specifier.contains(version)

    def test_every_range_has_two_ends(self, core, extras):
        for each in [*core.values(), *(each for extra in extras.values() for each in extra.values())]:
            if each.name != "swift-demo":
                assert sorted(end.operator for end in each.specifier) == ["<", ">="], each

    def test_the_core_needs_nothing_of_the_page(self, core):
        assert set(core) == {
            "torch",
            "transformers",
            "tokenizers",
            "safetensors",
            "accelerate",
            "huggingface_hub",
            "numpy",
        }

    def test_the_extra_for_tests_brings_what_the_tests_need(self, tools, extras):
        assert set(extras["dev"]) == {"swift-demo", *tools}
        assert extras["dev"]["swift-demo"].extras == {"app", "bench"}
        for name, each in tools.items():
            [exact] = each.specifier
            assert extras["dev"][name].specifier.contains(exact.version), name

    def test_the_exact_versions_lie_within_the_librarys_ranges(self, requirements, ranges):
        assert set(requirements) == set(ranges)
        for name, each in requirements.items():
            [exact] = [item.version for item in each.specifier if item.operator in {"==", "<="}]
            assert ranges[name].specifier.contains(exact), name

    def test_what_is_installed_here_is_allowed(self, ranges):
        wrong = {
            name: version(name)
            for name, each in ranges.items()
            if not each.specifier.contains(version(name), prereleases=True)
        }
        assert wrong == {}

    def test_the_tests_need_the_demos_requirements(self):
        assert "-r requirements.txt" in read("requirements-dev.txt").splitlines()

    def test_the_core_alone_is_tried_by_ci(self):
        assert ".ci/core-only" in read(".ci/run")

    def test_both_ends_are_tried_by_ci_and_by_the_command_that_is_documented(self):
        for command in (".ci/engine-tests lowest", ".ci/engine-tests newest"):
            assert command in read("CONTRIBUTING.md")
            assert command in read(".ci/run")


class TestAssets:
    def test_every_file_is_under_10_mb(self):
        files = [path for path in ASSETS.rglob("*") if path.is_file()]
        assert files
        assert [path for path in files if path.stat().st_size >= 10_000_000] == []

    def test_the_embedded_model_is_at_most_20_mb(self):
        files = [path for path in (ASSETS / "demo_model").rglob("*") if path.is_file()]
        assert {"config.json", "tokenizer.json", "generation_config.json"} <= {path.name for path in files}
        assert 0 < sum(path.stat().st_size for path in files) <= 20_000_000
