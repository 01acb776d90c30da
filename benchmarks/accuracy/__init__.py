"""How often the findings are right: measured against what people read in the same abstracts."""
