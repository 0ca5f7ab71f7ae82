#!/usr/bin/env bash
# libtorch 2.10 (TorchSharp 0.107.0), CPU with AVX-512 (28 November 2026): max_pool2d of 3 x 3 on [8, 64, 112, 112] takes many times as long with channels first, the usual order, as with channels last (18 times was
# seen); and the derivative by the images of ResNet's first convolution (7 x 7, steps of 2, 3 -> 64 channels) takes about five times as long as the convolution itself, in either order. One would have guessed that pooling
# is bound by memory in any order, and that such a derivative costs as much as the forward pass. Medians of 15, in turns, two threads; the bounds leave a factor of two and more for other processors.
. "$(dirname "$0")/common.sh"
cat <<'C' | program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0"
using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

set_num_threads(2);
Tensor map = randn(8, 64, 112, 112), last = map.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2), images = randn(8, 3, 224, 224), weight = randn(64, 3, 7, 7);
List<double> first = [], second = [], forward = [], backward = [];
for (int i = 0; i < 17; i++)
{
    using var scope = NewDisposeScope();
    double a, b, c, d;
    using (no_grad())
    {
        a = Time(() => F.max_pool2d(map, [3L, 3], [2L, 2], [1L, 1]));
        b = Time(() => F.max_pool2d(last, [3L, 3], [2L, 2], [1L, 1]));
        c = Time(() => F.conv2d(images, weight, strides: [2L, 2], padding: [3L, 3]));
    }
    Tensor x = images.detach().requires_grad_();
    Tensor sum = F.conv2d(x, weight, strides: [2L, 2], padding: [3L, 3]).sum();
    d = Time(() => autograd.grad([sum], [x]));
    if (i > 1) { first.Add(a); second.Add(b); forward.Add(c); backward.Add(d); }
}
double pooling = Median(first) / Median(second), derivative = Median(backward) / Median(forward);
Console.Error.WriteLine($"pooling {pooling:0.0} times, derivative {derivative:0.0} times");
Console.WriteLine($"pooling with channels first takes more than 4 times as long: {pooling > 4}");
Console.WriteLine($"the derivative by the images takes more than 2 times as long as the convolution: {derivative > 2}");

static double Time(Action work) { long start = Stopwatch.GetTimestamp(); work(); return Stopwatch.GetElapsedTime(start).TotalSeconds; }
static double Median(List<double> all) { all.Sort(); return all[all.Count / 2]; }
C
cat "$work/error"
still 'pooling with channels first takes more than 4 times as long: True
the derivative by the images takes more than 2 times as long as the convolution: True'
