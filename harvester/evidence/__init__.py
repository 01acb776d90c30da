"""What a record says: rules, vocabulary and findings, each with its words."""
