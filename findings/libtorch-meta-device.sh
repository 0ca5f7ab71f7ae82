#!/usr/bin/env bash
# libtorch 2.10 (TorchSharp 0.107.0), 28 November 2026: on the meta device, where tensors have shapes and no numbers, some of a network's commonest functions have no rule outside Python: relu and conv2d throw, while add,
# max_pool2d, softmax and reshape answer with the right shape. In PyTorch all of them work there. One would have guessed that the device belongs to libtorch and knows what libtorch's CPU knows; the missing
# rules are written in Python, and a program in another language that asks for the shapes of a network this way gets errors from its first layers.
. "$(dirname "$0")/common.sh"
cat <<'C' | program "TorchSharp 0.107.0" "libtorch-cpu-linux-x64 2.10.0"
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

Tensor x = zeros([2, 3, 8, 8], device: META), weight = zeros([4, 3, 3, 3], device: META);
Say("add", () => x.add(x));
Say("max_pool2d", () => F.max_pool2d(x, [2L, 2]));
Say("softmax", () => F.softmax(x, 1));
Say("reshape", () => x.reshape(2, -1));
Say("relu", () => x.relu());
Say("hardtanh", () => F.hardtanh(x, -1, 1));
Say("conv2d", () => F.conv2d(x, weight));

static void Say(string name, Func<Tensor> work)
{
    try { Console.WriteLine($"{name}: [{string.Join(", ", work().shape)}]"); }
    catch (Exception e) { Console.WriteLine($"{name}: {e.GetType().Name}"); Console.Error.WriteLine($"{name}: {e.Message.Split('\n')[0]}"); }
}
C
cat "$work/error"
still 'add: [2, 3, 8, 8]
max_pool2d: [2, 3, 4, 4]
softmax: [2, 3, 8, 8]
reshape: [2, 192]
relu: ExternalException
hardtanh: ExternalException
conv2d: ExternalException'
