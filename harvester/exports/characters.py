"""Characters that no text needs and no page, feed or file may carry."""

import re

__all__ = ["clean"]

# Control characters, lone surrogates, noncharacters (XML 1.0, 2.2 forbids most of them), and the
# marks that turn the direction of everything after them (Unicode TR36, 2.5: bidirectional text
# spoofing). Hebrew and Arabic read right without them.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
)


def clean(text: str) -> str:
    """The text without control characters and without marks that reverse what follows."""
    return _UNWANTED.sub("", text)
