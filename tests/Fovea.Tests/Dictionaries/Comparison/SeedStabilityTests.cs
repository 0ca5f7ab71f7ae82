using Fovea.Dictionaries.Comparison;
using Xunit;
using static TorchSharp.torch;

namespace Fovea.Tests.Dictionaries;

public sealed class SeedStabilityTests
{
    /// <summary>Codes are never negative: a dictionary and its negative have not found the same features.</summary>
    [Fact]
    public void A_dictionary_and_its_negative_do_not_agree()
    {
        using var scope = NewDisposeScope();
        var directions = eye(6);
        var opposite = SeedStability.Of([directions, -directions]);
        Assert.Equal(0, opposite.MaximumCosine, 12);
        Assert.InRange(opposite.MatchedCosine, -1, 1e-12);
        var random = Samples.Normal([40, 16], "stability", ScalarType.Float32);
        var same = SeedStability.Of([random, random.flip(0) * 2]);
        Assert.Equal((1.0, 1.0), (Math.Round(same.MatchedCosine, 9), Math.Round(same.MaximumCosine, 9)));
        Assert.InRange(SeedStability.Of([random, -random]).MatchedCosine, -1, 0.9);
    }

    [Fact]
    public void One_seed_is_no_stability() => Assert.Throws<ArgumentException>(() => SeedStability.Of([eye(3)]));
}
