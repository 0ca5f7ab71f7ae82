"""Reference values for decoding, resizing, preprocessing and augmenting, from Pillow and numpy.

Usage: /usr/bin/python3 tests/reference/imaging.py tests/Fovea.Tests/Imaging/Fixtures/imaging.json
(Debian 12: apt install python3-pil python3-numpy; Pillow 9.4.)

torchvision is not needed: what it does on PIL images is written out below from its documentation and definitions. The random
numbers are Fovea's counter generator, written again here, so that whole augmentations can be compared and not only their parts.
"""
import base64
import hashlib
import io
import json
import math
import struct
import sys

import numpy as np
from PIL import Image, ImageEnhance, features

MASK = (1 << 64) - 1


class CounterRandom:
    """SplitMix64 started from SHA-256 of (seed, item, stage)."""

    def __init__(self, seed, stage, item):
        digest = hashlib.sha256(struct.pack("<Qq", seed, item) + stage.encode()).digest()
        self.state = struct.unpack("<Q", digest[:8])[0]

    def bits(self):
        self.state = z = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self, low=0.0, high=1.0):
        u = (self.bits() >> 11) * (1.0 / (1 << 53))
        return u if (low, high) == (0.0, 1.0) else low + (high - low) * u

    def integer(self, exclusive):
        return (self.bits() * exclusive) >> 64

    def permutation(self, n):
        order = list(range(n))
        for i in range(n - 1, 0, -1):
            j = self.integer(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


def text(data):
    return base64.b64encode(bytes(data)).decode()


def pixels(image):
    return {"width": image.width, "height": image.height, "pixels": text(image.convert("RGB").tobytes())}


def picture(width, height, seed):
    """Smooth colours with some noise and some flat grey: everything resizing and colour conversion can trip over."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = [127 + 127 * np.sin(x / (2.5 + c) + y / (4 - c) + c) for c in range(3)]
    image = np.stack(planes, 2) + random.normal(0, 25, (height, width, 3))
    image[: height // 4, : width // 4] = 90
    image[-2:, -3:] = random.integers(0, 2, (2, 3, 3)) * 255
    return Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))


# ---- torchvision's functions on PIL images, from their definitions

def resize_short(image, size):
    w, h = image.size
    short, long = (w, h) if w <= h else (h, w)
    new_short, new_long = size, int(size * long / short)
    new_w, new_h = (new_short, new_long) if w <= h else (new_long, new_short)
    return image.resize((new_w, new_h), Image.BILINEAR)


def centre_crop(image, size):
    w, h = image.size
    if size > w or size > h:
        left, top = (size - w) // 2 if size > w else 0, (size - h) // 2 if size > h else 0
        right, bottom = (size - w + 1) // 2 if size > w else 0, (size - h + 1) // 2 if size > h else 0
        padded = Image.new("RGB", (w + left + right, h + top + bottom))
        padded.paste(image, (left, top))
        image, (w, h) = padded, padded.size
    top, left = int(round((h - size) / 2.0)), int(round((w - size) / 2.0))
    return image.crop((left, top, left + size, top + size))


def crop_box(w, h, random, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3)):
    area, log_ratio = float(w * h), (math.log(ratio[0]), math.log(ratio[1]))
    for _ in range(10):
        target = area * random.uniform(*scale)
        aspect = math.exp(random.uniform(*log_ratio))
        cw, ch = int(round(math.sqrt(target * aspect))), int(round(math.sqrt(target / aspect)))
        if 0 < cw <= w and 0 < ch <= h:
            top = random.integer(h - ch + 1)
            return [random.integer(w - cw + 1), top, cw, ch]
    if w / h < ratio[0]:
        cw, ch = w, int(round(w / ratio[0]))
    elif w / h > ratio[1]:
        cw, ch = int(round(h * ratio[1])), h
    else:
        cw, ch = w, h
    return [(w - cw) // 2, (h - ch) // 2, cw, ch]


def erase_box(w, h, random, scale=(0.02, 0.33), ratio=(0.3, 3.3)):
    area, log_ratio = float(w * h), (math.log(ratio[0]), math.log(ratio[1]))
    for _ in range(10):
        target = area * random.uniform(*scale)
        aspect = math.exp(random.uniform(*log_ratio))
        eh, ew = int(round(math.sqrt(target * aspect))), int(round(math.sqrt(target / aspect)))
        if eh < h and ew < w:
            top = random.integer(h - eh + 1)
            return [random.integer(w - ew + 1), top, ew, eh]
    return None


def adjust_hue(image, factor):
    hue, saturation, value = image.convert("HSV").split()
    shifted = (np.asarray(hue).astype(int) + int(factor * 255)) % 256
    return Image.merge("HSV", (Image.fromarray(shifted.astype(np.uint8), "L"), saturation, value)).convert("RGB")


ADJUST = {
    "brightness": lambda image, f: ImageEnhance.Brightness(image).enhance(f),
    "contrast": lambda image, f: ImageEnhance.Contrast(image).enhance(f),
    "saturation": lambda image, f: ImageEnhance.Color(image).enhance(f),
    "hue": adjust_hue,
}


def augment(image, size, seed, item, amounts=(0.4, 0.4, 0.4, 0.1)):
    random = CounterRandom(seed, "augment", item)
    left, top, w, h = crop_box(image.width, image.height, random)
    image = image.crop((left, top, left + w, top + h)).resize((size, size), Image.BILINEAR)
    if random.uniform() < 0.5:
        image = image.transpose(Image.FLIP_LEFT_RIGHT)
    order = random.permutation(4)
    factors = [random.uniform(max(0, 1 - a), 1 + a) for a in amounts[:3]]
    factors.append(random.uniform(-amounts[3], amounts[3]))
    for i in order:
        image = list(ADJUST.values())[i](image, factors[i])
    erased = erase_box(size, size, random) if random.uniform() < 0.5 else None
    return {"item": item, **pixels(image), "erased": erased}


# ---- files of every kind

def files():
    image, found = picture(21, 14, 5), {}

    def add(name, picture, format, **options):
        stream = io.BytesIO()
        picture.save(stream, format, **options)
        opened = Image.open(io.BytesIO(stream.getvalue()))
        found[name] = {"file": text(stream.getvalue()), **pixels(opened)}

    alpha = Image.fromarray((np.arange(21 * 14).reshape(14, 21) % 256).astype(np.uint8))
    rgba = image.copy()
    rgba.putalpha(alpha)
    add("rgb.png", image, "PNG")
    add("rgba.png", rgba, "PNG")
    add("grey.png", image.convert("L"), "PNG")
    add("grey-alpha.png", rgba.convert("LA"), "PNG")
    add("one-bit.png", image.convert("1"), "PNG")
    add("palette.png", image.quantize(16), "PNG")
    add("palette-transparent.png", image.quantize(16), "PNG", transparency=bytes(range(0, 256, 16)))
    add("rgb.jpeg", image, "JPEG", quality=90)
    add("grey.jpeg", image.convert("L"), "JPEG", quality=90)
    add("progressive.jpeg", image, "JPEG", quality=90, progressive=True)
    add("no-subsampling.jpeg", image, "JPEG", quality=95, subsampling=0)
    add("cmyk.jpeg", image.convert("CMYK"), "JPEG", quality=95)
    exif = Image.Exif()
    exif[0x0112] = 6
    add("rotated-by-exif.jpeg", image, "JPEG", quality=90, exif=exif)
    add("palette.gif", image.quantize(32), "GIF")
    add("rgb.bmp", image, "BMP")
    if features.check("webp"):
        add("lossless.webp", image, "WEBP", lossless=True)
    return found


def all_colours():
    """A picture of 52^3 colours (steps of 5), turned by several hues: SHA-256 of the result's bytes."""
    steps = np.arange(0, 256, 5, dtype=np.uint8)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), -1).reshape(-1, 52, 3)
    image = Image.fromarray(grid)
    return [{"turn": turn, "sha256": hashlib.sha256(adjust_hue(image, turn).tobytes()).hexdigest()} for turn in (-0.5, -0.2, -0.01, 0.0, 0.07, 0.31, 0.5)]


def main(out):
    source, small, boxes = picture(37, 26, 1), picture(20, 12, 3), []
    resized = [{"to": list(size), **pixels(source.resize(size, Image.BILINEAR))} for size in
               [(18, 13), (60, 43), (37, 9), (11, 26), (37, 26), (1, 1), (3, 50), (36, 25), (38, 27)]]
    box = (5, 3, 5 + 22, 3 + 19)
    cropped = [{"to": list(size), **pixels(source.crop(box).resize(size, Image.BILINEAR))} for size in [(16, 16), (22, 30), (7, 19), (22, 19)]]
    prepared = []
    for w, h, size, crop in [(31, 20, 16, 14), (20, 33, 16, 13), (17, 23, 9, 9), (10, 10, None, 16), (11, 25, None, 16), (30, 29, None, 16), (24, 24, 16, None),
                             (13, 29, 12, 20), (15, 15, 15, 15)]:
        image = picture(w, h, w * 100 + h)
        done = resize_short(image, size) if size else image
        done = centre_crop(done, crop) if crop else done
        prepared.append({"resize": size, "crop": crop, "source": pixels(image), "result": pixels(done)})
    sizes = [[w, h, size, *resize_short(Image.new("1", (w, h)), size).size] for w, h, size in
             [(500, 375, 256), (375, 500, 256), (341, 256, 256), (99, 70, 256), (1001, 333, 224), (7, 3, 5), (640, 427, 299)]]
    for w, h in [(64, 64), (500, 375), (300, 20), (20, 300), (5, 1), (1, 1)]:
        for item in range(12):
            boxes.append([w, h, item, crop_box(w, h, CounterRandom(11, "crop", item)), erase_box(w, h, CounterRandom(11, "erase", item))])
    coloured = [{"adjustment": name, "factor": factor, **pixels(function(small, factor))}
                for name, function in ADJUST.items()
                for factor in ([-0.5, -0.1, -0.03, 0.0, 0.1, 0.27, 0.5] if name == "hue" else [0.0, 0.3, 0.77, 1.0, 1.4, 2.5])]
    json.dump({
        "pillow": Image.__version__, "source": pixels(source), "small": pixels(small), "box": [box[0], box[1], box[2] - box[0], box[3] - box[1]],
        "resized": resized, "cropped": cropped, "prepared": prepared, "sizes": sizes, "boxes": boxes, "coloured": coloured, "hues": all_colours(),
        "augmented": {"seed": 20, "size": 16, "items": [augment(source, 16, 20, item) for item in range(8)]}, "files": files(),
    }, open(out, "w"), indent=0)


main(sys.argv[1])
