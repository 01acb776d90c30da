"""The Datasette plugin: the only module that knows Datasette's hooks."""
