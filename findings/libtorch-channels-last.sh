#!/usr/bin/env bash
# libtorch 2.10 (TorchSharp 0.107.0), CPU with AVX-512 (28 November 2026): max_pool2d of 3 x 3 on [8, 64, 112, 112] takes many times as long with channels first, the usual order, as with channels last (18 times was
# seen on one processor, 8 times on another). One would have guessed that pooling is bound by memory in any order. Medians of 15, in turns, two threads; the bound leaves a factor of two and more for other processors.
. "$(dirname "$0")/common.sh"
cat <<'C' | program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0"
using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

set_num_threads(2);
using var quiet = no_grad();
Tensor map = randn(8, 64, 112, 112), last = map.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
List<double> first = [], second = [];
for (int i = 0; i < 17; i++)
{
    using var scope = NewDisposeScope();
    double a = Time(() => F.max_pool2d(map, [3L, 3], [2L, 2], [1L, 1]));
    double b = Time(() => F.max_pool2d(last, [3L, 3], [2L, 2], [1L, 1]));
    if (i > 1) { first.Add(a); second.Add(b); }
}
double pooling = Median(first) / Median(second);
Console.Error.WriteLine($"{pooling:0.0} times");
Console.WriteLine($"pooling with channels first takes more than 4 times as long: {pooling > 4}");

static double Time(Action work) { long start = Stopwatch.GetTimestamp(); work(); return Stopwatch.GetElapsedTime(start).TotalSeconds; }
static double Median(List<double> all) { all.Sort(); return all[all.Count / 2]; }
C
cat "$work/error"
still 'pooling with channels first takes more than 4 times as long: True'
