#!/usr/bin/env bash
# TorchSharp 0.107.0, libtorch 2.10.0 (28 November 2026): torch.pow(2, x), a number to the power of a tensor, throws InvalidOperationException "Should not be called.", though the overload
# is public and PyTorch has it. One would have guessed 2^x. What to write: torch.full_like(x, 2).pow(x).
. "$(dirname "$0")/common.sh"
program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0" "SharpZipLib 1.4.1" <<'C'
using static TorchSharp.torch;
using TorchSharp;
var x = tensor(new float[] { 1, 2, 3 });
Scalar two = 2.0;
Console.WriteLine($"full_like(x, 2).pow(x): {string.Join(" ", full_like(x, two).pow(x).data<float>().ToArray())}");
try { Console.WriteLine($"pow(2, x): {string.Join(" ", pow(two, x).data<float>().ToArray())}"); }
catch (InvalidOperationException e) { Console.WriteLine($"pow(2, x): {e.Message}"); }
C
still 'full_like(x, 2).pow(x): 2 4 8
pow(2, x): Should not be called.'
