#!/usr/bin/env python3
"""The usual way beside bench/parts.sh: torchvision's ResNet18, forward hooks on layer3 and layer4, torch.save of a shard each 1,000 images.

parts-torch.py TAR CHECKPOINT OUT IMAGES [i/N]   one thread; the i-th of N processes takes every N-th shard.
Prints images, seconds (decoding to the last file, without starting PyTorch), images/s, bytes written, peak memory.
"""
import io
import os
import resource
import sys
import tarfile
import time

import numpy as np
import torch
import torchvision
from PIL import Image

tar, checkpoint, out, images = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
index, of = (int(word) for word in (sys.argv[5] if len(sys.argv) > 5 else "1/1").split("/"))
batch, shard = 100, 1000
torch.set_num_threads(1)
os.makedirs(out, exist_ok=True)

state = torch.load(checkpoint, map_location="cpu", weights_only=True)
state = state.get("state_dict", state)
model = torchvision.models.resnet18(num_classes=state["fc.weight"].shape[0])
model.load_state_dict(state)
model.eval()
kept = {"layer3": [], "layer4": []}
for name in kept:
    getattr(model, name).register_forward_hook(lambda _, __, value, name=name: kept[name].append(value))

mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
std = torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
archive = tarfile.open(tar)
members = sorted((m for m in archive if "/train/" in m.name and m.name.endswith(".JPEG")), key=lambda m: m.name)[:images]
if len(members) < images:
    sys.exit(f"{tar} has only {len(members)} training images")

start, done, written = time.perf_counter(), 0, 0
with torch.inference_mode():
    for number, first in enumerate(range(0, images, shard)):
        if number % of != index - 1:
            continue
        of_shard = members[first:first + shard]
        for at in range(0, len(of_shard), batch):
            pixels = np.stack([np.asarray(Image.open(io.BytesIO(archive.extractfile(m).read())).convert("RGB")) for m in of_shard[at:at + batch]])
            model((torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 255 - mean) / std)
        for name, values in kept.items():
            path = os.path.join(out, f"{name}-{number:05}.pt")
            torch.save(torch.cat(values).permute(0, 2, 3, 1).contiguous(), path)  # a vector a position, as Fovea stores them
            written += os.path.getsize(path)
            values.clear()
        done += len(of_shard)
seconds = time.perf_counter() - start
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"torch.save {index}/{of}: {done} images, {seconds:.2f} s, {done / seconds:.1f} images/s, {written} bytes, peak {memory:.0f} MiB")
