"""Files of formats and forms that decoders read differently, with what Pillow's Image.open(f).convert("RGB") makes of them.

Usage: /usr/bin/python3 tests/reference/formats.py tests/Fovea.Tests/Imaging/Fixtures/formats.json
(Debian 12: apt install python3-pil python3-numpy; Pillow 9.4.)
"""
import base64
import io
import json
import struct
import sys
import zlib

import numpy as np
from PIL import Image

found = {}


def text(data):
    return base64.b64encode(bytes(data)).decode()


def add_bytes(name, data):
    opened = Image.open(io.BytesIO(data))
    rgb = opened.convert("RGB")
    found[name] = {"file": text(data), "mode": opened.mode, "width": rgb.width, "height": rgb.height, "pixels": text(rgb.tobytes())}


def add(name, picture, format, **options):
    stream = io.BytesIO()
    picture.save(stream, format, **options)
    add_bytes(name, stream.getvalue())


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, kind, rows, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


random = np.random.default_rng(7)
y, x = np.mgrid[0:13, 0:18]
colour = np.stack([x * 13 % 256, y * 19 % 256, (x * y * 7) % 256], 2).astype(np.uint8)
image = Image.fromarray(colour)
grey = image.convert("L")
rgba = image.copy()
rgba.putalpha(Image.fromarray((x * 14).astype(np.uint8)))
grey16 = (x * 40 + y * 20).astype(np.uint16)
grey16[0, :6] = [0, 1, 254, 255, 256, 65535]
palette = image.quantize(16)

# 16-bit grey: Pillow reads whole numbers and convert() cuts them at 255.
add("grey-16.png", Image.fromarray(grey16), "PNG")
add("grey-16.tif", Image.fromarray(grey16), "TIFF")
add_bytes("grey-16.pgm", b"P5\n# a comment\n18 13\n65535\n" + grey16.astype(">u2").tobytes())
add_bytes("grey-1000.pgm", b"P5 18 13 1000 " + np.minimum(grey16, 1000).astype(">u2").tobytes())
add_bytes("text-1000.pgm", b"P2 18 13 1000 " + " ".join(map(str, np.minimum(grey16, 1000).ravel())).encode())

# PNM in all its forms.
add_bytes("binary.ppm", b"P6\n18 13\n255\n" + colour.tobytes())
add_bytes("binary-100.ppm", b"P6 18 13 100\n" + (colour % 101).astype(np.uint8).tobytes())
add_bytes("binary-65535.ppm", b"P6 18 13 65535\n" + (colour.astype(">u2") * 257 + 3).astype(">u2").tobytes())
add_bytes("text.ppm", b"P3 # comment\n18\t13\n255\n" + " ".join(map(str, colour.ravel())).encode() + b"\n")
add_bytes("binary.pgm", b"P5\n18 13\n255\n" + np.asarray(grey).tobytes())
add_bytes("binary-9.pgm", b"P5\n18 13\n9\n" + (np.asarray(grey) % 10).astype(np.uint8).tobytes())
add_bytes("text.pgm", b"P2\n18 13\n255\n" + "\n".join(map(str, np.asarray(grey).ravel())).encode())
add_bytes("binary.pbm", b"P4\n18 13\n" + np.packbits(colour[..., 0] > 90, axis=1).tobytes())
add_bytes("text.pbm", b"P1\n18 13\n" + "\n".join(" ".join("1" if v else "0" for v in row) for row in colour[..., 0] > 90).encode())

# GIF: transparency, interlace, a frame smaller than its screen, an animation.
add("transparent.gif", palette, "GIF", transparency=3)
add("interlaced.gif", palette, "GIF", interlace=1)
add("plain.gif", palette, "GIF", interlace=0)
add("grey.gif", grey, "GIF")
add("two-colours.gif", image.convert("1"), "GIF")
add("many.gif", Image.fromarray(random.integers(0, 256, (60, 70)).astype(np.uint8)), "GIF")
add("animated.gif", palette, "GIF", save_all=True, append_images=[image.rotate(90).resize(image.size).quantize(16)], transparency=2, loop=0)
plain = bytearray(base64.b64decode(found["plain.gif"]["file"]))
struct.pack_into("<HH", plain, 6, 24, 17)  # a larger screen
offset = plain.index(b"\x2c", 13 + 3 * (2 << (plain[10] & 7)))
struct.pack_into("<HH", plain, offset + 1, 3, 2)
add_bytes("small-frame.gif", bytes(plain))
moved = bytearray(base64.b64decode(found["transparent.gif"]["file"]))
struct.pack_into("<HH", moved, 6, 24, 17)
offset = moved.index(b"\x00\x2c", 13 + 3 * (2 << (moved[10] & 7))) + 1
struct.pack_into("<HH", moved, offset + 1, 3, 2)
add_bytes("small-transparent-frame.gif", bytes(moved))

# TIFF.
add("rgb.tif", image, "TIFF")
for compression in ["tiff_lzw", "tiff_deflate", "packbits", "tiff_adobe_deflate"]:
    add(f"rgb-{compression}.tif", image, "TIFF", compression=compression)
add("grey.tif", grey, "TIFF", compression="tiff_lzw")
add("one-bit.tif", image.convert("1"), "TIFF")
add("group4.tif", image.convert("1"), "TIFF", compression="group4")
add("palette.tif", palette, "TIFF")
add("rgba.tif", rgba, "TIFF", compression="tiff_lzw")
add("grey-alpha.tif", rgba.convert("LA"), "TIFF")
add("cmyk.tif", image.convert("CMYK"), "TIFF")

# PNG and WebP with transparency; EXIF orientation.
add("rgba.png", rgba, "PNG")
add("grey-alpha.png", rgba.convert("LA"), "PNG")
add("palette-one-transparent.png", palette, "PNG", transparency=5)
add("grey-transparent.png", grey, "PNG", transparency=int(np.asarray(grey)[3, 4]))
add("rgb-transparent.png", image, "PNG", transparency=tuple(int(v) for v in colour[2, 3]))
add("rgba.webp", rgba, "WEBP", lossless=True, exact=True)
add("animated.webp", rgba, "WEBP", save_all=True, append_images=[rgba.rotate(180)], lossless=True, exact=True)
exif = Image.Exif()
exif[0x0112] = 3
add("upside-down.webp", image, "WEBP", lossless=True, exif=exif.tobytes())
add("upside-down.png", image, "PNG", exif=exif)

# Of 16 bits, with gamma, turned, animated: forms that decoders treat each in their own way.
for name, shape, kind in (("rgb-16.png", (9, 11, 3), 2), ("rgba-16.png", (9, 11, 4), 6), ("grey-alpha-16.png", (9, 11, 2), 4)):
    samples = random.integers(0, 65536, shape)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples.reshape(9, -1))
    add_bytes(name, png(11, 9, 16, kind, rows))
for bits in (1, 2, 4):
    packed = random.integers(0, 256, (9, (13 * bits + 7) // 8)).astype(np.uint8)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    add_bytes(f"grey-{bits}.png", png(13, 9, bits, 0, rows, chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tRNS", struct.pack(">H", 1))))
for orientation in range(2, 9):
    add(f"turned-{orientation}.tif", image, "TIFF", tiffinfo={274: orientation})
turned = Image.Exif()
turned[274] = 6
add("turned.jpg", image, "JPEG", quality=95, exif=turned.tobytes())
add("animated.png", image, "PNG", save_all=True, append_images=[image.transpose(Image.ROTATE_180)], duration=100)
add("animated-with-cover.png", image, "PNG", save_all=True, default_image=True, append_images=[grey.convert("RGB"), image.transpose(Image.ROTATE_180)], duration=100)
for name, picture in (("rgb.bmp", image), ("grey.bmp", grey), ("palette.bmp", image.quantize(40)), ("one-bit.bmp", grey.convert("1")), ("rgba.bmp", rgba)):
    add(name, picture, "BMP")

json.dump({"pillow": Image.__version__, "files": found}, open(sys.argv[1], "w"), indent=0)
