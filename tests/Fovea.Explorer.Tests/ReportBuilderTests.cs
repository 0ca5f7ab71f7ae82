using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Xunit;

namespace Fovea.Explorer.Tests;

public sealed partial class ReportBuilderTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_complete_run_gives_every_page()
    {
        using RunFolderFixture run = await RunFolderFixture.CompleteAsync();

        string index = await ReportBuilder.BuildAsync(run.Folder, Stop);

        Assert.Equal(run.PathOf("report/index.html"), index);
        foreach (string layer in RunFolderFixture.Layers)
        {
            Assert.True(File.Exists(run.PathOf($"report/m/{layer}/index.html")));
            Assert.True(File.Exists(run.PathOf($"report/m/{layer}/f/4/index.html")));
            Assert.True(File.Exists(run.PathOf($"report/i/{layer}/0/index.html")));
            foreach (string name in RunFolderFixture.Dictionaries)
                Assert.True(File.Exists(run.PathOf($"report/s/{layer}/{name}/f/16/index.html")));
        }
        Assert.False(Directory.Exists(run.PathOf("report.partial")));
    }
}
