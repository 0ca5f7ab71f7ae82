#!/usr/bin/env bash
# Microsoft.ML.OnnxRuntime 1.31.1, CPU (30 November 2026): a Pad by zeros right before a MaxPool is put into the pooling's own padding when the model is loaded, with the optimisations that are on by default.
# The pooling counts nothing outside as the largest, so zeros that the model asks for are lost: of negative numbers the largest one comes out where 0 is right. Without optimisations the answer is ONNX's. One
# would have guessed that the two may be joined for convolutions and sums alone. Networks that pool by 2 with a step of 1 ("same" padding, as tiny YOLO) are built so.
. "$(dirname "$0")/common.sh"
{ cat <<'C'
foreach (var level in new[] { Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_DISABLE_ALL, Microsoft.ML.OnnxRuntime.GraphOptimizationLevel.ORT_ENABLE_ALL })
{
    // One row of -3, -2 with a 0 put behind it; windows of two, one apart: the larger of -3 and -2, and the larger of -2 and 0.
    float[] found = OneNode.Two(10, [1, 1, 1, 2], [1, 1, 1, 2], [-3, -2], level,
        ("Pad", [("pads", [0, 0, 0, 0, 0, 0, 0, 1])]), ("MaxPool", [("kernel_shape", [1, 2]), ("strides", [1, 1])]));
    Console.WriteLine($"{level}: {string.Join(", ", found)}");
}
C
cat "$here/onnx-node.cs.txt"; } | program "Microsoft.ML.OnnxRuntime 1.31.1"
still 'ORT_DISABLE_ALL: -2, 0
ORT_ENABLE_ALL: -2, -2'
