"""Which folders a wheel holds; all else about the project stands in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["swift_demo", "swift_demo.*"]), "swift_demo._assets"],
    package_dir={"swift_demo._assets": "assets"},
)
