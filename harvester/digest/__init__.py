"""What is new since a day, for people: as a page of plain text, Markdown or HTML."""
