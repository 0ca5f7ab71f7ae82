using Fovea.Site;
using Fovea.Tests.Shared;

namespace Fovea.Browser.Tests;

/// <summary>The documentation's site, built once for the browser.</summary>
public sealed class DocumentationSite : IDisposable
{
    /// <summary>A page of each kind: words, wide tables, code, a list, a type with many members, a namespace.</summary>
    public static readonly string[] Kinds =
    [
        "index.html", "docs/bench.html", "docs/guide/library.html", "docs/decisions/index.html", "api/index.html",
        "api/Fovea.Models/ImageModel.html",
    ];

    /// <summary>Of these a few that have all that axe can judge: it takes seconds for a long page.</summary>
    public static readonly string[] Judged = ["docs/guide/library.html", "api/Fovea.Datasets/ClassList.html"];

    private readonly string _folder = WorkFolder.Create("fovea-site-");

    public DocumentationSite() => SiteBuilder.Build(Checkout.Root, _folder);

    public string File(string page) => Path.Combine(_folder, page);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
