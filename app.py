"""Starts the demo: ``python app.py`` serves the embedded model on http://127.0.0.1:7860."""

from swift_demo.ui.start import main

if __name__ == "__main__":
    main()
