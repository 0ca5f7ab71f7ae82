using Xunit;

namespace Fovea.Tests;

/// <summary>Tests that count the tensors alive in the process: nothing else may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class TensorCounts
{
    public const string Name = "tensor counts";
}
