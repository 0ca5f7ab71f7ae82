#!/usr/bin/env bash
# Microsoft.ML.OnnxRuntime 1.31.1, CPU (28 November 2026): a model with LRN of an even size is refused when it is loaded. ONNX's definition has the window from floor((size - 1) / 2)
# before to ceil((size - 1) / 2) behind, which says what an even size is, and PyTorch's LocalResponseNorm takes one; onnx's checker accepts the model. One would have guessed that it runs.
. "$(dirname "$0")/common.sh"
{ cat <<'C'
foreach (long size in new[] { 3L, 4 })
{
    try
    {
        Console.WriteLine($"size {size}: {OneNode.Run(17, "LRN", [1, 4, 1, 1], [1, 2, 3, 4], ("size", size)).Length} numbers");
    }
    catch (Microsoft.ML.OnnxRuntime.OnnxRuntimeException e)
    {
        Console.WriteLine($"size {size}: refused ({(e.Message.Contains("size_ % 2 == 1") ? "size_ % 2 == 1" : e.Message)})");
    }
}
C
cat "$here/onnx-node.cs.txt"; } | program "Microsoft.ML.OnnxRuntime 1.31.1"
still 'size 3: 4 numbers
size 4: refused (size_ % 2 == 1)'
