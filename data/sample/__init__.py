"""The built-in sample: invented PubMed records, made by `data/make_sample.py`."""
