using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary>
/// <c>fovea sae compare</c>: whether two dictionaries have found the same directions, as two seeds of a stable training would.
/// </summary>
internal sealed class SaeCompareCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer (the first one harvested).", HelpName = "L" };
    private readonly Option<bool> _eitherSign =
        new("--either-sign")
        {
            Description = "Opposite directions count as the same (|cosine|; codes are never negative, so they are "
            + "not)."
        };
    private readonly Argument<string> _a =
        new("A") { Description = "A dictionary of the layer, or a folder that holds one, e.g. another run's." };
    private readonly Argument<string> _b = new("B") { Description = "The other one." };

    public SaeCompareCommand(AppEnvironment app)
        : base(app, "compare",
            "How alike the directions of two dictionaries are: matched one to one (MCC), and each with its nearest (MMCS).")
    {
        Add(_a);
        Add(_b);
        foreach (Option option in (Option[])[_run, _layer, _eitherSign]) Add(option);
        Add(SharedOptions.Threads);
        Examples = ["fovea sae compare --run runs/demo topk jumprelu",
            "fovea sae compare --run runs/seed1 topk runs/seed2/dictionaries/block4/topk --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string folder = context.Get(_run)!;
        var run = new RunFolder(folder);
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        string layer = RunUnits.Layer(settings, context.Get(_layer));
        using SparseAutoencoder a = Open(run, settings, layer, context.Get(_a)!), b = Open(run, settings, layer, context.Get(_b)!);
        if (a.InputSize != b.InputSize)
            throw FoveaException.BadConfiguration(
                $"{context.Get(_a)} is of vectors of {a.InputSize} components, {context.Get(_b)} of {b.InputSize}: they are of different "
                    + $"layers.");
        var agreement = DictionaryAgreement.Of(a.DecoderWeight, b.DecoderWeight, context.Get(_eitherSign));
        context.Result(
            new SaeCompareResult(
                run.Root, layer, new ComparedDictionary(context.Get(_a)!, a.LatentSize),
                    new ComparedDictionary(context.Get(_b)!, b.LatentSize),
                Signed: !context.Get(_eitherSign), agreement.MatchedCosine, agreement.Pairs, agreement.Coverage,
                    agreement.MeanMaximumCosine, agreement.MeanMaximumCosineBack),
            text =>
            {
                text.WriteLine(
                    $"matched cosine (MCC)  "
                        + $"{Humane.Number(agreement.MatchedCosine)} over {Humane.Count(agreement.Pairs)} pairs, {Humane.Percent(agreement.Coverage)} of the larger");
                text.WriteLine(
                    $"nearest, A among B    {Humane.Number(agreement.MeanMaximumCosine)} (MMCS, {Humane.Count(a.LatentSize)} directions)");
                text.WriteLine(
                    $"nearest, B among A    {Humane.Number(agreement.MeanMaximumCosineBack)} ({Humane.Count(b.LatentSize)} directions)");
            });
        return ExitCode.Done;
    }

    private static SparseAutoencoder Open(RunFolder run, WorkflowSettings settings, string layer, string name)
    {
        string[] names = [.. RunUnits.Dictionaries(run, settings, layer)];
        if (names.Contains(name)) return AutoencoderFile.Load(run.Dictionary(layer, name));
        if (Directory.Exists(name)) return AutoencoderFile.Load(name);
        throw FoveaException.BadConfiguration(
            $"{layer} has no dictionary '{name}', and there is no such folder.{Suggestions.Sentence(name, names)}");
    }
}
