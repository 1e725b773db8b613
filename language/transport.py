"""Sends JSON to one address by POST, with limits of tries, time and size; errors never show the
key."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from longhaul.language.deadline import Deadline
from longhaul.language.errors import EndpointError, SetupError, one_line, optional
from longhaul.secrets import know, learn, scrub

ReplyT = TypeVar("ReplyT")

MAX_ANSWER_BYTES = 8 * 2**20
"""The largest size of an answer in bytes."""

FIRST_WAIT_S, MAX_WAIT_S = 0.5, 30.0
"""The wait before the second try and the longest wait, in seconds. The wait doubles with each try,
and is shortened at random by up to half, so that workers that failed together do not retry
together."""

RETRIED_STATUSES = {408, 409, 425, 429}
"""HTTP statuses after which a request is sent again, in addition to 5xx."""


FOLLOWED_STATUSES = {307, 308}
"""HTTP statuses of a redirect that keeps method and body (RFC 9110)."""

MAX_REDIRECTS = 5
"""The largest number of redirects that one try follows. Chosen here."""


class _TryAgainError(Exception):
    """A failure that may be temporary; `wait` is the number of seconds that the server asks for, if
    any."""

    def __init__(self, cause: str, wait: float | None = None) -> None:
        super().__init__(cause)
        self.wait = wait


class Transport:
    """`timeout` limits each try in seconds, from connection to whole reply; `max_wait` limits each
    wait."""

    def __init__(
        self,
        url: str,
        key: str | None = None,
        timeout: float = 60.0,
        tries: int = 4,
        max_wait: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = optional("httpx2", "llm")
        learn(url)
        if key is not None:
            know(key)
        self.url, self._shown = url, scrub(url)
        self.timeout, self.tries, self.max_wait = timeout, tries, max_wait
        self._sleep, self._chance = sleep, random.Random()
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        try:
            # A connection serves one request: Deadline ends a request by its connection.
            limits = self._http.Limits(max_keepalive_connections=0)
            self._client = self._http.Client(timeout=timeout, headers=headers, limits=limits)
            scheme = self._http.URL(url).scheme
        except (ValueError, TypeError, self._http.InvalidURL) as error:
            raise SetupError(self._clean(f"{url}: {error}")) from None
        if scheme not in ("http", "https"):
            raise SetupError(f"{self._shown} is no http or https address")

    def post(self, body: dict[str, Any], read: Callable[[dict[str, Any]], ReplyT]) -> ReplyT:
        """Send `body` and return the result of `read` for the answer.

        A LookupError, TypeError, ValueError or AttributeError in `read` counts as a malformed
        answer, after which the request is sent again. Raises EndpointError at once for an error
        that another try can't change, else after the last try.
        """
        payload = json.dumps(body).encode()
        for attempt in range(1, self.tries + 1):
            try:
                return self._once(payload, read)
            except _TryAgainError as failure:
                cause = self._clean(failure)
                wait = self._backoff(attempt) if failure.wait is None else failure.wait
            if wait > self.max_wait:
                cause = f"{cause}; it asks to wait {wait:.0f} s, more than {self.max_wait:.0f}"
                break
            if attempt < self.tries:
                self._sleep(wait)
        raise EndpointError(f"{self._shown} gave no usable reply; tries: {attempt}; last: {cause}")

    def close(self) -> None:
        self._client.close()

    def _once(self, payload: bytes, read: Callable[[dict[str, Any]], ReplyT]) -> ReplyT:
        with Deadline(self.timeout) as deadline:
            try:
                status, headers, content = self._exchange(payload, deadline)
                late = deadline.passed  # then what has come may be cut
            except self._http.HTTPError as error:
                late = deadline.passed or isinstance(error, self._http.TimeoutException)
                if not late:
                    raise _TryAgainError(f"{type(error).__name__} {error}") from None
            if late:
                raise _TryAgainError(f"reply not complete within {self.timeout} s")
        if status != 200:
            cause = f"HTTP {status} {content.decode(errors='replace')}"
            if status in RETRIED_STATUSES or status >= 500:
                raise _TryAgainError(cause, _retry_after(headers.get("retry-after")))
            raise EndpointError(f"{self._shown} refused: {self._clean(cause)}")
        try:
            return read(json.loads(content))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            excerpt = content[:400].decode(errors="replace")
            raise _TryAgainError(f"malformed reply ({type(error).__name__}) {excerpt}") from None

    def _exchange(self, payload: bytes, deadline: Deadline) -> tuple[int, Any, bytes]:
        """Send a request, on to where the server moves it, and return status, headers and body.

        Raises EndpointError for a move that must not be followed.
        """
        url = self._http.URL(self.url)
        traced = {"trace": deadline.watch}
        for _ in range(MAX_REDIRECTS + 1):
            with self._client.stream("POST", url, content=payload, extensions=traced) as response:
                content = self._content(response)
            if not response.has_redirect_location:
                return response.status_code, response.headers, content
            url = self._moved(url, response.status_code, response.headers["location"])
        raise EndpointError(f"{self._shown} moves requests more than {MAX_REDIRECTS} times")

    def _moved(self, url: Any, status: int, location: str) -> Any:
        """Return the address that a redirect names. The key goes nowhere else than to the server it
        is for: the same scheme, host and port, or the same host's standard port for https."""
        told = f"{self._shown} refused: HTTP {status} to {self._clean(location)}"
        try:
            target = url.join(location)
        except (ValueError, self._http.InvalidURL):
            raise EndpointError(f"{told}, which is no address") from None
        here, there = (url.scheme, url.port), (target.scheme, target.port)
        same = here == there or (here, there) == (("http", None), ("https", None))
        if target.host != url.host or not same or target.userinfo:
            raise EndpointError(f"{told}, another server; is base_url right?")
        if status not in FOLLOWED_STATUSES:
            raise EndpointError(f"{told}, by which a request loses its body; is base_url right?")
        return target

    def _content(self, response: Any) -> bytes:
        """Read the body within the limit of size."""
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise EndpointError(f"{self._shown} sent more than {MAX_ANSWER_BYTES} bytes")
        return bytes(content)

    def _backoff(self, attempt: int) -> float:
        longest = min(FIRST_WAIT_S * 2 ** (attempt - 1), MAX_WAIT_S, self.max_wait)
        return longest * self._chance.uniform(0.5, 1.0)

    def _clean(self, cause: object) -> str:
        text = str(cause)
        return one_line(scrub(text))


def _retry_after(header: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or a date (RFC 9110)."""
    if header is None:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
