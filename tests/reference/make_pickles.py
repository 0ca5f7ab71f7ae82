#!/usr/bin/env python3
"""Writes the small PyTorch checkpoints that tests/Fovea.Tests/Checkpoints reads, and what PyTorch itself finds in them.

    /usr/bin/python3 tests/reference/make_pickles.py [FOLDER OF REAL .pth FILES]

Needs PyTorch (made with 1.13). The expected values go to expected.json: {file: {tensor: [dtype, shape, values as float64]}}.
For a folder of real checkpoints it writes their tensors' sums to sums.json: {file: {tensor: [dtype, shape, sum, sum of squares]}}.
"""
import collections
import json
import pathlib
import sys

import torch

OUT = pathlib.Path(__file__).resolve().parent.parent / "Fovea.Tests" / "Checkpoints" / "Fixtures"


def ramp(*shape, dtype=torch.float32):
    count = 1
    for size in shape:
        count *= size
    return (torch.arange(count, dtype=torch.float64) * 0.75 - 3).reshape(shape).to(dtype)


def every_type():
    kinds = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8, torch.bool]
    state = {str(kind).removeprefix("torch."): ramp(3, 5, dtype=kind) for kind in kinds}
    state["uint8"] = torch.arange(250, 256, dtype=torch.uint8)
    state["scalar"] = torch.tensor(42, dtype=torch.int64)
    state["empty"] = torch.empty(0, 4)
    return state


def strided():
    base = ramp(4, 6)
    return {
        "base": base,
        "transposed": base.t(),
        "column": base[:, 2],
        "block": base[1:3, 2:5],
        "every_other": base.flatten()[1::2],
        "last_row": base[3],
        "channels_last": ramp(2, 3, 4, 5).contiguous(memory_format=torch.channels_last),
        "expanded": torch.tensor([1.5, -2.0]).reshape(2, 1).expand(2, 3),
        "tied": base,
    }


def training_checkpoint():
    model = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    torch.manual_seed(0)
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    model(torch.ones(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    wrapped = collections.OrderedDict(("module." + name, tensor) for name, tensor in model.state_dict().items())
    return {"epoch": 7, "state_dict": wrapped, "optimizer": optimizer.state_dict(), "best": 0.5, "note": b"bytes", "huge": 1 << 80,
            "shape": torch.Size([1, 2]), "kind": torch.float16, "where": torch.device("cpu")}


def parameters():
    return {"model": {"weight": torch.nn.Parameter(ramp(2, 2)), "step": 3, "frozen": torch.nn.Parameter(ramp(3), requires_grad=False)}}


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    expected = {}
    cases = {
        "every_type": (every_type(), {}),
        "strided": (strided(), {}),
        "training_checkpoint": (training_checkpoint(), {}),
        "parameters": (parameters(), {}),
        "protocol4": (every_type(), {"pickle_protocol": 4}),
    }
    for name, (content, options) in cases.items():
        torch.save(content, OUT / f"{name}.pth", **options)
        state = content.get("state_dict", content.get("model", content))
        expected[name] = {
            key.removeprefix("module."): [str(t.dtype).removeprefix("torch."), list(t.shape), t.detach().to(torch.float64).flatten().tolist()]
            for key, t in state.items() if isinstance(t, torch.Tensor)
        }
    torch.save(torch.nn.Linear(2, 1), OUT / "whole_module.pth")
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    if len(sys.argv) > 1:
        sums = {}
        for path in sorted(pathlib.Path(sys.argv[1]).glob("*.pth")):
            state = torch.load(path, map_location="cpu")
            sums[path.name] = {
                key: [str(t.dtype).removeprefix("torch."), list(t.shape), t.double().sum().item(), t.double().square().sum().item()]
                for key, t in state.items()
            }
        lines = ",\n".join(f' {json.dumps(f)}: {{\n' + ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in t.items()) + "\n }" for f, t in sums.items())
        (OUT / "sums.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
