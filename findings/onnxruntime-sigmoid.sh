#!/usr/bin/env bash
# Microsoft.ML.OnnxRuntime 1.31.1, CPU (28 November 2026): Sigmoid of single-precision numbers is an approximation with an absolute error of about 1e-7, not a few units in the last
# place: sigmoid(-15) is 17 % too large, sigmoid(-17) more than twice the true value, and from -18 on it is exactly 0, where the true value is a normal number down to -87. One would
# have guessed rounding errors only. Where small answers count (gates, rare classes, logarithms of them), compare by absolute differences, or write 1 / (1 + exp(-x)) into the graph.
. "$(dirname "$0")/common.sh"
{ cat <<'C'
foreach (float x in new[] { -5f, -10, -15, -17, -18, -30 })
{
    double y = OneNode.Run(17, "Sigmoid", [1], [x])[0], exact = 1 / (1 + Math.Exp(-x));
    Console.WriteLine($"sigmoid({x}) / true value = {y / exact:0.00}");
}
C
cat "$here/onnx-node.cs.txt"; } | program "Microsoft.ML.OnnxRuntime 1.31.1"
still 'sigmoid(-5) / true value = 1.00
sigmoid(-10) / true value = 1.00
sigmoid(-15) / true value = 1.17
sigmoid(-17) / true value = 2.16
sigmoid(-18) / true value = 0.00
sigmoid(-30) / true value = 0.00'
