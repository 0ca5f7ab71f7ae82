using Fovea.Explorer.Accuracy;
using Fovea.Explorer.Compare;
using Fovea.Explorer.Jobs;
using Fovea.Explorer.Live;
using Fovea.Explorer.Notes;
using Fovea.Explorer.Relations;
using Fovea.Explorer.Search;
using Fovea.Explorer.TakeAway;

namespace Fovea.Explorer.Server;

/// <summary>What the explorer can do, one line each; the order is that of their links and of their parts on a page.</summary>
internal static class ExplorerFeatures
{
    public static IReadOnlyList<IExplorerFeature> All() =>
    [
        new RunFeature(),
        new LiveFeature(),
        new AccuracyFeature(),
        new PictureFeature(),
        new RelationsFeature(),
        new NotesFeature(),
        new CompareFeature(),
        new TakeAwayFeature(),
        new SearchFeature(),
    ];
}
