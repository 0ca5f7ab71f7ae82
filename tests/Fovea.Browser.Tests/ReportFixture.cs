using Fovea.Explorer;
using Fovea.Explorer.Tests;
using Xunit;

namespace Fovea.Browser.Tests;

/// <summary>One report for all tests of a class.</summary>
public sealed class ReportFixture : IAsyncLifetime
{
    private RunFolderFixture? _run;

    public string Folder { get; private set; } = "";

    /// <summary>One page of each kind.</summary>
    public static string[] Kinds { get; } =
    [
        "index.html", "l/block3/index.html", "l/features.18/s/topk/index.html", "l/features.18/s/topk/f/16/index.html",
            "l/block3/f/4/index.html", "l/block3/i/0/index.html",
    ];

    public string File(string page) => Path.Combine(Folder, page);

    public async ValueTask InitializeAsync()
    {
        _run = RunFolderFixture.Complete();
        Folder = Path.GetDirectoryName(await ReportBuilder.BuildAsync(_run.Folder))!;
    }

    public ValueTask DisposeAsync()
    {
        _run?.Dispose();
        return ValueTask.CompletedTask;
    }
}
