"""Which folders a wheel holds; all else about the project stands in pyproject.toml.

The files that come with the code lie beside the package here, and inside it in a wheel (``swift_demo.assets``).
"""

from pathlib import Path

from setuptools import find_packages, setup

STATIC = ["swift_demo.viewer.static", "swift_demo.ui.static"]
ASSETS = {
    f"swift_demo._assets.{path.name}": f"assets/{path.name}"
    for path in Path("assets").iterdir()
    if path.is_dir()
}

setup(
    packages=[*find_packages(include=["swift_demo", "swift_demo.*"]), *STATIC, *ASSETS],
    package_dir=ASSETS,
    package_data={"swift_demo": ["py.typed"], **{name: ["*"] for name in [*STATIC, *ASSETS]}},
)
