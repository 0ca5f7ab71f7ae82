using System.Diagnostics;
using System.Text.Json.Nodes;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The program in languages with other decimal signs, calendars and letters; and the scripts of <c>tests/faults</c>.</summary>
[Collection(SharedRuns.Name)]
public sealed class LanguageTests(SharedRuns runs, ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-language-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The runtime takes the language up only where it is told to and finds libicu: the program is built without.</summary>
    [Theory]
    [InlineData("de_DE.UTF-8")]
    [InlineData("th_TH.UTF-8")]
    [InlineData("tr_TR.UTF-8")]
    [InlineData("ar_SA.UTF-8")]
    [InlineData("sv_SE.UTF-8")]
    public void Numbers_are_read_and_written_alike_in_every_language(string language)
    {
        var spoken = new Dictionary<string, string> { ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0", ["LC_ALL"] = language, ["LANG"] = language };
        Assert.SkipWhen(SharedRuns.End(SharedRuns.Start(["version"], spoken)).Code != 0, "needs libicu");
        string[][] commands =
        [
            ["model", "export", "--out", Path.Combine(_folder, "net.onnx"), "--arch", "small_cnn", "--weights", Path.Combine(runs.Trained, "model", "weights.safetensors"), "--leaky-slope", "0.125", "--force", "--json"],
            ["harvest", "--run", runs.Trained, "--part", "1/2", "--lease", "x"],
            ["slurm", SharedRuns.Recipe, "--out", Path.Combine(_folder, "run"), "--set", "train.learning_rate=0.25", "--json"],
            ["demo", "--out", Path.Combine(_folder, "run"), "--set", "train.learning_rate=0,25", "--dry-run"],
            ["weights", "inspect", Path.Combine(runs.Trained, "model", "weights.safetensors")],
        ];
        foreach (string[] command in commands)
        {
            var plain = SharedRuns.End(SharedRuns.Start(command));
            byte[]? written = command[0] == "model" ? File.ReadAllBytes(command[3]) : null;
            Assert.Equal(plain, SharedRuns.End(SharedRuns.Start(command, spoken)));
            if (written is not null) Assert.Equal(written, File.ReadAllBytes(command[3]));
            if (command.Contains("--json")) Assert.NotNull(JsonNode.Parse(plain.Output));
        }
    }

    [Theory]
    [InlineData("full-disk.sh", "bytes", "30")]
    [InlineData("full-disk.sh", "inodes", "12")]
    [InlineData("full-disk-after.sh", "0", "24")]
    [InlineData("locales.sh")]
    [InlineData("rights.sh")]
    [InlineData("clock.sh")]
    [InlineData("case-insensitive.sh")]
    public void The_long_form(string script, params string[] arguments)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("FOVEA_FAULTS") == "1", "minutes each: FOVEA_FAULTS=1");
        var start = new ProcessStartInfo("bash", [Path.Combine(Checkout.Root, "tests", "faults", script), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["FOVEA"] = SharedRuns.Program;
        var (code, said, error) = SharedRuns.End(Process.Start(start)!);
        output.WriteLine(said);
        Assert.SkipWhen(code == 77, said);
        Assert.True(code == 0, said + error);
    }
}
