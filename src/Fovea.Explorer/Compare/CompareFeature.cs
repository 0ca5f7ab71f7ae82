using Fovea.Explorer.Components;
using Fovea.Explorer.Server;
using Fovea.Runs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Fovea.Explorer.Compare;

/// <summary>
/// Two sources of units on one page: which units match, what only one of them has, how far they agree. The sources are dictionaries or
/// neurons of one layer, of two layers, or of the run and another one beside it.
/// </summary>
internal sealed class CompareFeature : IExplorerFeature
{
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The page.</summary>
    public static PageAddress Address { get; } = PageAddress.Served("compare");

    public IReadOnlyList<NavigationEntry> Navigation => [new("Compare", Address)];

    public IReadOnlyList<PagePanel> Panels =>
        [new(PageKind.Dictionary, typeof(CompareLinks)), new(PageKind.Layer, typeof(CompareLinks))];

    public void Map(RouteGroupBuilder pages, RouteGroupBuilder api, ExplorerContext context)
    {
        RunSession? other = context.Options.With is { } with ? new RunSession(new RunFolderReader(with), TimeProvider.System) : null;
        var comparisons = context.Add(new Comparisons(context.Run, other, context.Stopping));
        pages.MapMethods("/compare", Reads, http => PageAsync(http, context, comparisons));
        api.MapMethods("/compare", Reads, http => AnswerAsync(http, comparisons));
        if (other is not null)
            pages.MapMethods("/with/media/{**path}", Reads, http => RunFeature.PictureAsync(http, other, "/with/media/"));
    }

    private static Task PageAsync(HttpContext http, ExplorerContext context, Comparisons comparisons)
    {
        CompareQuery query = CompareQuery.Parse(http.Request.QueryString.Value ?? "");
        IReadOnlyList<ComparedSide> sides = comparisons.Sides();
        if (query.A is null || query.B is null)
        {
            // What is compared most: the first two dictionaries of one layer.
            ComparedSide? a = query.A ?? sides.FirstOrDefault();
            query = query with { A = a, B = query.B ?? sides.Skip(1).FirstOrDefault(side => side != a && !side.Other) };
        }
        Comparison? comparison = query is { A: { } one, B: { } two } ? comparisons.Of(one, two, query.By) : null;
        return query.A is not null && query.B is not null && comparison is null
            ? context.MessageAsync(http, StatusCodes.Status404NotFound, "This run has no such layer or dictionary to compare.")
            : context.PageAsync<ComparePage>(http, Address,
                (nameof(ComparePage.Query), query), (nameof(ComparePage.One), comparison), (nameof(ComparePage.Sides), sides));
    }

    private static Task AnswerAsync(HttpContext http, Comparisons comparisons)
    {
        CompareQuery query = CompareQuery.Parse(http.Request.QueryString.Value ?? "");
        if (query is not { A: { } a, B: { } b })
        {
            return Answers.ProblemAsync(http, StatusCodes.Status400BadRequest,
                "Name two sources: a and b are l/LAYER for its neurons or l/LAYER/s/DICTIONARY, with with/ in front for the other run.");
        }
        return comparisons.Of(a, b, query.By) switch
        {
            null => Answers.ProblemAsync(http, StatusCodes.Status404NotFound, "This run has no such layer or dictionary to compare."),
            { Problem: { } problem } => Answers.ProblemAsync(http, StatusCodes.Status422UnprocessableEntity, problem),
            var found => Answers.JsonAsync(http, CompareAnswer.Of(found, query)),
        };
    }
}
