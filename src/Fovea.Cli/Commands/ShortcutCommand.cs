using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.Interventions.Shortcuts;
using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary>
/// <c>fovea shortcut</c>: units that push towards a class for reasons outside the object, and what muting them does to each group of
/// images.
/// </summary>
internal sealed class ShortcutCommand : FoveaCommand
{
    /// <summary>Images of a generated run, which has as many as one likes.</summary>
    private const int Generated = 4800;

    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer = new("--layer") { Description = "Any layer (the first one harvested).", HelpName = "L" };
    private readonly Option<string[]> _sources = new("--source")
    {
        Description = "Units: neurons, or names of the layer's dictionaries (all).",
        HelpName = "NAME",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string[]> _classes = new("--class")
    {
        Description = "Classes to look into, by id or name (the one that the group shifts most).",
        HelpName = "C",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string?> _groups = new("--groups")
    {
        Description = "A CSV with the columns image and group (what the recipe planted; else none).",
        HelpName = "FILE",
    };
    private readonly Option<string?> _group = new("--group")
    {
        Description = "The suspected value of the column group (1 of 0 and 1, yes of no and yes).",
        HelpName = "VALUE",
    };
    private readonly Option<string?> _masks = new("--masks")
    {
        Description = "A folder of object masks, white on black, IMAGE.png each (what is known of generated images; else a guess).",
        HelpName = "DIR",
    };
    private readonly Option<int?> _images = SharedOptions.Positive(
        new Option<int?>("--images")
        {
            Description = "Images, drawn with the run's seed: validation images (all), of generated ones a split of its own (4800).",
            HelpName = "N"
        });
    private readonly Option<string?> _reference = new("--reference")
    {
        Description = "A run whose network does not know the shortcut: what was lost is measured against it.",
        HelpName = "DIR",
    };
    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Where shortcuts.json, the table and the pictures go (RUN/shortcuts/LAYER).",
        HelpName = "DIR"
    };

    public ShortcutCommand(AppEnvironment app)
        : base(app, "shortcut", "Units that push towards a class for reasons outside the object, and what muting them does to each group.")
    {
        foreach (Option option in (Option[])[_run, _layer, _sources, _classes, _groups, _group, _masks, _images, _reference, _out])
            Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea shortcut --run runs/shapesworld-shortcut --reference runs/shapesworld-plain",
            "fovea shortcut --run runs/birds --groups places.csv --group water --class waterbird --json",
            "fovea shortcut --run runs/birds --masks masks"];
    }

    protected override int Execute(CommandContext context)
    {
        string folder = context.Get(_run)!;
        Device device = context.Device();
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        var run = new RunFolder(folder);
        string layer = context.Get(_layer) ?? RunUnits.Layer(settings, null);
        if (!NetworkClasses.AreOfImages(settings.Model))
            throw FoveaException.BadConfiguration("The classes of the images are not the network's ([model] classes): nothing is right or wrong.");
        if (context.Get(_group) is not null && context.Get(_groups) is null)
            throw FoveaException.BadConfiguration("--group is a value of the file of --groups, which is not given.");
        string destination = Path.GetFullPath(context.Get(_out) ?? run.Shortcuts(layer));
        using FolderLock? held = FolderLock.TakeFor(run.Root, destination);
        using ImageModel model = RunModel.Load(run, settings, device);
        model.RequireClasses();
        model.Layer(layer);
        int[] classes = [.. context.Get(_classes)!.Select(name => ClassNames.One(model, name))];
        using ImageModel? reference = context.Get(_reference) is { } other ? Reference(other, device) : null;
        using IImageSource source = Source(settings, context.Get(_images));
        ImageGroups? groups = context.Get(_groups) is { } file ? ImageGroups.Read(file, source, context.Get(_group))
            : ImageGroups.Planted(source);
        ImageBackground background = context.Get(_masks) is { } masks ? ImageBackground.Masks(masks, source) : ImageBackground.Of(source);
        if (groups is not null && groups.Known < source.Count && context.Get(_groups) is { } told)
            context.Warn($"{told} says nothing of {Humane.Count(source.Count - groups.Known)} of the {Humane.Count(source.Count)} images: they are left out.");
        if (context.Get(_masks) is { } where)
        {
            var (there, empty) = background.Known(source, Chosen(source, settings.Seed, context.Get(_images)));
            int looked = context.Get(_images) is { } most ? Math.Min(most, source.Count) : source.Count;
            if (there < looked) context.Warn($"{where} has masks for {Humane.Count(there)} of {Humane.Count(looked)} images: what lies in the background is told by these alone.");
            if (empty > 0) context.Warn($"In {Humane.Count(empty)} of the {Humane.Count(there)} masks there is no object, or nothing else: they tell nothing.");
        }
        List<UnitGroup> units = [];
        try
        {
            string[] names = context.Get(_sources) is { Length: > 0 } asked ? [.. asked.Distinct()]
                : [UnitGroup.NeuronsName, .. RunUnits.Dictionaries(run, settings, layer)];
            foreach (string name in names) units.Add(RunUnits.Open(run, settings, layer, name, device));
            var options = new ShortcutOptions
            {
                Groups = groups,
                Background = background,
                Classes = classes,
                Images = Chosen(source, settings.Seed, context.Get(_images)),
                Reference = reference,
                Seed = settings.Seed,
            };
            ShortcutsDocument report;
            using (ProgressDisplay progress = context.Progress())
            {
                ShortcutFindings found = ShortcutStudy.Run(model, layer, units, source, options,
                    progress.Of<EvaluationProgress>(done => new WorkflowProgress($"shortcuts of {layer}", done.Images, done.Total, "images")),
                    context.Cancellation);
                report = ShortcutFolder.Write(destination, model, source, found, groups, context.Cancellation);
            }
            context.Result(
                new ShortcutResult(
                    run.Root, Path.Combine(destination, ShortcutsDocument.FileName), Path.Combine(destination, ShortcutRow.FileName),
                    Path.Combine(destination, ShortcutFolder.GroupsName), report),
                text => Print(text, report));
            return ExitCode.Done;
        }
        finally
        {
            foreach (UnitGroup group in units) group.Autoencoder?.Dispose();
        }
    }

    protected override string AfterInterruption(CommandContext context) => "Give the same command again.";

    /// <summary>Images that nothing was trained on; of generated ones those that training did not even evaluate on.</summary>
    private static IImageSource Source(WorkflowSettings settings, int? count)
    {
        if (!RunSources.IsGenerated(settings.Data.Source)) return RunSources.Open(settings, training: false, Environment.CurrentDirectory);
        return RunSources.Judged(settings, count ?? Generated);
    }

    private static int[]? Chosen(IImageSource source, ulong seed, int? count) => count is not { } most || most >= source.Count ? null
        : [.. new CounterRandom(seed, "shortcut/images", 0).Permutation(source.Count).Take(most).Order()];

    private static ImageModel Reference(string folder, Device device) =>
        RunModel.Load(new RunFolder(folder), Recipe.OfRun(folder, []).Settings, device);

    private static void Print(TextWriter text, ShortcutsDocument report)
    {
        text.WriteLine(
            $"{report.Layer}: {Humane.Count(report.FoldImages)} images to choose on, {Humane.Count(report.TestImages)} to judge on"
            + (report.Group is null ? "; no groups are known" : $"; group {report.Group}")
            + $"; background from {(report.Background == "frame" ? "the frame of the image, a guess" : "masks")}"
            + (report.Exact ? "" : "; effects measured by muting"));
        foreach (ClassShortcuts one in report.Classes)
        {
            text.WriteLine(one.Name);
            foreach (ShortcutSource source in one.Sources)
            {
                text.WriteLine($"  {source.Name}: {"unit",6} {"effect",8} {"alignment",9} {"background",10} {"same places",11} {"active",7}");
                foreach (ShortcutUnit unit in source.Units.Take(5))
                {
                    text.WriteLine(
                        $"  {new string(' ', source.Name.Length)}  {unit.Unit,6} {Humane.Number(unit.Effect.Value),8} "
                        + $"{Number(unit.Alignment?.Value),9} {Share(unit.Background),10} {Number(unit.Consistency),11} {Humane.Percent(unit.Active),7}");
                }
            }
            if (one.Outcomes.Count == 0) continue;
            int width = one.Outcomes.Max(outcome => outcome.Name.Length);
            text.WriteLine($"  {"".PadRight(width)}  {"worst group",22}  {"mean of groups",22}  {"won back (mean)",22}");
            foreach (MutingOutcome outcome in one.Reference is null ? one.Outcomes : [.. one.Outcomes, one.Reference])
            {
                text.WriteLine(
                    $"  {outcome.Name.PadRight(width)}  {Interval(outcome.Worst),22}  {Interval(outcome.Balanced),22}  {Interval(outcome.BalancedWonBack),22}");
            }
            if (one.Outcomes.All(outcome => outcome.BalancedWonBack is null))
            {
                text.WriteLine(one.Reference is null ? "  won back: not known without a network that does not know the shortcut (--reference)"
                    : "  won back: nothing was lost beyond chance that could be: the reference is not better on these groups");
            }
            foreach (MutingOutcome outcome in one.Outcomes.Where(outcome => outcome.Units is { Count: > 0 }))
                text.WriteLine($"  {outcome.Name}: {string.Join(", ", outcome.Units!)}");
        }
    }

    private static string Interval(IntervalEstimate? one) => one is null ? "-"
        : $"{Humane.Percent(one.Value)} ({Humane.Percent(one.Lower)} to {Humane.Percent(one.Upper)})";

    private static string Number(double? number) => number is { } value ? Humane.Number(value) : "-";

    private static string Share(double? fraction) => fraction is { } value ? Humane.Percent(value) : "-";
}
