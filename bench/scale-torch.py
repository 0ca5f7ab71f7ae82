#!/usr/bin/env python3
"""Loaders of others beside fovea-bench scale, on the same store of float16 vectors: batches of 4,096 to a tensor of float32, nothing learned from them.

scale-torch.py STORE BATCHES [MIXING_BUFFER.py]
  shuffled: torch.utils.data.DataLoader over memory-mapped shards with shuffled rows, a whole batch a time (what overcomplete's train_sae is given)
  dataset:  the same a row at a time, as DataLoader does by itself
  mixing:   SAELens's mixing_buffer (its file sae_lens/training/mixing_buffer.py), fed a shard's vectors in order, buffer of 131,072 vectors
Prints milliseconds a batch, how many distinct images are in one, and peak memory. The page cache is dropped before each (posix_fadvise).
"""
import importlib.util
import json
import os
import resource
import sys
import time

import torch
from safetensors import safe_open
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler

store, batches = sys.argv[1], int(sys.argv[2])
kind = sys.argv[4] if len(sys.argv) > 4 else None
torch.set_num_threads(1)
manifest = json.load(open(os.path.join(store, "manifest.json")))
paths = [os.path.join(store, shard["file"]) for shard in manifest["shards"]]
rows = [shard["rows"] for shard in manifest["shards"]]
positions = manifest["grid"][0] * manifest["grid"][1]


class Shards(Dataset):
    def __init__(self):
        # One memory-mapped tensor a shard.
        self.files = [safe_open(path, "pt") for path in paths]
        self.tensors = [file.get_tensor("vectors") for file in self.files]
        self.ends = torch.tensor(rows).cumsum(0)

    def __len__(self):
        return int(self.ends[-1])

    def __getitem__(self, at):
        if isinstance(at, list):
            places = torch.tensor(at)
            shards = torch.bucketize(places, self.ends, right=True)
            out = torch.empty(len(at), manifest["channels"])
            for shard in shards.unique().tolist():
                mine = shards == shard
                out[mine] = self.tensors[shard][places[mine] - (self.ends[shard] - rows[shard])].float()
            return out, places
        shard = int(torch.bucketize(torch.tensor(at), self.ends, right=True))
        return self.tensors[shard][at - int(self.ends[shard]) + rows[shard]].float(), at


def shuffled():
    data = Shards()
    yield from DataLoader(data, sampler=BatchSampler(RandomSampler(data), 4096, True), batch_size=None)


def dataset():
    yield from DataLoader(Shards(), batch_size=4096, shuffle=True)


def mixing():
    spec = importlib.util.spec_from_file_location("mixing_buffer", sys.argv[3])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def in_order():
        first = 0
        for path, count in zip(paths, rows):
            with safe_open(path, "pt") as file:
                vectors = file.get_slice("vectors")
                for start in range(0, count, 32768):
                    some = vectors[start:min(count, start + 32768)].float()
                    # The row beside the vector, so that mixing can be counted.
                    yield torch.cat([some, torch.arange(first + start, first + start + len(some)).float()[:, None]], 1)
            first += count
    for batch in module.mixing_buffer(131072, 4096, in_order()):
        yield batch[:, :-1], batch[:, -1].long()


def measure(name, loader):
    for path in paths:
        file = os.open(path, os.O_RDONLY)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)
    times, images = [], []
    begun = last = time.perf_counter()
    for number, (batch, places) in enumerate(loader()):
        now = time.perf_counter()
        times.append(now - last)
        assert batch.dtype == torch.float32 and batch.shape == (4096, manifest["channels"])
        images.append(len((places // positions).unique()))
        last = time.perf_counter()
        if number + 1 == batches:
            break
    # The first 20 are not counted, as in fovea-bench scale.
    counted = times[20:]
    print(f"{name}: {1e3 * sum(counted) / len(counted):.1f} ms a batch ({len(counted)} batches; the first after {1e3 * times[0]:.0f} ms), "
          f"{sum(images) / len(images):.0f} images in one, peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", flush=True)


for name, loader in {"shuffled": shuffled, "dataset": dataset, "mixing": mixing}.items():
    if kind in (None, name) and (name != "mixing" or len(sys.argv) > 3):
        # Each in a process of its own, for its memory.
        child = os.fork()
        if child == 0:
            measure(name, loader)
            os._exit(0)
        os.waitpid(child, 0)
