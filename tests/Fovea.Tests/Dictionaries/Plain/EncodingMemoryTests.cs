using Fovea.Dictionaries.Plain;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries.Baselines;

[Collection(TensorCounts.Name)]
public sealed class EncodingMemoryTests
{
    /// <summary>Hundreds of iterations a batch: a tensor left behind in each would fill a machine's memory in minutes.</summary>
    [Fact]
    public void Solving_for_non_negative_codes_leaves_no_tensor_behind()
    {
        using var frozen = no_grad();
        using var x = Samples.Vectors(300, 16, ScalarType.Float32);
        using var directions = Samples.Normal([24, 16], "directions", ScalarType.Float32);
        long before = TensorCounts.Settled();
        for (int i = 0; i < 3; i++)
        {
            using var codes = NonNegativeCoding.Encode(x, directions, 4);
            Assert.Equal(before + 1, TensorCounts.Settled());
        }
        Assert.Equal(before, TensorCounts.Settled());
    }
}
