"""What these tests share with others."""

from tests.webagents.browser.fixtures import at, chromium, pages

__all__ = ["at", "chromium", "pages"]
