using Fovea.Explorer.Notes;
using Fovea.Explorer.Relations;
using Fovea.Explorer.Search;

namespace Fovea.Explorer.Server;

/// <summary>What the explorer can do, one line each; the order is that of their links and of their parts on a page.</summary>
internal static class ExplorerFeatures
{
    public static IReadOnlyList<IExplorerFeature> All() =>
    [
        new RunFeature(),
        new Jobs.PictureFeature(),
        new RelationsFeature(),
        new NotesFeature(),
        new SearchFeature(),
    ];
}
