using Fovea.Runs.Settings;
using Fovea.Runs.Stages.Features;
using Xunit;

namespace Fovea.Tests.Runs;

/// <summary>Pictures of a group of units in pieces.</summary>
public sealed class RenderSetTests
{
    private static readonly FeatureSettings Settings =
        new() { Pictures = 40, SideBySide = 3, Presets = ["naive", "maco"], Seeds = 2, BatchSize = 3, CompareUnits = 2 };

    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    [InlineData(null)]
    public void Every_place_of_every_set_is_in_one_piece_and_no_part_is_small_but_the_last(int? batch)
    {
        FeatureSettings settings = Settings with { BatchSize = batch };
        var parts = RenderSet.Parts(settings, units: 1000);
        Assert.True(parts.Count > 1);
        int[] sizes = new int[parts.Count];
        foreach (RenderSet set in RenderSet.All(settings))
        {
            int most = set.Of switch { RenderedUnits.All => 44, RenderedUnits.Gallery => 40, _ => 3 };
            for (int place = 0; place < most; place++)
            {
                int[] found = [.. parts.Index().Where(part => part.Item.Any(
                    piece => piece.Set == set && place >= piece.First && place < piece.End)).Select(part => part.Index)];
                sizes[Assert.Single(found)]++;
            }
        }
        Assert.Equal(44 + 40 + 4 * 3, sizes.Sum());
        Assert.All(sizes.SkipLast(1), size => Assert.InRange(size, batch is null ? 32 : Math.Max(8, batch.Value), int.MaxValue));
    }

    [Fact]
    public void Sets_are_in_the_order_of_the_results() => Assert.Equal(
        ["paper 0 All", "naive 0 SideBySide", "maco 0 SideBySide", "paper 1 Gallery", "naive 1 SideBySide", "maco 1 SideBySide"],
        RenderSet.All(Settings).Select(set => $"{set.Preset} {set.Again} {set.Of}"));

    [Fact]
    public void What_would_be_one_part_is_left_to_the_group_s_results()
    {
        Assert.Empty(RenderSet.Parts(Settings, units: 1));
        Assert.Empty(RenderSet.Parts(Settings with { Pictures = 0, CompareUnits = 0 }, units: 1000));
        Assert.Equal(2, RenderSet.Parts(Settings with { Pictures = 10, SideBySide = 0, Seeds = 1, CompareUnits = 0 }, units: 1000).Count);
    }
}
