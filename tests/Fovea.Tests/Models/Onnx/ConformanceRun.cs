using Fovea.Models.Onnx;
using static TorchSharp.torch;

namespace Fovea.Tests.Models.Onnx;

/// <summary>What became of a case.</summary>
internal enum ConformanceOutcome
{
    /// <summary>Its numbers come out, by a graph and where there is something to calculate while reading, by that.</summary>
    Passed,

    /// <summary>It has an operator or a type that is not read.</summary>
    Outside,

    /// <summary>Other numbers, or an error.</summary>
    Failed,
}

/// <summary>A case as it went.</summary>
/// <param name="Case">The case.</param>
/// <param name="Operators">ONNX's names of its operators.</param>
/// <param name="Opset">The version of the operators.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Why">Why it is outside, or what went wrong.</param>
internal sealed record ConformanceResult(
    ConformanceCase Case, IReadOnlyList<string> Operators, long Opset, ConformanceOutcome Outcome, string Why);

/// <summary>
/// Runs cases twice: with all inputs known, so that everything is calculated while the file is read, and with those inputs unknown that a
/// network could make of images, so that a graph of the catalogue's operations is run.
/// </summary>
internal static class ConformanceRun
{
    private static readonly HashSet<string> Control =
    [
        "If", "Loop", "SequenceEmpty", "SequenceConstruct", "SequenceInsert", "SequenceErase", "SequenceAt", "SequenceLength",
        "ConcatFromSequence",
    ];

    // How much they make follows from numbers: those are known when the file is read, or the network is refused.
    private static readonly HashSet<string> OnlyKnown = ["Range", "ConstantOfShape", "NonZero", "Loop", "If"];

    public static ConformanceResult Of(ConformanceCase one, string scratch)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        OnnxModel model;
        using (var reader = new ProtoReader(one.Model)) model = new OnnxParser(reader).Read();
        string[] operators = [.. model.Graph!.Nodes
            .Select(node => node.Domain.Length > 0 ? $"{node.Domain}.{node.Operator}" : node.Operator).Distinct()
            .Order(StringComparer.Ordinal)];
        long opset = model.Opsets.GetValueOrDefault("", 1);
        if (operators.FirstOrDefault(name => !OnnxOperators.Names.Contains(name) && !Control.Contains(name)) is { } unknown)
            return new(one, operators, opset, ConformanceOutcome.Outside, unknown);
        if (ConformanceExceptions.Reason(one) is { } reason) return new(one, operators, opset, ConformanceOutcome.Outside, reason);
        IReadOnlyList<Tensor> inputs;
        IReadOnlyList<(Tensor Value, long Type)> outputs;
        try
        {
            (inputs, outputs) = one.Read(scratch);
        }
        catch (FoveaException)
        {
            return new(one, operators, opset, ConformanceOutcome.Outside, "types of numbers that libtorch has no tensors of, lists, texts");
        }
        string[] names = [.. model.Graph.Inputs.Select(input => input.Name)];
        string wrong = Compared(one, names, inputs, outputs, _ => false);
        if (wrong.Length == 0 && !operators.Any(OnlyKnown.Contains) && inputs.Count > 0)
        {
            wrong = Compared(one, names, inputs, outputs, i => inputs[i].is_floating_point());
            if (wrong.Length > 0 || !inputs.Any(input => input.is_floating_point()))
                wrong = Compared(one, names, inputs, outputs, i => i == 0) is { Length: > 0 } other ? $"{wrong} | {other}" : "";
        }
        return new(one, operators, opset, wrong.Length == 0 ? ConformanceOutcome.Passed : ConformanceOutcome.Failed, wrong);
    }

    private static string Compared(ConformanceCase one, string[] names, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<(Tensor Value, long Type)> expected, Func<int, bool> unknown)
    {
        try
        {
            Dictionary<string, Tensor> run = [], known = [];
            for (int i = 0; i < inputs.Count; i++) (unknown(i) ? run : known)[names[i]] = inputs[i];
            Tensor[] actual = OnnxRun.Here(one.Model, run, known);
            for (int i = 0; i < expected.Count; i++)
            {
                string wrong = Difference(actual[i], expected[i].Value, expected[i].Type, ConformanceExceptions.Tolerance(one));
                if (wrong.Length > 0) return $"output {i}: {wrong}";
            }
            return "";
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return $"{e.GetType().Name}: {e.Message.Replace('\n', ' ')}";
        }
    }

    /// <summary>What differs; "" where nothing does.</summary>
    private static string Difference(Tensor actual, Tensor expected, long type, double tolerance)
    {
        if (!actual.shape.AsSpan().SequenceEqual(expected.shape))
            return $"[{string.Join(", ", actual.shape)}] where [{string.Join(", ", expected.shape)}] is expected";
        if (actual.is_floating_point() != expected.is_floating_point()
            || (actual.dtype == ScalarType.Bool) != (expected.dtype == ScalarType.Bool))
            return $"{actual.dtype} where {expected.dtype} is expected";
        if (expected.numel() == 0) return "";
        if (!expected.is_floating_point())
            return actual.to(int64).equal(expected.to(int64)).all().item<bool>() ? "" : "other whole numbers";
        // Half precision has 10 bits, its short form 7; all is calculated in single precision here.
        double relative = type switch { 10 => 2e-3, 16 => 1e-2, _ => tolerance };
        Tensor a = actual.to(float64), b = expected.to(float64);
        Tensor same = a.eq(b).logical_or(a.isnan().logical_and(b.isnan()));
        Tensor off = (a - b).abs().masked_fill(same, 0);
        double largest = b.abs().masked_fill(b.isfinite().logical_not(), 0).max().item<double>();
        double worst = off.nan_to_num(double.PositiveInfinity).max().item<double>();
        return worst <= relative * Math.Max(largest, 1e-2) ? ""
            : FormattableString.Invariant($"{worst:G3} apart, the largest is {largest:G3}");
    }
}
