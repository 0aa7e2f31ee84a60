"""What a page does besides what it shows: where it sends requests, and what it complains about."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page

# The browser itself notes every answer from 400 on; these are expected.
_SIGNED_OUT = r"the server responded with a status of 401"


class Watch:
    """Listens to a page from its first request on. `allow` adds patterns of complaints a test provokes."""

    def __init__(self, page: Page) -> None:
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self._allowed = [_SIGNED_OUT]
        page.on("request", lambda request: self._requested(request.url))
        page.on("websocket", lambda socket: self._requested(socket.url))
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"exception: {error}"))

    def allow(self, *patterns: str) -> None:
        """Complaints that match any of these regular expressions are the test's own doing."""
        self._allowed += patterns

    def check(self, host: str) -> None:
        """Fails if anything was asked of another host, or complained about."""
        assert self.hosts <= {host}, f"requests left {host}: {self.hosts}"
        unexpected = [line for line in self.complaints if not any(re.search(one, line) for one in self._allowed)]
        assert not unexpected, "\n".join(unexpected)

    def _requested(self, url: str) -> None:
        # blob: and data: stay within the page.
        if host := urlsplit(url).netloc:
            self.hosts.add(host)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location['url']})")
