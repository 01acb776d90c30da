"""One function for each address: it takes the site and a request, and gives the answer."""
