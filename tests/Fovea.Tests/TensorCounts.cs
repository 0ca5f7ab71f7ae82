using Xunit;

namespace Fovea.Tests;

/// <summary>Tests that count the tensors alive in the process: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TensorCounts
{
    public const string Name = "tensor counts";

    /// <summary>Live tensors once the garbage of earlier tests is finalised: it must not be freed in the middle of a count.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TorchSharp.torch.Tensor.TotalCount;
    }
}
