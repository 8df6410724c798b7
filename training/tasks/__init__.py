"""The five kinds of text that the demo model learns; ``task.py`` in each folder has ``sample`` and ``is_right``."""
