using Fovea.Explorer.Components;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Server;

/// <summary>
/// Something that the explorer can do: its pages, its addresses under <c>/api</c>, what it adds to pages of the report. A feature is a folder
/// and a line of <see cref="ExplorerFeatures.All"/> (docs/guide/extend.md).
/// </summary>
internal interface IExplorerFeature
{
    /// <summary>Maps what it answers to. Requests that get there have passed the guards: host, origin, token, size.</summary>
    /// <param name="pages">Addresses of pages, from the root.</param>
    /// <param name="api">Addresses below <c>/api</c>.</param>
    /// <param name="context">The run, and the place for services of its own (<see cref="ExplorerContext.Add"/>).</param>
    void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context);

    /// <summary>Links that it has in the head of every page.</summary>
    IReadOnlyList<NavigationEntry> Navigation => [];

    /// <summary>Scripts of the assets that it has on every page; a page is whole without them.</summary>
    IReadOnlyList<string> Scripts => [];

    /// <summary>Style sheets of the assets that it has on every page, after that of all pages.</summary>
    IReadOnlyList<string> Styles => [];

    /// <summary>Components that it adds below the contents of pages of the run.</summary>
    IReadOnlyList<PagePanel> Panels => [];
}
