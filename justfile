# The project's verbs; CONTRIBUTING.md has the same commands for those without `just`.

default:
    @just --list

# start the page
run *arguments:
    python app.py {{ arguments }}

# the quick tests, under a minute
quick *arguments:
    pytest -m "not slow" {{ arguments }}

# all tests
test *arguments:
    pytest {{ arguments }}

# the engine's tests at one end of the library's ranges: lowest or newest
ends end:
    .ci/engine-tests {{ end }}

# what the browser computes, without a browser
js:
    node --test tests/js/*.test.js

# format, style, types, and tables that drifted
lint:
    ruff format --check .
    ruff check .
    mypy
    python -m swift_demo.bench tables --check

# rewrite the code in ruff's format
format:
    ruff format .

# pictures of the page at three widths, light and dark, into a folder
look out="look":
    PYTHONPATH=.:tests python -m support.look {{ out }}

# the ways of decoding compared, into a file of raw results
measure out="speed.json":
    python -m swift_demo.bench speed --json {{ out }}

# fill the documents' tables from the raw results
tables:
    python -m swift_demo.bench tables

# record the page's runs again
record:
    python -m swift_demo.ui.record

# all that has to pass, in fresh environments
ci:
    .ci/run
