using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary>
/// <c>fovea sae pairs</c>: whether units answer to one factor each, on pairs of generated images that differ in one factor alone, with
/// untrained TopK dictionaries of the same sizes and L0 beside them.
/// </summary>
internal sealed class SaePairsCommand : FoveaCommand
{
    private const int Usual = 200;

    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer = new("--layer") { Description = "Any layer with dictionaries (the first one harvested).", HelpName = "L" };
    private readonly Option<int?> _pairs = SharedOptions.Positive(
        new Option<int?>("--pairs")
        {
            Description = $"Pairs of images for each of {ShapesWorldPairs.Factors.Count} factors ({Usual}).",
            HelpName = "N"
        }, 4);

    public SaePairsCommand(AppEnvironment app)
        : base(app, "pairs", "Whether units answer to one factor each: pairs of ShapesWorld's images that differ in one factor alone.")
    {
        foreach (Option option in (Option[])[_run, _layer, _pairs]) Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea sae pairs --run runs/demo", "fovea sae pairs --run runs/demo --pairs 400 --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string folder = context.Get(_run)!;
        Device device = context.Device();
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        var run = new RunFolder(folder);
        string layer = RunUnits.Layer(settings, context.Get(_layer));
        int pairs = context.Get(_pairs) ?? Usual;
        using ImageModel model = RunModel.Load(run, settings, device);
        model.Layer(layer);
        List<UnitGroup> groups = [UnitGroup.Neurons(layer)];
        try
        {
            foreach (string name in RunUnits.Dictionaries(run, settings, layer))
            {
                groups.Add(RunUnits.Open(run, settings, layer, name, device));
                if (L0(run, layer, name) is { } active)
                    groups.Add(UnitGroup.Latents(layer, $"{name}, untrained", UntrainedDictionary.Of(groups[^1].Autoencoder!, active, settings.Seed)));
            }
            IReadOnlyList<AttributeSelectivity> scores;
            using (ProgressDisplay progress = context.Progress())
            {
                scores = AttributePairs.Measure(model, groups, pairs, settings.Seed,
                    progress.Of<EvaluationProgress>(done => new WorkflowProgress($"pairs {layer}", done.Images, done.Total, "pairs")),
                    context.Cancellation);
            }
            context.Result(new SaePairsResult(run.Root, layer, pairs, scores), text => Print(text, scores));
            return ExitCode.Done;
        }
        finally
        {
            foreach (UnitGroup group in groups) group.Autoencoder?.Dispose();
        }
    }

    /// <summary>How many latents are active at a time; null where the run does not say, and nothing untrained can stand beside it.</summary>
    private static double? L0(RunFolder run, string layer, string name)
    {
        string metrics = Path.Combine(run.Dictionary(layer, name), AutoencoderReport.FileName);
        AutoencoderReport? report = File.Exists(metrics) ? DocumentFile.Read<AutoencoderReport>(metrics) : null;
        return (report?.Validation ?? report?.Train)?.L0;
    }

    private static void Print(TextWriter text, IReadOnlyList<AttributeSelectivity> scores)
    {
        int width = scores.Max(score => score.Name.Length);
        text.WriteLine($"{"".PadRight(width)}  {"units",6}  {"told by one unit (95 %)",-24} {"one unit's share (95 %)",-24} {"selectivity (95 %)",-24} {string.Join(' ', ShapesWorldPairs.Factors.Select(factor => $"{factor,17}"))}");
        foreach (AttributeSelectivity score in scores)
        {
            text.WriteLine($"{score.Name.PadRight(width)}  {score.Units,6}  {Interval(score.Told),-24} {Interval(score.Single),-24} "
                + $"{Interval(new IntervalEstimate(score.Score, score.Lower, score.Upper)),-24} "
                + string.Join(' ', score.Factors.Select(factor => $"{$"{factor.Own:0.00} - {factor.Others:0.00}",17}")));
        }
    }

    private static string Interval(IntervalEstimate one) => $"{one.Value:0.000} ({one.Lower:0.000} to {one.Upper:0.000})";
}
