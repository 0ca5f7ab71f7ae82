using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Explorer.Live;
using Fovea.Interventions.Studies;
using Fovea.Numerics;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Training;

namespace Fovea.Cli.Commands;

/// <summary>
/// <c>fovea steer</c>: what changes of units, made together as on the explorer's pages, do to the accuracy on the run's validation images.
/// </summary>
internal sealed class SteerCommand : FoveaCommand
{
    private const string Kept = "kept", Dropped = "dropped";
    private const int MostClasses = 10;

    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string> _changes = new("--changes")
    {
        Description = "Units and what becomes of them, with commas between: 12:0 (times 0), 12:3, 12:set1max, 12:add0.5, 12:0@3.4 (at row 3, column 4).",
        HelpName = "12:0,…",
        Required = true,
    };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer of the units; or stand it before each: layer4/topk/12:0.", HelpName = "L" };
    private readonly Option<string?> _source = new("--source") { Description = "neurons, or the name of a dictionary of the layer.", HelpName = "neurons|NAME" };
    private readonly Option<string> _error = SharedOptions.Choice(
        new Option<string>("--error")
        {
            Description = "Whether what dictionaries do not explain stays, or each of them stands in its layer's place (kept).",
            HelpName = "kept|dropped",
            DefaultValueFactory = _ => Kept,
        },
        Kept, Dropped);
    private readonly Option<int?> _images = SharedOptions.Positive(
        new Option<int?>("--images") { Description = "Validation images to judge, drawn with the run's seed (0: all).", HelpName = "N" }, 0);

    public SteerCommand(AppEnvironment app)
        : base(app, "steer", "Change units as on the explorer's pages and see what that does to the accuracy on all validation images.")
    {
        foreach (Option option in (Option[])[_run, _changes, _layer, _source, _error, _images]) Add(option);
        Add(SharedOptions.Threads);
        Examples =
        [
            "fovea steer --run runs/demo --layer block4 --source topk --changes 9:0",
            "fovea steer --run runs/demo --changes block4/topk/9:0,block3/neurons/4:3 --error dropped --json",
        ];
    }

    protected override int Execute(CommandContext context)
    {
        string folder = context.Get(_run)!;
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        if (!NetworkClasses.AreOfImages(settings.Model))
            throw FoveaException.BadConfiguration("The classes of the images are not the network's ([model] classes): there is no accuracy to change.");
        var run = new RunFolder(folder);
        using IImageSource source = RunSources.Open(settings, training: false, Environment.CurrentDirectory);
        var request = new SteerRequest(
            run.Root, context.Get(_changes)!, context.Get(_layer), context.Get(_source), context.Get(_error) == Kept,
            context.Get(_images) is { } images and > 0 ? images : null, settings.Seed);
        ChangesResult effect;
        using (ProgressDisplay progress = context.Progress())
        {
            effect = SteeredAccuracy.Measure(request, source,
                progress.Of<EvaluationProgress>(done => new WorkflowProgress("steer", done.Images, done.Total, "images")), context.Cancellation);
        }
        context.Result(new SteerResult(run.Root, request.Changes, context.Get(_error)!, effect), text => Print(text, effect));
        return ExitCode.Done;
    }

    private static void Print(TextWriter text, ChangesResult effect)
    {
        text.WriteLine($"{Humane.Count(effect.Images)} images: top-1 {Humane.Percent(effect.Top1Before)} → {Humane.Percent(effect.Top1After)}, {Points(effect.Top1Change)}; "
            + $"{Humane.Count(effect.Lost)} lost, {Humane.Count(effect.Won)} won");
        text.WriteLine($"loss {Signed(effect.LossChange.Mean)} nats, the true class's score {Signed(effect.LogitChange.Mean)}, KL {Humane.Number(effect.Kl)} nats");
        foreach (ClassEffect one in effect.Classes.Where(one => one.Lost + one.Won > 0).Take(MostClasses))
            text.WriteLine($"  {one.Name}: {Humane.Percent(one.Top1Before)} → {Humane.Percent(one.Top1After)} of {Humane.Count(one.Images)}, {Points(one.Top1Change)}");
    }

    private static string Points(PairedDifference change) => string.Create(CultureInfo.InvariantCulture,
        $"{100 * change.Mean:+0.0;−0.0;0} points ({100 * change.Lower:+0.0;−0.0;0} to {100 * change.Upper:+0.0;−0.0;0})");

    private static string Signed(double value) => value.ToString("+0.###;−0.###;0", CultureInfo.InvariantCulture);
}
