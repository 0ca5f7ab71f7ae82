using Fovea.Interpretation;
using Xunit;

namespace Fovea.Tests.Interpretation;

public sealed class ClassFeaturesTests
{
    private static readonly IReadOnlyCollection<int>[] Classes = [[7], [8], [7, 3], [], [8], [1], [7], [7]];

    // 0 and 2 share three of four images (Jaccard 0.6), 2 and 4 half of their union (0.5: not above); 6 stands alone, 7 is silent.
    private static readonly IReadOnlyCollection<int>[] Sets =
        [[1, 2, 3, 4], [50], [1, 2, 3, 5], [60], [1, 2, 3, 5, 6, 7, 8, 9], [70], [80, 81], [1, 2, 3, 4]];

    private static readonly ImageRanking Ranking = new(UnitGroup.Neurons("layer"),
        [new(4, 9), new(0, 8), new(5, 7), new(2, 6), new(6, 5), new(3, 4), new(1, 3), new(7, 0)], [], 7, 8);

    [Fact]
    public void Related_units_are_counted_and_copies_once()
    {
        var count = ClassFeatures.Count(Ranking, Classes, Sets, new HashSet<int> { 7, 8 }, alive: 7);
        Assert.Equal((7, 5, 4), (count.Top, count.Related, count.Distinct)); // 7 is silent; 0 and 2 are one
        Assert.Equal([[4], [0, 2], [6], [1]], count.Features);
        Assert.Equal(7 * 6 / 7.0, count.Expected, 1e-12); // of the units that can be among the top

        var few = ClassFeatures.Count(Ranking, Classes, Sets, new HashSet<int> { 7 }, 7, top: 4);
        Assert.Equal((4, 2, 1), (few.Top, few.Related, few.Distinct));
        Assert.Equal(4, ClassFeatures.Count(Ranking, Classes, Sets, new HashSet<int> { 7, 8 }, 7, overlap: 0.5).Distinct);
        Assert.Equal(3, ClassFeatures.Count(Ranking, Classes, Sets, new HashSet<int> { 7, 8 }, 7, overlap: 0.49).Distinct);
        Assert.Equal(5, ClassFeatures.Count(Ranking, Classes, Sets, new HashSet<int> { 7, 8 }, 7, overlap: 0.6).Distinct);
        Assert.Equal(0, ClassFeatures.Count(Ranking, Classes, Sets, new HashSet<int> { 4 }, 7).Distinct);
    }

    [Fact]
    public void A_unit_between_two_features_joins_them()
    {
        var ranking = new ImageRanking(UnitGroup.Neurons("layer"), [new(0, 9), new(1, 8), new(2, 7)], [], 3, 3);
        IReadOnlyCollection<int>[] sets = [[1, 2, 3, 4], [3, 4, 5, 6], [2, 3, 4, 5]];
        var count = ClassFeatures.Count(ranking, [[0], [0], [0]], sets, new HashSet<int> { 0 }, 3);
        Assert.Equal([[0, 1, 2]], count.Features);
    }

    [Fact]
    public void The_top_class_has_the_largest_mean_above_zero()
    {
        Assert.Equal([2], ClassFeatures.TopClass([0.1, double.NaN, 0.5, 0.4]));
        Assert.Empty(ClassFeatures.TopClass([0, double.NaN, -1]));
        Assert.Throws<ArgumentException>(() => ClassFeatures.Count(Ranking, Classes, Sets[..3], new HashSet<int> { 1 }, 7));
    }
}
