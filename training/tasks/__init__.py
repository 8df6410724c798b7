"""The five kinds of text that the demo model learns; one module each, with ``sample`` and ``is_right``."""
