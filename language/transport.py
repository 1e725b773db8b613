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
            self._client = self._http.Client(timeout=timeout, headers=headers)
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
        try:
            with self._client.stream("POST", self.url, content=payload) as response:
                content = self._content(response)
        except self._http.HTTPError as error:
            raise _TryAgainError(f"{type(error).__name__} {error}") from None
        status = response.status_code
        if status != 200:
            cause = f"HTTP {status} {content.decode(errors='replace')}"
            if status in RETRIED_STATUSES or status >= 500:
                raise _TryAgainError(cause, _retry_after(response.headers.get("retry-after")))
            raise EndpointError(f"{self._shown} refused: {self._clean(cause)}")
        try:
            return read(json.loads(content))
        except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
            excerpt = content[:400].decode(errors="replace")
            raise _TryAgainError(f"malformed reply ({type(error).__name__}) {excerpt}") from None

    def _content(self, response: Any) -> bytes:
        """Read the body within the time limit: a read timeout alone would let a server send without
        end."""
        deadline = time.monotonic() + self.timeout
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise EndpointError(f"{self._shown} sent more than {MAX_ANSWER_BYTES} bytes")
            if time.monotonic() > deadline:
                raise _TryAgainError(f"reply not complete within {self.timeout} s")
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
