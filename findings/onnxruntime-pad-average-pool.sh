#!/usr/bin/env bash
# Microsoft.ML.OnnxRuntime, CPU (30 November 2026): a Pad with zeros and an AveragePool behind it (opset 17, no pads of its own, count_include_pad 0) give other numbers when the graph is optimised
# than when it is not. The optimiser puts the padding into the pooling; with ceil_mode 1 a last window that hangs over the edge then divides by another count. One would have guessed that an
# optimisation moves last bits and no more.
. "$(dirname "$0")/common.sh"
{ cat <<'C'
using Microsoft.ML.OnnxRuntime;
foreach (var level in new[] { GraphOptimizationLevel.ORT_DISABLE_ALL, GraphOptimizationLevel.ORT_ENABLE_ALL })
    Console.WriteLine($"{level}: {string.Join(' ', PaddedMean.Run(level).Select(x => x.ToString("0.0000")))}");
C
cat "$here/onnx-padded-mean.cs.txt"; } | program "Microsoft.ML.OnnxRuntime ${ORT:-1.23.2}"
still 'x'
