"""Opens pictures that somebody else may have made: their size is checked before they are decoded.

20 kB of a PNG can claim 170 million pixels. Pillow itself refuses only more than that.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from longhaul.documents import open_regular
from longhaul.errors import ConfigError, single_line

MOST_PIXELS = 2**25
"""The pixel limit of a picture: 8192 by 4096, 100 MB as RGB."""


@contextmanager
def open_picture(source: Path | bytes) -> Iterator[Image.Image]:
    """Give a picture of a file, or of its content, which is decoded when its pixels are asked for.

    Raises ConfigError, in one line, for one that is broken, larger than MOST_PIXELS or no regular
    file; raises OSError if the file can't be opened.
    """
    name = source if isinstance(source, Path) else "a picture"
    with BytesIO(source) if isinstance(source, bytes) else open_regular(source) as file:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                picture = Image.open(file)
            with picture:
                require_modest(picture, name)
                yield picture
        except ConfigError:
            raise
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise ConfigError(f"{name} is no readable picture: {single_line(error)}") from None


def require_modest(picture: Image.Image, name: object) -> None:
    """Raise ConfigError for a picture of more than MOST_PIXELS."""
    width, height = picture.size
    if width * height > MOST_PIXELS:
        raise ConfigError(f"{name} has {width} x {height} pixels; the limit is {MOST_PIXELS}")
