#!/usr/bin/env bash
# TorchSharp 0.107.0, libtorch 2.10.0 (28 November 2026): x.sum(0) does not sum over dimension 0. It takes sum(ScalarType? type = null): the constant 0 converts to the enumeration
# whose first value is uint8, so everything is summed and the result is a byte, modulo 256. x.mean, x.std, x.amax with a 0 do reduce dimension 0. One would have guessed PyTorch's
# x.sum(0). What to write: x.sum([0L]).
. "$(dirname "$0")/common.sh"
program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0" "SharpZipLib 1.4.1" <<'C'
using static TorchSharp.torch;
var x = arange(0, 60, dtype: float32).reshape(20, 3);
Console.WriteLine($"x.sum(0): [{string.Join(", ", x.sum(0).shape)}] of {x.sum(0).dtype}, {x.sum(0).item<byte>()}");
Console.WriteLine($"x.sum([0L]): [{string.Join(", ", x.sum([0L]).data<float>().ToArray())}]");
Console.WriteLine($"x.amax(0): [{string.Join(", ", x.amax(0).data<float>().ToArray())}]");
C
# 1770 modulo 256 is 234.
still 'x.sum(0): [] of Byte, 234
x.sum([0L]): [570, 590, 610]
x.amax(0): [57, 58, 59]'
