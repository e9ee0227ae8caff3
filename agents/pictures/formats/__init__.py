"""PNG, JPEG, WebP and GIF by their bytes alone: what they are, how large, and the same picture without what it tells besides.

Nothing is decoded here: a picture is bounded by the size that its head declares, which is what every decoder goes by.
"""

from agents.pictures.formats.faults import MOST_PIXELS, MOST_SIDE, PictureFault
from agents.pictures.formats.looking import MEDIA_TYPES, Clean, cleaned

__all__ = ["MEDIA_TYPES", "MOST_PIXELS", "MOST_SIDE", "Clean", "PictureFault", "cleaned"]
