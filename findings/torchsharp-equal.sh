#!/usr/bin/env bash
# TorchSharp 0.107.0, libtorch 2.10.0 (28 November 2026): a.equal(b) compares number by number and gives a tensor. PyTorch's Tensor.equal gives one truth value, true where sizes and all numbers
# are equal; TorchSharp's names are PyTorch's elsewhere. Where the sizes differ and can be brought to one, it gives a tensor of the larger size. What to write: sizes compared, and a.eq(b).all().
. "$(dirname "$0")/common.sh"
program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0" "SharpZipLib 1.4.1" <<'C'
using static TorchSharp.torch;
var a = tensor(new float[] { 1, 2, 3 });
object same = a.equal(a.clone()), other = a.equal(tensor(new float[] { 1 }));
foreach (object result in new[] { same, other })
    Console.WriteLine(result is Tensor numbers ? $"a tensor: {string.Join(" ", numbers.data<bool>().ToArray())}" : $"{result}");
C
still 'a tensor: True True True
a tensor: True False False'
