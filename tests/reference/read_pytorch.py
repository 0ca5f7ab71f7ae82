#!/usr/bin/env python3
"""Prints what PyTorch finds in a checkpoint, as tests/Fovea.Tests/Checkpoints compares it: {tensor: [dtype, shape, values as float64]}.

    /usr/bin/python3 tests/reference/read_pytorch.py FILE
"""
import json
import sys

import torch

print(json.dumps({
    name: [str(t.dtype).removeprefix("torch."), list(t.shape), t.to(torch.float64).flatten().tolist()]
    for name, t in torch.load(sys.argv[1], map_location="cpu").items()
}))
