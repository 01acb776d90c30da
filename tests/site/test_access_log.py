"""No log says who searched for what."""

import logging

import pytest

from harvester.site.access_log import keep_private


def test_address_and_words_are_left_out(caplog: pytest.LogCaptureFixture) -> None:
    keep_private()
    keep_private()
    logger = logging.getLogger("uvicorn.access")
    with caplog.at_level(logging.INFO, logger="uvicorn.access"):
        logger.info(
            '%s - "%s %s HTTP/%s" %d', "203.0.113.7:1", "GET", "/search?q=suicide", "1.1", 200
        )
        logger.info("another line")
    assert caplog.messages == ['- - "GET /search HTTP/1.1" 200', "another line"]
