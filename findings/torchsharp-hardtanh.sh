#!/usr/bin/env bash
# TorchSharp 0.107.0, libtorch 2.10.0 (28 November 2026): functional.hardtanh and the module Hardtanh give their input back, unclamped. relu6 and clamp clamp. One would have guessed
# min(max(x, -1), 1), as documented. What to write: x.clamp(-1, 1).
. "$(dirname "$0")/common.sh"
program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0" "SharpZipLib 1.4.1" <<'C'
using static TorchSharp.torch;
var x = tensor(new float[] { -3, -0.5f, 0.5f, 9 });
Show("functional.hardtanh", nn.functional.hardtanh(x));
Show("Hardtanh", nn.Hardtanh().forward(x));
Show("relu6", nn.functional.relu6(x));
Show("clamp", x.clamp(-1, 1));
static void Show(string what, Tensor x) => Console.WriteLine($"{what}: {string.Join(" ", x.data<float>().ToArray())}");
C
still 'functional.hardtanh: -3 -0.5 0.5 9
Hardtanh: -3 -0.5 0.5 9
relu6: 0 0 0.5 6
clamp: -1 -0.5 0.5 1'
