using Fovea.Models.Graph;
using Fovea.Models.Import;
using static TorchSharp.torch;

namespace Fovea.Models.Onnx;

/// <summary>
/// Calculates what is known when a file is read: sizes, masks, index tables. How large a result becomes is known before it is calculated.
/// </summary>
/// <param name="budget">How large.</param>
internal sealed class OnnxFolder(ConstantBudget budget)
{
    /// <summary>How many nodes were calculated.</summary>
    public int Count { get; set; }

    /// <summary>Whether results of these sizes are calculated now; otherwise they are left to the graph.</summary>
    public bool IsSmall(IEnumerable<long[]> sizes) => sizes.All(one => Numbers(one) <= budget.OfOne);

    /// <summary>Accounts for numbers that are kept.</summary>
    public void Reserve(IEnumerable<long[]> sizes)
    {
        foreach (long[] one in sizes)
        {
            if (!budget.Take(Numbers(one))) throw new OnnxRefusedException("the constants that it calculates are larger than a network of this size needs");
        }
    }

    // Beyond what a budget can be, how many does not matter.
    private static long Numbers(long[] sizes) => sizes.Contains(0) ? 0
        : (long)Int128.Min(sizes.Aggregate((Int128)1, (all, size) => all > 1 << 30 ? all : all * size), long.MaxValue);

    /// <summary>One tensor where all are the same: then it depends on no number of images.</summary>
    public static Tensor[] Distinct(Tensor[] at) => at.All(one => ReferenceEquals(one, at[0])
        || one.dtype == at[0].dtype && one.shape.AsSpan().SequenceEqual(at[0].shape) && one.equal(at[0]).all().item<bool>())
        ? [at[0]] : at;

    /// <summary>The results for that many images.</summary>
    public static Tensor[] Run(OnnxStep step, int point, long images)
    {
        using var mode = new ForwardMode();
        var (one, many) = Operators.Get(step.Operator).Bind(step.Attributes);
        Tensor?[] inputs = [.. step.Inputs.Select(input => (input as OnnxValue.Known)?.At(point))];
        try
        {
            var call = new OperatorCall(inputs, mode, -1, images);
            return one is not null ? [one(call)] : many!(call);
        }
        catch (Exception e) when (e is not (OnnxRefusedException or OutOfMemoryException))
        {
            throw new OnnxRefusedException($"it cannot be calculated ({e.Message.Split('\n')[0]})");
        }
    }
}
