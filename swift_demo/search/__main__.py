"""``python -m swift_demo.search``: starts the search outside any run, which uses more than this folder may."""

from swift_demo.offline.program import main

if __name__ == "__main__":
    main()
