"""The five kinds of text that the demo model learns: in each folder, ``task.py`` samples and checks them."""
