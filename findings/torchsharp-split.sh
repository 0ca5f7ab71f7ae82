#!/usr/bin/env bash
# TorchSharp 0.107.0, libtorch 2.10.0 (28 November 2026): x.split(size, dim) with a dim of type long does not split along dim. The overload for one size is split(long, int); with two longs
# the compiler takes split(params long[] sizes): parts of those two sizes along dimension 0. It fails where the sizes do not add up, and is silently another split where they do. All
# neighbours (chunk, split by an array, unbind) take a long. One would have guessed PyTorch's x.split(size, dim). What to write: x.split(size, (int)dim).
. "$(dirname "$0")/common.sh"
program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0" "SharpZipLib 1.4.1" <<'C'
using static TorchSharp.torch;
var x = zeros(3, 4);
long size = 2, dim = 1;
Console.WriteLine($"two longs: {Shapes(x.split(size, dim))}");
Console.WriteLine($"a long and an int: {Shapes(x.split(size, (int)dim))}");
Console.WriteLine($"chunk by two longs: {Shapes(x.chunk(size, dim))}");
static string Shapes(Tensor[] parts) => string.Join(" ", parts.Select(part => $"[{string.Join(", ", part.shape)}]"));
C
still 'two longs: [2, 4] [1, 4]
a long and an int: [3, 2] [3, 2]
chunk by two longs: [3, 2] [3, 2]'
