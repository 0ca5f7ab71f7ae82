using System.Diagnostics;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Runs;
using static TorchSharp.torch;

namespace Fovea.Cli.Tests.Memory;

/// <summary>
/// A process of its own that runs a recipe stage by stage and counts the tensors that live after each, so that no other test's are among
/// them. The collector, which would free what was forgotten, hardly runs: objects have gigabytes.
/// </summary>
internal static class LiveTensorProcess
{
    /// <summary>The word before the command line.</summary>
    public const string Word = "live-tensors";

    /// <summary>Starts the process and reads how many tensors live after each kind of stage, by its name.</summary>
    /// <param name="recipe">The recipe's file.</param>
    /// <param name="run">The run folder.</param>
    public static IReadOnlyDictionary<string, long> Run(string recipe, string run)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [Word, recipe, run]) { RedirectStandardOutput = true };
        start.Environment["DOTNET_GCgen0size"] = "0x100000000";
        start.Environment["DOTNET_GCLOHThreshold"] = "0x8000000";
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException(output);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
    }

    /// <summary>What the started process does: a run until each stage, which is then the only one that it makes.</summary>
    public static int Work(string recipe, string run)
    {
        Recipe read = Recipe.Read(recipe, []);
        foreach (var group in Workflow.Groups(read.Settings))
        {
            _ = new Workflow(read.Settings, read.Folder, new RunFolder(run), new WorkflowOptions { Recipe = read.Resolved, Until = group.Name }).Run();
            Console.Out.Write(FormattableString.Invariant($"{group.Name}\t{Tensor.TotalCount}\n"));
        }
        return 0;
    }
}
