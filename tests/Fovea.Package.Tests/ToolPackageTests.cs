using System.Text.Json.Nodes;
using Xunit;

namespace Fovea.Package.Tests;

/// <summary>The command, installed as a <c>dotnet tool</c> from the feed into an empty folder.</summary>
public sealed class ToolPackageTests(PackedFeed feed)
{
    private const string Recipe = """
        schema = 1
        name = "tiny"
        seed = 1

        [data]
        source = "shapesworld"
        train_images = 96
        validation_images = 48
        crop = 64

        [model]
        architecture = "small_cnn"

        [train]
        epochs = 1
        learning_rate = 1e-3

        [harvest]
        layers = ["block4"]
        images = 40

        [features]
        pictures = 2
        """;

    [Fact]
    public void The_tool_says_its_version_finds_all_it_needs_and_runs_a_recipe()
    {
        string folder = feed.NewFolder("tool"), tool = Path.Combine(folder, "bin", OperatingSystem.IsWindows() ? "fovea.exe" : "fovea");
        var installed = feed.Run(
            folder, "dotnet", "tool", "install", "Fovea.Cli", "--version", feed.Version, "--tool-path", Path.Combine(folder, "bin"),
                "--source", feed.Feed);
        Assert.True(installed.Code == 0, installed.Output);

        var version = feed.Run(folder, tool, "--version");
        Assert.True(version.Code == 0, version.Output);
        Assert.StartsWith("0.1.0", version.Output, StringComparison.Ordinal);

        // The disk of the machine is not what is tested.
        var doctor = feed.Run(folder, tool, "doctor", "--json");
        JsonArray checks = JsonNode.Parse(doctor.Output)!["checks"]!.AsArray();
        Assert.All(checks.Where(check => (string)check!["name"]! != "disk"),
            check => Assert.True((bool)check!["ok"]!, check.ToJsonString()));

        File.WriteAllText(Path.Combine(folder, "tiny.toml"), Recipe);
        var run = feed.Run(folder, tool, "run", "tiny.toml", "--out", "tiny");
        Assert.True(run.Code == 0, run.Output);
        Assert.True(File.Exists(Path.Combine(folder, "tiny", "report", "index.html")), run.Output);
    }
}
