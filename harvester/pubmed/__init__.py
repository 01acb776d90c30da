"""All that knows PubMed: its service, its records, its query language."""
