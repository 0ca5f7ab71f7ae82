#!/usr/bin/env python3
"""Writes the small files of images that tests/Fovea.Tests/Datasets/Fixtures holds, with the programs that people have them from.

    python3 tests/reference/image_sources.py parquet     # needs pyarrow; written with 25.0
    python3 tests/reference/image_sources.py devkit      # needs scipy; written with 1.10.1

The DuckDB files are written by tests/reference/duckdb_images (C#, DuckDB.NET.Data.Full 1.5.6.1) from rows.json.

The "pictures" are byte strings made by a formula, since what is tested is where bytes lie: image i of a file has 40 + 13 * (i % 7) bytes,
byte j is (i * 31 + j * 7) % 256, and every fifth is null where the file says so. rows.json says what each file holds, row by row:
[sha256 of the bytes or null, path or null, label or null].
"""
import hashlib
import json
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fovea.Tests" / "Datasets" / "Fixtures"
NAMES = ["tench, Tinca tinca", "goldfish", "crane", "crane"]


def content(i):
    return bytes((i * 31 + j * 7) % 256 for j in range(40 + 13 * (i % 7)))


def rows(count, nulls):
    """A row's image, its path and its label; the struct of every eleventh is null, the bytes of every fifth."""
    out = []
    for i in range(count):
        if nulls and i % 11 == 7:
            out.append((None, i % 4))
        else:
            picture = None if nulls and i % 5 == 3 else content(i)
            path = None if nulls and i % 3 == 1 else f"n0144{i:04d}_{i}.JPEG"
            out.append(({"bytes": picture, "path": path}, i % 4))
    return out


def parquet():
    import pyarrow as pa
    import pyarrow.parquet as pq

    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    features = {"image": {"_type": "Image"}, "label": {"names": NAMES, "_type": "ClassLabel"}}
    words = {b"huggingface": json.dumps({"info": {"features": features}}).encode()}
    made = {}

    def write(name, data, label=pa.int64(), metadata=words, **options):
        schema = pa.schema([("image", image), ("label", label)], metadata=metadata)
        table = pa.Table.from_pylist([{"image": a, "label": b} for a, b in data], schema)
        pq.write_table(table, OUT / name, **options)
        made[name] = [
            [a and a["bytes"] and hashlib.sha256(a["bytes"]).hexdigest(), a and a["path"], b] for a, b in data
        ]

    write("arrow-nulls.parquet", rows(60, True), row_group_size=25, compression="snappy", data_page_size=256, write_batch_size=4, use_dictionary=False)
    write("arrow-dictionary.parquet", [rows(9, False)[i % 9] for i in range(60)], row_group_size=25, compression="zstd", data_page_size=128, write_batch_size=4)
    write("arrow-v2.parquet", rows(40, True), row_group_size=20, compression="gzip", data_page_version="2.0", data_page_size=256, write_batch_size=4,
          use_dictionary=["label"])
    write("arrow-delta.parquet", rows(40, True), row_group_size=40, compression="none", use_dictionary=False,
          column_encoding={"image.bytes": "DELTA_LENGTH_BYTE_ARRAY", "image.path": "PLAIN", "label": "DELTA_BINARY_PACKED"})
    write("arrow-brotli.parquet", rows(12, False), compression="brotli", label=pa.int32(), metadata=None)
    write("arrow-lz4.parquet", rows(4, False), compression="lz4")
    write("arrow-label-minus-one.parquet", [(a, -1) for a, _ in rows(6, False)], compression="none")
    write("arrow-label-outside.parquet", [(a, b + 2) for a, b in rows(6, False)], compression="none")
    write("arrow-all-null.parquet", [({"bytes": None, "path": "a.jpg"}, 0)] * 5, compression="none")
    strings = [(a, NAMES[b]) for a, b in rows(12, False)]
    write("arrow-texts.parquet", strings, label=pa.string(), metadata=None, compression="snappy")
    (OUT / "parquet.json").write_text(json.dumps(made, indent=0).replace(",\n", ",") + "\n")


def devkit():
    import numpy
    from scipy.io import savemat

    # Six classes whose numbers follow no order of ids, below two synsets that are none: as in ImageNet's.
    synsets = [
        (1, "n02119789", "kit fox, Vulpes macrotis", "a small grey fox", 0, []),
        (2, "n02100735", "English setter", "an English breed", 0, []),
        (3, "n01440764", "tench, Tinca tinca", "a freshwater dace-like game fish", 0, []),
        (4, "n04557648", "water bottle", "a bottle for holding water", 0, []),
        (5, "n01443537", "goldfish, Carassius auratus", "a small golden fish", 0, []),
        (6, "n15075141", "toilet tissue, toilet paper, bathroom tissue", "a soft thin absorbent paper", 0, []),
        (7, "n00001740", "entity", "that which is perceived", 2, [8, 4]),
        (8, "n00015388", "animal, animate being", "a living organism", 4, [1, 2, 3, 5]),
    ]
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("gloss", "O"), ("num_children", "O"), ("children", "O"),
             ("wordnet_height", "O"), ("num_train_images", "O")]
    array = numpy.empty((len(synsets), 1), dtype=kinds)
    for i, (number, wnid, words, gloss, count, children) in enumerate(synsets):
        array[i, 0] = (float(number), wnid, words, gloss, float(count), numpy.array(children, dtype="uint16"), float(i % 3), float(1300))
    savemat(OUT / "meta.mat", {"about": "others come first", "synsets": array}, do_compression=True)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    {"parquet": parquet, "devkit": devkit}[sys.argv[1]]()
