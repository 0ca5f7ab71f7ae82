using System.Diagnostics;
using System.Text.Json.Nodes;
using Fovea.Cli.Workflows;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary><c>fovea explore</c>: what it is told, what it prints, how it ends.</summary>
public sealed class ExploreCommandTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public ExploreCommandTests() => Assert.Equal(0, _cli.Run("run", _cli.Write("small.toml", Samples.Small), "--out", Run));

    private string Run => _cli.Path_("run");

    public void Dispose() => _cli.Dispose();

    [Fact]
    public void It_prints_one_line_or_one_document_with_the_address()
    {
        Assert.Equal(0, _cli.Run("explore", "--run", Run));
        Assert.Equal("http://127.0.0.1:7341/?token=0123456789abcdef\n", _cli.Output);
        Assert.Equal(0, _cli.Run("explore", "--run", Run, "--port", "8123", "--read-only", "--host-token", "abcdefghijklmnop", "--json"));
        Assert.Equal((1, Run, true), ((int)_cli.Json["schema"]!, (string)_cli.Json["run"]!, (bool)_cli.Json["readOnly"]!));
        Assert.StartsWith("http://127.0.0.1:", (string)_cli.Json["url"]!);
        Assert.Equal([new ExploreRequest(Run, null, null, false, null), new ExploreRequest(Run, null, 8123, true, "abcdefghijklmnop")], _cli.Workflow.Explored);
    }

    [Theory]
    [InlineData(3, "There is no run folder", "--run", "none")]
    [InlineData(3, "is no run folder", "--run", ".")]
    [InlineData(2, "must be at least 1", "--run", "run", "--port", "0")]
    [InlineData(1, "--run", "--read-only")]
    public void What_is_no_run_or_no_port_is_refused(int code, string said, params string[] arguments)
    {
        string[] given = [.. arguments.Select((word, i) => i > 0 && arguments[i - 1] == "--run" ? Path.Combine(_cli.Folder, word) : word)];
        Assert.Equal(code, _cli.Run(["explore", .. given]));
        Assert.Contains(said, _cli.Error);
        Assert.Empty(_cli.Workflow.Explored);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    [InlineData(null, 143)]
    public async Task The_program_serves_until_it_is_told_to_end(string? signal, int expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "signals are sent by kill");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "fovea"), ["explore", "--run", Run, "--json"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (signal is null) start.Environment["FOVEA_END_WITH_INPUT"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new Timer(_ => process.Kill(), null, TimeSpan.FromMinutes(2), Timeout.InfiniteTimeSpan);
        try
        {
            var lines = new List<string>();
            while (lines.LastOrDefault() != "}") lines.Add(await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) ?? "}");
            string url = (string)JsonNode.Parse(string.Concat(lines))!["url"]!;
            using var client = new HttpClient();
            // The first address, its cookie, the page.
            Assert.Contains("Provenance", await client.GetStringAsync(url, TestContext.Current.CancellationToken));
            if (signal is null) process.StandardInput.Close();
            else ProcessSignal.Send(process.Id, signal);
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)));
            string rest = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.Contains("The explorer has ended.", rest);
            Assert.DoesNotContain("bug", rest);
            // The address was the one document.
            Assert.Equal("", (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim());
            Assert.Equal(expected, process.ExitCode);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(url, TestContext.Current.CancellationToken));
        }
        finally
        {
            process.Kill();
        }
    }
}
