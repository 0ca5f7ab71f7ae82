#!/usr/bin/env python3
"""Writes small checkpoints in PyTorch's form of before 1.6 (tests/Fovea.Tests/Checkpoints/Fixtures/stream_*.pth), and what PyTorch itself
finds in them (streams.json: {file: {tensor: [dtype, shape, values as float64]}}).

    python3 tests/reference/pytorch_streams.py [OUT]

Made with PyTorch 2.14. Two files are put together by hand, since no PyTorch of today writes them: views of a storage (before 0.4), and the
objects in which the first versions kept tensors and parameters, with the strings of Python 2. PyTorch reads all of them, with weights_only.
"""
import io
import json
import pathlib
import pickle
import struct
import sys

import torch

from make_pickles import every_type, parameters, strided, training_checkpoint

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Fovea.Tests" / "Checkpoints" / "Fixtures"
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FIXTURES


def text(word):
    return b"U" + bytes([len(word)]) + word.encode("latin1")


def number(value):
    return b"J" + struct.pack("<i", value)


def numbers(values):
    return b"(" + b"".join(map(number, values)) + b"t"


def storage(kind, key, count, view=None):
    part = b"N" if view is None else b"(" + text(view[0]) + number(view[1]) + number(view[2]) + b"t"
    return b"(" + text("storage") + f"ctorch\n{kind}Storage\n".encode() + text(key) + text("cpu") + number(count) + part + b"tQ"


def old_tensor(kind, key, count, offset, sizes, strides, view=None):
    return b"ctorch._utils\n_rebuild_tensor\n(" + storage(kind, key, count, view) + number(offset) + numbers(sizes) + numbers(strides) + b"tR"


def stream(entries, storages, system=None):
    """A state dict of (name, pickled value), and {key: (code of struct, values)}."""
    out = io.BytesIO()
    for head in (0x1950A86A20F9469CFC6C, 1001, system or {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}):
        pickle.dump(head, out, protocol=2)
    out.write(b"\x80\x02ccollections\nOrderedDict\n)R(" + b"".join(text(name) + value for name, value in entries) + b"u.")
    pickle.dump(sorted(storages), out, protocol=2)
    for key in sorted(storages):
        code, values = storages[key]
        out.write(struct.pack("<q", len(values)) + struct.pack(f"<{len(values)}{code}", *values))
    return out.getvalue()


def views():
    ramp = [v * 0.5 - 2 for v in range(20)]
    return stream(
        [
            ("whole", old_tensor("Float", "101", 20, 0, [4, 5], [5, 1])),
            ("view", old_tensor("Float", "101", 20, 1, [2, 3], [3, 1], ("102", 6, 9))),
            ("transposed", old_tensor("Float", "101", 20, 0, [3, 2], [1, 3], ("103", 2, 6))),
            ("counts", old_tensor("Long", "99", 3, 1, [2], [1])),
        ],
        {"101": ("f", ramp), "99": ("q", [1, -(1 << 40), 7])},
    )


def first_versions():
    parameter = b"ctorch.nn.parameter\nParameter\n"
    flags = b"N" + b"ccollections\nOrderedDict\n)R" + b"\x88\x89"
    return stream(
        [
            ("plain", old_tensor("Double", "7", 4, 0, [2, 2], [2, 1])),
            ("parameter", parameter + b"(" + old_tensor("Float", "8", 6, 0, [2, 3], [3, 1]) + b"\x88tR"),
            ("variable", parameter + b")\x81q\x01(" + old_tensor("Float", "8", 6, 3, [3], [1]) + flags + b"tb"),
            ("tensor", b"ctorch\nFloatTensor\n)\x81(" + storage("Float", "8", 6) + number(1) + numbers([2]) + numbers([2]) + b"tb"),
        ],
        {"7": ("d", [1.0, -2.5, 1e-300, 3.0]), "8": ("f", [0.5, 1.5, -2.0, 4.0, 8.0, -16.0])},
    )


def main():
    expected = {}
    for name, content, options in [
        ("stream_every_type", every_type(), {}),
        ("stream_strided", strided(), {}),
        ("stream_training_checkpoint", training_checkpoint(), {}),
        ("stream_parameters", parameters(), {}),
        ("stream_protocol4", every_type(), {"pickle_protocol": 4}),
    ]:
        torch.save(content, OUT / f"{name}.pth", _use_new_zipfile_serialization=False, **options)
    (OUT / "stream_views.pth").write_bytes(views())
    (OUT / "stream_first_versions.pth").write_bytes(first_versions())
    for path in sorted(OUT.glob("stream_*.pth")):
        content = torch.load(path, weights_only="protocol4" not in path.name)
        state = content.get("state_dict", content.get("model", content))
        expected[path.stem] = {
            key.removeprefix("module."): [str(t.dtype).removeprefix("torch."), list(t.shape), t.detach().to(torch.float64).flatten().tolist()]
            for key, t in state.items() if isinstance(t, torch.Tensor)
        }
    (OUT / "streams.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
