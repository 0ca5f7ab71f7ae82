using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Package.Tests;

/// <summary>
/// The commands of the tutorial for C#, as written, in a folder that knows nothing of the feed. Packages that the machine has are not fetched again, which would
/// hide a source that is missing: so the sources are looked at, too.
/// </summary>
public sealed class TutorialPackageTests(PackedFeed feed) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-tutorial-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_new_program_takes_the_package_from_the_feed_and_the_rest_from_the_ordinary_source()
    {
        string page = File.ReadAllText(Path.Combine(Checkout.Root, "docs", "tutorial", "csharp.md")).ReplaceLineEndings("\n");
        string block = page.Split("```sh\n")[1].Split("```")[0];
        Assert.Contains("/path/to/FEED", block, StringComparison.Ordinal);
        string commands = block.Replace("/path/to/FEED", feed.Feed, StringComparison.Ordinal)
            .Replace("dotnet add package Fovea\n", $"dotnet add package Fovea --version {feed.Version}\n", StringComparison.Ordinal);
        var followed = feed.Run(_folder, "bash", "-c", "set -e\n" + commands);
        Assert.SkipWhen(followed.Output.Contains("NU1301", StringComparison.Ordinal), "needs the ordinary NuGet source to answer");
        Assert.True(followed.Code == 0, followed.Output);
        string program = Path.Combine(_folder, "taken-apart");
        Assert.Contains($"Include=\"Fovea\" Version=\"{feed.Version}\"", File.ReadAllText(Path.Combine(program, "taken-apart.csproj")), StringComparison.Ordinal);
        string sources = feed.Run(program, "dotnet", "nuget", "list", "source", "--format", "Short").Output;
        Assert.Contains(feed.Feed, sources, StringComparison.Ordinal);
        Assert.True(sources.Split('\n').Count(line => line.StartsWith("E ", StringComparison.Ordinal)) >= 2, sources);
    }
}
