using System.Diagnostics;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// The short form of the attacks on all readers (docs/reference/attacks.md): a thousand or two changed files for each, always the same ones. What
/// is found there is told with the input.
/// </summary>
public sealed class FuzzTests : IDisposable
{
    private readonly string _findings = Directory.CreateTempSubdirectory("fovea-findings-").FullName;

    public void Dispose() => Directory.Delete(_findings, recursive: true);

    [Fact]
    public async Task Changed_files_are_read_or_refused()
    {
        string[] arguments = [Program, "all", "--plain", "--inputs", "1500", "--minutes", "0.03", "--seed", "1", "--keep", _findings];
        using Process process = Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
        string said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        string[] found = [.. Directory.GetFiles(_findings, "*.txt").Select(file => $"{Path.GetFileName(file)}: {File.ReadAllText(file)}")];
        Assert.True(process.ExitCode == 0, $"{said}\n{string.Join('\n', found)}");
        Assert.Equal(Readers, said.Split('\n').Count(line => line.EndsWith(" 0 findings", StringComparison.Ordinal)));
    }

    private const int Readers = 18;

    // tests/Fovea.Cli.Tests/bin/Release/net10.0/ and tests/fuzz/bin/Release/net10.0/.
    private static string Program => Path.Combine(
        AppContext.BaseDirectory.Replace("Fovea.Cli.Tests", "fuzz", StringComparison.Ordinal), "fovea-fuzz.dll");
}
