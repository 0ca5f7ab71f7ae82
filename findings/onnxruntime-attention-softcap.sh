#!/usr/bin/env bash
# Microsoft.ML.OnnxRuntime 1.31.1, CPU (28 November 2026): Attention (opset 23) with softcap and a mask. ONNX's reference adds the mask to the scores first and puts softcap * tanh(x / softcap) over the sum, so
# that minus infinity becomes -softcap and a masked key still counts; ONNX Runtime caps first and masks then. One would have guessed that an operator with published test cases means the same in both, whichever order that is.
# The input: one query, two keys, the second one masked by minus infinity, softcap 2; all scores are 0 without the mask.
. "$(dirname "$0")/common.sh"
{ cat <<'C'
float[] one = [0f], keys = [0f, 0], values = [1f, 3], mask = [0f, float.NegativeInfinity];
byte[] node = [.. Text(1, "q"), .. Text(1, "k"), .. Text(1, "v"), .. Text(1, "m"), .. Text(2, "y"), .. Text(4, "Attention"),
    .. Field(5, Text(1, "softcap"), [(2 << 3) | 5, .. BitConverter.GetBytes(2f)], Number(20, 1))];
byte[] model = [.. Number(1, 11), .. Field(7, Field(1, node), Text(2, "g"), Value(11, "q", [1, 1, 1, 1]), Value(11, "k", [1, 1, 2, 1]),
    Value(11, "v", [1, 1, 2, 1]), Value(11, "m", [1, 2]), Value(12, "y", [1, 1, 1, 1])), .. Field(8, Text(1, ""), Number(2, 23))];
using var session = new Microsoft.ML.OnnxRuntime.InferenceSession(model);
using var run = new Microsoft.ML.OnnxRuntime.RunOptions();
using var q = Of(one, [1, 1, 1, 1]);
using var k = Of(keys, [1, 1, 2, 1]);
using var v = Of(values, [1, 1, 2, 1]);
using var m = Of(mask, [1, 2]);
using var answers = session.Run(run, ["q", "k", "v", "m"], [q, k, v, m], ["y"]);
float runtime = answers[0].GetTensorDataAsSpan<float>()[0];
double Soft(double first, double second) => (Math.Exp(first) * values[0] + Math.Exp(second) * values[1]) / (Math.Exp(first) + Math.Exp(second));
double maskedFirst = Soft(2 * Math.Tanh(0 / 2.0), 2 * Math.Tanh(double.NegativeInfinity)), cappedFirst = Soft(2 * Math.Tanh(0 / 2.0), double.NegativeInfinity);
Console.WriteLine($"ONNX Runtime {runtime:0.000}; masked and then capped (ONNX's reference) {maskedFirst:0.000}; capped and then masked {cappedFirst:0.000}");

static Microsoft.ML.OnnxRuntime.OrtValue Of(float[] x, long[] shape) => Microsoft.ML.OnnxRuntime.OrtValue.CreateTensorValueFromMemory(x, shape);
static byte[] Varint(ulong v) { List<byte> all = []; for (; v >= 128; v >>= 7) all.Add((byte)(v | 128)); all.Add((byte)v); return [.. all]; }
static byte[] Number(int field, long value) => [.. Varint((ulong)(field << 3)), .. Varint((ulong)value)];
static byte[] Field(int field, params byte[][] parts) { byte[] all = [.. parts.SelectMany(p => p)]; return [.. Varint((ulong)(field << 3 | 2)), .. Varint((ulong)all.Length), .. all]; }
static byte[] Text(int field, string text) => Field(field, System.Text.Encoding.UTF8.GetBytes(text));
static byte[] Value(int field, string name, long[] shape) =>
    Field(field, Text(1, name), Field(2, Field(1, Number(1, 1), Field(2, [.. shape.SelectMany(size => Field(1, Number(1, size)))]))));
C
} | program "Microsoft.ML.OnnxRuntime 1.31.1"
still 'ONNX Runtime 1.000; masked and then capped (ONNX'"'"'s reference) 1.238; capped and then masked 1.000'
