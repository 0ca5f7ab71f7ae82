using System.Diagnostics;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>The tutorial on results in Python, as written: its blocks follow each other in one interpreter; its query runs without Python.</summary>
public sealed class PythonTutorialTests : IDisposable
{
    private static readonly string? Python = Environment.GetEnvironmentVariable("FOVEA_TUTORIAL_PYTHON");
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-python-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_blocks_read_what_a_run_left()
    {
        string python = "";
        foreach (var (kind, name, text) in TutorialBlocks.Of("python.md"))
        {
            switch (kind, name)
            {
                case ("toml" or "csharp", _): File.WriteAllText(Path.Combine(_folder, name), text); break;
                case ("sh", ""): Run("bash", "-c", $"export PATH='{AppContext.BaseDirectory}':$PATH\nset -e\n{text}"); break;
                case ("sh", "dotnet"):
                    string said = Run("bash", "-c", $"set -e\n{text}");
                    Assert.Matches("unit [0-9]+: active at [0-9.,]+ ?% of the positions, its best images are of [1-3] classes", said);
                    break;
                case ("python", "saelens"): break;
                default:
                    Assert.Equal("python", kind);
                    python += text + "\n";
                    break;
            }
        }
        Assert.SkipUnless(Python is not null, "the blocks in Python need numpy, pandas, pyarrow, safetensors and Pillow: FOVEA_TUTORIAL_PYTHON names such a Python");
        File.WriteAllText(Path.Combine(_folder, "page.py"), python);
        string output = Run(Python!, "page.py");
        Assert.Contains("vectors: (19200, 128)", output, StringComparison.Ordinal);
        Assert.Matches("images of unit [0-9]+ by class", output);
        Assert.True(new FileInfo(Path.Combine(_folder, "example.png")).Length > 100);
    }

    private string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder };
        // What the test program was started with would be taken for the settings of another build.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray()) start.Environment.Remove(name);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        var (code, output, error) = SharedRuns.End(Process.Start(start)!);
        Assert.True(code == 0, $"{string.Join(' ', arguments)}: {output}{error}");
        return output;
    }
}
