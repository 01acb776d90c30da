"""The Datasette plugin: pages, search, facets."""
