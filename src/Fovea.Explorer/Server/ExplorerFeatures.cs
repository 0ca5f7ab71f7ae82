namespace Fovea.Explorer.Server;

/// <summary>What the explorer can do, one line each; the order is that of their links and of their parts on a page.</summary>
internal static class ExplorerFeatures
{
    public static IReadOnlyList<IExplorerFeature> All() =>
    [
        new RunFeature(),
        new Compare.CompareFeature(),
        new TakeAway.TakeAwayFeature(),
    ];
}
