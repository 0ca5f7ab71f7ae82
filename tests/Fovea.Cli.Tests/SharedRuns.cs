using System.Diagnostics;
using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>
/// A small form of the demo whose harvest has several parts, carried out by one process in one go, and the folder in which others carry it
/// out together: the same, since the report tells it from where it lies.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SharedRuns : IDisposable, ICollectionFixture<SharedRuns>
{
    /// <summary>The tests that share it, one after the other.</summary>
    public const string Name = "shared runs";

    /// <summary>The settings.</summary>
    public static readonly string[] Settings =
    [
        "data.train_images=120", "data.validation_images=48", "train.epochs=1", "train.checkpoint_every_steps=2", "harvest.images=120",
        "harvest.batch_size=10", "harvest.shard_megabytes=1", "dictionary.*.epochs=1", "sweep.*.epochs=1",
        "sweep.*.baseline_expansion=0.25", "sweep.*.baselines=pca", "features.steps=2", "features.pictures=1", "features.seeds=2", "features.side_by_side=1", "features.compare_units=1",
        "features.examples=1", "features.batch_size=2",
    ];

    private readonly Lazy<string> _reference, _trained;

    public SharedRuns()
    {
        _reference = Kept("reference");
        _trained = Kept("trained", "--part", "1/1", "--until", "train");
    }

    /// <summary>A folder of the tests' own.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("fovea-shared-").FullName;

    /// <summary>The run folder.</summary>
    public string RunFolder => Path.Combine(Folder, "run");

    /// <summary>What one process made of it.</summary>
    public string Reference => _reference.Value;

    /// <summary>The run when it has its network and nothing else.</summary>
    public string Trained => _trained.Value;

    /// <summary>The recipe.</summary>
    public static string Recipe => Path.Combine(Checkout.Root, "recipes", "demo.toml");

    /// <summary>The program.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "fovea");

    /// <summary><c>--set</c> for each setting.</summary>
    public static IEnumerable<string> Sets => Settings.SelectMany(one => new[] { "--set", one });

    /// <summary>The command, without the program's name.</summary>
    public string[] Command(params string[] more) => ["run", Recipe, "--out", RunFolder, "--threads", "1", "--quiet", .. Sets, .. more];

    /// <summary>Starts the program.</summary>
    public static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for its end; gives its exit code and what it said.</summary>
    public static (int Code, string Output, string Error) End(Process process)
    {
        using (process)
        {
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
    }

    /// <summary>Runs the program, which must end well.</summary>
    public static string Run(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var (code, output, error) = End(Start(arguments, environment));
        return code == 0 ? output : throw new InvalidOperationException($"exit code {code}: {output}{error}");
    }

    private Lazy<string> Kept(string name, params string[] more) => new(() =>
    {
        Run(Command(more));
        string kept = Path.Combine(Folder, name);
        Directory.Move(RunFolder, kept);
        return kept;
    });

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
