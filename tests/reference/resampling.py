"""Reference values for resizing with all of Pillow's filters.

Usage: python3 tests/reference/resampling.py tests/Fovea.Tests/Imaging/Fixtures/resampling.json
(Debian: apt install python3-pil python3-numpy.)

The pictures are made of a formula, so that the file holds results alone.
"""
import base64
import json
import sys

import numpy as np
from PIL import Image, __version__

FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS, "box": Image.BOX, "hamming": Image.HAMMING}
SIZES = [(17, 13), (5, 40), (61, 7), (33, 12), (40, 29)]


def picture(width, height):
    """Stripes of full contrast, which overshoot, and a ramp."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    values = np.where((x // 3 + y // 5 + c) % 2 == 0, 255, 0) * (x % 11 < 7) + ((x * 7 + y * 13 + c * 50) % 256) * (x % 11 >= 7)
    return Image.fromarray(values.astype(np.uint8), "RGB")


source = picture(33, 29)
cases = [
    {"filter": name, "width": w, "height": h, "pixels": base64.b64encode(source.resize((w, h), code).tobytes()).decode()}
    for name, code in FILTERS.items() for w, h in SIZES
]
with open(sys.argv[1], "w") as out:
    json.dump({"pillow": __version__, "cases": cases}, out, indent=0)
