using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea compare</c>: which neurons and which latents react to one image (figures 21 to 24 of the paper).</summary>
internal sealed class CompareCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string> _image = new("--image")
    {
        Description = "An image file, or the id of one of the run's images.",
        HelpName = "FILE|ID",
        Required = true,
    };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer (the first one harvested).", HelpName = "L" };
    private readonly Option<string?> _dictionary =
        new("--dictionary") { Description = "The dictionary (the layer's first).", HelpName = "NAME" };
    private readonly Option<int?> _top = SharedOptions.Positive(
        new Option<int?>("--top") { Description = "Units at the upper end (the recipe's).", HelpName = "N" }, 0);
    private readonly Option<int?> _least = SharedOptions.Positive(
        new Option<int?>("--least") { Description = "Units at the lower end (the recipe's).", HelpName = "N" }, 0);
    private readonly Option<int?> _examples = SharedOptions.Positive(
        new Option<int?>("--examples") { Description = "Dataset images named for each unit (3).", HelpName = "N" }, 0);

    public CompareCommand(AppEnvironment app)
        : base(app, "compare",
            "Network against network + autoencoder on one image: units ranked by Σ|activation|, with their pictures and top dataset "
                + "images.")
    {
        foreach (Option option in (Option[])[_run, _image, _layer, _dictionary, _top, _least, _examples]) Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea compare --run runs/sample --image photo.jpg --top 5 --least 5",
            "fovea compare --run runs/demo --image val/00017 --dictionary l1 --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string folder = context.Get(_run)!;
        torch.Device device = context.Device();
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        var run = new RunFolder(folder);
        string layer = RunUnits.Layer(settings, context.Get(_layer));
        string dictionary = context.Get(_dictionary) ?? RunUnits.Dictionaries(run, settings, layer).FirstOrDefault()
            ?? throw FoveaException.BadConfiguration(
                $"{layer} has no dictionary in this run. Train one: fovea sae train --run {folder} --layer {layer} --arch topk");
        int ends = settings.Features?.CompareUnits ?? new FeatureSettings().CompareUnits;

        var (id, image, className) = RunImages.Find(settings, context.Get(_image)!);
        UnitGroup latents = RunUnits.Open(run, settings, layer, dictionary, device);
        using var autoencoder = latents.Autoencoder;
        var engines = new EnginesSaid();
        using ImageModel model = RunModel.Load(run, settings, device, engines.Add);
        UnitGroup[] groups = [UnitGroup.Neurons(layer), latents];
        var tables = groups.ToDictionary(group => group, group => new UnitTable(run, group, model.Classes));
        IReadOnlyList<ImageRanking> rankings = ImageComparison.Rank(model, groups, image,
            context.Get(_top) ?? ends, context.Get(_least) ?? ends, settings.Seed, (group, unit) => tables[group].IsAlive(unit));
        if (!tables.Values.All(table => table.IsPresent))
            context.Note($"Pictures and dataset images of units are not made yet: fovea visualize --run {folder}");

        int examples = context.Get(_examples) ?? 3;
        IReadOnlyList<RankedUnit> Entries(int side, Func<ImageRanking, IReadOnlyList<UnitMagnitude>> end) =>
            [.. end(rankings[side]).Select(unit => tables[rankings[side].Group].Describe(unit, examples))];
        var result = new CompareResult(run.Root, id, className, layer, dictionary,
            Model: Entries(0, ranking => ranking.Top),
            Sae: Entries(1, ranking => ranking.Top),
            ModelLeast: Entries(0, ranking => ranking.Least),
            SaeLeast: Entries(1, ranking => ranking.Least),
            ModelActive: rankings[0].Active,
            SaeActive: rankings[1].Active,
            Engine: engines.InWords);
        context.Result(result, text =>
        {
            text.WriteLine(className is null ? id : $"{id} ({className})");
            Side(text, $"neurons of {layer} ({rankings[0].Active} of {rankings[0].Units} active)", result.Model, result.ModelLeast);
            Side(text, $"latents of {dictionary} ({rankings[1].Active} of {rankings[1].Units} active)", result.Sae, result.SaeLeast);
            engines.Write(text);
        });
        return ExitCode.Done;
    }

    private static void Side(TextWriter text, string title, IReadOnlyList<RankedUnit> top, IReadOnlyList<RankedUnit> least)
    {
        text.WriteLine(title);
        foreach ((string end, RankedUnit unit) in top.Select(unit => ("top", unit)).Concat(least.Select(unit => ("least", unit))))
            text.WriteLine(
                $"  {end,-5} {unit.Unit,6}  {Humane.Number(unit.Magnitude),-9}  {string.Join(", ", unit.Examples.Select(example => example.ClassName))}");
    }
}
