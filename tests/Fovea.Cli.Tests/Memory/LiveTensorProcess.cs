using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Models;
using Fovea.Runs;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests.Memory;

/// <summary>
/// A process of its own that runs a recipe and counts the tensors that live after each stage, so that no other test's are among them. The
/// collector, which would free what was forgotten, is kept from running.
/// </summary>
internal static class LiveTensorProcess
{
    /// <summary>The word before the command line.</summary>
    public const string Word = "live-tensors";

    private const string Collected = "collected", Network = "network", End = "end";

    /// <summary>What the process found.</summary>
    /// <param name="AfterStages">Tensors that live after each stage, by its name.</param>
    /// <param name="OfNetwork">Those of the run's network, which the stages share.</param>
    /// <param name="AtTheEnd">After the run.</param>
    /// <param name="Collections">How often the collector ran.</param>
    public sealed record Findings(IReadOnlyDictionary<string, long> AfterStages, long OfNetwork, long AtTheEnd, long Collections);

    /// <summary>Starts the process and reads what it found.</summary>
    /// <param name="recipe">The recipe's file.</param>
    /// <param name="run">The run folder.</param>
    public static Findings Run(string recipe, string run)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Word, recipe, run]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_GCgen0size"] = "0x100000000"; // 4 GB: a small run's objects and more
        start.Environment["DOTNET_gcConcurrent"] = "0";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException(output);
        var counts = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        string[] others = [Collected, Network, End];
        return new Findings(
            counts.Where(one => !others.Contains(one.Key)).ToDictionary(), counts[Network], counts[End], counts[Collected]);
    }

    /// <summary>What the started process does.</summary>
    public static int Work(string recipe, string run)
    {
        Recipe read = Recipe.Read(recipe, []);
        var folder = new RunFolder(run);
        void Say(string name, long count) => Console.Out.Write(FormattableString.Invariant($"{name}\t{count}\n"));
        new Workflow(read.Settings, read.Folder, folder, new WorkflowOptions
        {
            Recipe = read.Resolved,
            Log = line =>
            {
                if (line.IndexOf(": done in ", StringComparison.Ordinal) is > 0 and var at) Say(line[..at], Tensor.TotalCount);
            },
        }).Run();
        Say(End, Tensor.TotalCount);
        using ImageModel network = ModelFile.Load(folder.Model, CPU);
        Say(Network, Tensor.TotalCount);
        Say(Collected, GC.CollectionCount(0));
        return 0;
    }
}
