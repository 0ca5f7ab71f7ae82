using Fovea.Dictionaries.Plain;
using Fovea.Numerics;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries.Plain;

[Collection(TensorCounts.Name)]
public sealed class NonNegativeCodingMemoryTests
{
    [Fact]
    public void A_table_is_made_for_each_thread_and_not_for_every_16_rows()
    {
        const int Rows = 16 * 40, Directions = 120, Inputs = 150;
        using var scope = NewDisposeScope();
        var random = new CounterRandom(4, "coding", 0);
        Tensor Uniform(int rows) => tensor([.. Enumerable.Range(0, rows * Inputs).Select(_ => (float)random.NextDouble())], [rows, Inputs]);
        Tensor x = Uniform(Rows), directions = Uniform(Directions);
        NonNegativeCoding.Encode(x, directions, null);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        NonNegativeCoding.Encode(x, directions, null);
        long tables = (GC.GetTotalAllocatedBytes(precise: true) - before) / (8L * Directions * Directions);
        // The products, the result, and a table a thread; it was one for each of the 40 pieces.
        Assert.InRange(tables, 0, 12 + Workers.Count);
    }

    [Fact]
    public void More_directions_than_a_table_can_hold_are_refused_before_any_work() =>
        Assert.Contains(
            "16,383", Assert.Throws<FoveaException>(() => NonNegativeCoding.Encode(zeros(1, 1), zeros(20_000, 1), null)).Message,
                StringComparison.Ordinal);
}
