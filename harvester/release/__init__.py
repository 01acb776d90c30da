"""A release: the library of a day as a folder that can be checked, cited and used elsewhere."""
