using System.Diagnostics;
using System.Globalization;
using Fovea.Dictionaries.Sparse;
using Fovea.Tests.Shared;
using Xunit;

[assembly: AssemblyFixture(typeof(Fovea.Cli.Tests.MpiRuns))]

namespace Fovea.Cli.Tests;

/// <summary>
/// A small run whose vectors are harvested and whose dictionaries, one of each variant, wait to be trained; and mpirun to train them with. Skipped where Open MPI
/// is not installed.
/// </summary>
public sealed class MpiRuns : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fovea-mpi-").FullName;
    private readonly Lazy<string> _harvested, _reference, _longReference;
    private int _copies;

    public MpiRuns()
    {
        _harvested = new Lazy<string>(() =>
        {
            string run = Path.Combine(_folder, "harvested"), recipe = Path.Combine(_folder, "recipe.toml");
            File.WriteAllText(recipe, Recipe);
            SharedRuns.Run(["run", recipe, "--out", run, "--threads", "1", "--quiet", "--until", "harvest"]);
            return run;
        });
        _reference = Trained(Variants);
        _longReference = Trained(Long);
    }

    /// <summary>What mpirun needs in a test: it may run as root, keeps to this machine, and starts more processes than there are cores.</summary>
    public static IReadOnlyDictionary<string, string> Variables { get; } = new Dictionary<string, string>
    {
        ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
        ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
        ["OMPI_MCA_oob_tcp_if_include"] = "lo",
        ["OMPI_MCA_btl_tcp_if_include"] = "lo",
        ["OMPI_MCA_rmaps_base_oversubscribe"] = "1",
        // Otherwise one process in some hundred dies in MPI_Init, whatever the program (docs/guide/cluster.md).
        ["SLURM_PMIX_FENCE"] = "tree",
        ["OMP_WAIT_POLICY"] = "passive",
    };

    /// <summary>A dictionary of each variant: the end of a recipe.</summary>
    public static string Variants { get; } = string.Concat(AutoencoderVariants.All.Select(variant => Dictionary(variant.Name, 171, 1, variant.TakesK ? "sparsity = 8" : "")));

    /// <summary>One that takes some hundred steps, with a state every forty.</summary>
    public static string Long { get; } = Dictionary("topk", 50, 12, "checkpoint_every_steps = 40");

    /// <summary>The variants as one process trains them.</summary>
    public string Reference => _reference.Value;

    /// <summary>The long training by one process.</summary>
    public string LongReference => _longReference.Value;

    /// <summary>Skips the test where there is no mpirun of Open MPI.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Open MPI is looked for on Linux");
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "orterun")) || File.Exists(Path.Combine(folder, "prterun"))),
            "needs Open MPI's mpirun (openmpi-bin)");
    }

    /// <summary>A run of its own whose dictionaries are not trained yet.</summary>
    public string Copy(string dictionaries)
    {
        string to = Path.Combine(_folder, $"run{Interlocked.Increment(ref _copies)}");
        FolderCopies.Copy(_harvested.Value, to);
        File.AppendAllText(Path.Combine(to, "recipe.toml"), dictionaries);
        return to;
    }

    /// <summary>The command that trains a run's dictionaries.</summary>
    public static IEnumerable<string> Train(string run) => ["sae", "train", "--run", run, "--threads", "1", "--quiet"];

    /// <summary>Starts a number of processes that train together.</summary>
    public static Process Start(int processes, string run, params string[] more) => StartAll(
        ["-n", processes.ToString(CultureInfo.InvariantCulture), SharedRuns.Program, .. Train(run), "--mpi", .. more]);

    /// <summary>Starts mpirun with its own words.</summary>
    public static Process StartAll(IEnumerable<string> words)
    {
        var start = new ProcessStartInfo("mpirun") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string word in (IEnumerable<string>)["--bind-to", "none", .. words]) start.ArgumentList.Add(word);
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits until a training that was started has a state to go on from.</summary>
    public static void WaitForState(string run, Process training)
    {
        var clock = Stopwatch.StartNew();
        while (!Directory.Exists(Path.Combine(run, "scratch"))
            || !Directory.EnumerateFiles(Path.Combine(run, "scratch"), "state.safetensors", SearchOption.AllDirectories).Any())
        {
            if (training.HasExited || clock.Elapsed > TimeSpan.FromMinutes(2))
            {
                if (!training.HasExited) training.Kill();
                var (code, output, error) = SharedRuns.End(training);
                Assert.Fail($"no state came: {code} {output} {error}");
            }
            Thread.Sleep(5);
        }
    }

    /// <summary>A training has left a run unfinished; this one goes on, and gives what one process gave in one go.</summary>
    public void RequireGoneOn(string run, Func<Process> start)
    {
        Assert.False(File.Exists(Path.Combine(run, "dictionaries", "block4", "topk", "cfg.json")), "the training had ended before");
        var (code, output, error) = SharedRuns.End(start());
        Assert.True(code == 0, error + output);
        RequireSame(LongReference, run);
    }

    /// <summary>Two runs have the same dictionaries.</summary>
    public static void RequireSame(string expected, string run) => Assert.Empty(
        FolderCopies.Differences(Path.Combine(expected, "dictionaries"), Path.Combine(run, "dictionaries")));

    /// <summary>The process of a number among those that train a run; null where it is not there.</summary>
    public static int? ProcessOf(string run, int rank)
    {
        string[] numbers = [FormattableString.Invariant($"OMPI_COMM_WORLD_RANK={rank}"), FormattableString.Invariant($"SLURM_PROCID={rank}")];
        foreach (string folder in Directory.EnumerateDirectories("/proc").Where(folder => Path.GetFileName(folder).All(char.IsAsciiDigit)))
        {
            try
            {
                string[] words = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                if (words[0] != SharedRuns.Program || !words.Contains(run)) continue;
                if (File.ReadAllText(Path.Combine(folder, "environ")).Split('\0').Any(numbers.Contains))
                    return int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // ended meanwhile
            }
        }
        return null;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Lazy<string> Trained(string dictionaries) => new(() =>
    {
        string run = Copy(dictionaries);
        SharedRuns.Run(Train(run));
        return run;
    });

    private static string Dictionary(string variant, int batch, int epochs, string more) => FormattableString.Invariant($"""

        [[dictionary]]
        name = "{variant}"
        layer = "block4"
        architecture = "{variant}"
        expansion = 0.5
        batch_size = {batch}
        shards = 4
        epochs = {epochs}
        gradient_clip = 1.0
        dead_after = 100
        splice = false
        {more}

        """);

    private const string Recipe = """
        schema = 1
        name = "mpi"
        seed = 5

        [data]
        source = "shapesworld"
        train_images = 60
        validation_images = 24
        crop = 64

        [model]
        architecture = "small_cnn"

        [train]
        epochs = 1

        [harvest]
        split = "train"
        layers = ["block4"]
        images = 60
        """;
}
