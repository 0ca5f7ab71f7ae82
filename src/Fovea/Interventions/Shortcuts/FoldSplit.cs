using Fovea.Datasets;
using Fovea.Interpretation.Shortcuts;
using Fovea.Numerics;

namespace Fovea.Interventions.Shortcuts;

/// <summary>
/// Images to choose on and images to judge on: each class and group is cut into halves, drawn by the seed, so that both have the same
/// groups. Images whose group is not known are in neither.
/// </summary>
internal static class FoldSplit
{
    /// <summary>The two halves, ascending.</summary>
    public static (int[] Fold, int[] Test) Of(IImageSource source, IReadOnlyList<int> images, ImageGroups groups, ulong seed)
    {
        List<int> fold = [], test = [];
        int turn = 0;
        foreach (var cell in images.Where(image => groups[image] is not null)
            .GroupBy(image => (Label: source.Label(image), Member: groups[image]!.Value)).OrderBy(cell => cell.Key))
        {
            int[] own = [.. cell];
            new CounterRandom(seed, $"shortcut/fold/{cell.Key.Member}", cell.Key.Label).Shuffle<int>(own);
            // Cells of odd sizes give their last image to either side in turn.
            foreach (int image in own) (turn++ % 2 == 0 ? fold : test).Add(image);
        }
        return ([.. fold.Order()], [.. test.Order()]);
    }
}
