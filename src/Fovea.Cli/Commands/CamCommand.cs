using System.CommandLine;
using System.Diagnostics;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation.Attribution;
using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Runs.Studies;
using Fovea.Training;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary>
/// <c>fovea cam</c>: class activation maps at a layer, how often each is all zero over the run's images, and overlays of some (section
/// 7.2.5 of the paper).
/// </summary>
internal sealed class CamCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer =
        new("--layer") { Description = "Any layer with a grid (the first one harvested).", HelpName = "L" };
    private readonly Option<int?> _images = SharedOptions.Positive(
        new Option<int?>("--images")
        {
            Description = "Validation images to measure, drawn with the run's seed (200; 0: all).",
            HelpName = "N"
        }, 0);
    private readonly Option<string[]> _image = new("--image")
    {
        Description = "An image to draw, a file or the id of one of the run's images; may be repeated (six of those measured).",
        HelpName = "FILE|ID",
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string[]> _methods = new("--method")
    {
        Description = $"Methods (all): {string.Join(", ", ClassActivationMaps.Methods.Select(method => method.Name))}.",
        HelpName = "M",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };
    private readonly Option<string> _class = SharedOptions.Choice(
        new Option<string>("--class")
        {
            Description = "The class of the maps: an image's own (true) or the predicted one.",
            HelpName = "true|predicted",
            DefaultValueFactory = _ => "true"
        },
        "true", "predicted");
    private readonly WorkerOptions _worker = new();
    private readonly Option<string?> _out = new(
        "--out", "-o")
    { Description = "Where cams.json and the pictures go (RUN/cams/LAYER).", HelpName = "DIR" };

    public CamCommand(AppEnvironment app)
        : base(app, "cam", "Class activation maps at a layer: how often each method's map is all zero, why, and overlays on photographs.")
    {
        foreach (Option option in (Option[])[_run, _layer, _images, _image, _methods, _class, _out]) Add(option);
        _worker.AddTo(this);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea cam --run runs/sample",
            "fovea cam --run runs/sample --layer features.14 --images 500 --method gradcam gradcam-signed layercam --json",
            "fovea cam --run runs/sample --images 0 --threads 1 --part 2/8"];
    }

    protected override int Execute(CommandContext context)
    {
        var clock = Stopwatch.StartNew();
        string folder = context.Get(_run)!;
        torch.Device device = context.Device();
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        var run = new RunFolder(folder);
        string layer = context.Get(_layer) ?? RunUnits.Layer(settings, null);
        var of = Enum.Parse<CamClass>(context.Get(_class)!, ignoreCase: true);
        string[] names = context.Get(_methods) is { Length: > 0 } asked
            ? [.. asked.Distinct()] : [.. ClassActivationMaps.Methods.Select(method => method.Name)];
        var methods = names.Select(ClassActivationMaps.Get).ToArray();
        string destination = Path.GetFullPath(context.Get(_out) ?? run.ClassActivationMaps(layer));
        RunWorker? worker = _worker.Of(context);
        // Workers keep out of each other's way by claims.
        using FolderLock? held = worker is null ? FolderLock.TakeFor(run.Root, destination) : null;

        var engines = new EnginesSaid();
        using ImageModel model = RunModel.Load(run, settings, device, engines.Add);
        model.RequireClasses();
        model.Layer(layer); // an unknown one is refused before images are read
        bool labels = NetworkClasses.AreOfImages(settings.Model);
        if (!labels && of == CamClass.True)
        {
            throw FoveaException.BadConfiguration(
                "--class true: the classes of the images are not the network's ([model] classes). Ask for maps of the predicted class.");
        }
        using IImageSource source = RunSources.Open(settings, training: false, Environment.CurrentDirectory);
        int[] chosen = Chosen(source, settings.Seed, context.Get(_images) ?? 200);
        var drawn = context.Get(_image) is { Length: > 0 } wanted
            ? [.. wanted.Select(name => Named(settings, model, name, labels))] : Spaced(source, chosen, labels);
        CamReport? report = null;
        IReadOnlyList<CamExample> examples = [];
        string? sheet = null;
        // Of a run that is only read, what is begun lies where the maps go.
        var begun = FolderLock.Covers(run.Root, destination) ? run : new RunFolder(destination);
        var parts = new CamParts(begun, model, layer, source, new CamOptions { Methods = names, Class = of, Images = chosen, Labels = labels });
        string document = Path.Combine(destination, CamFolder.DocumentName);
        bool Complete() => DocumentFile.Find<CamsDocument>(document)?.Identity == parts.Identity;
        if (worker is null || !Complete())
        {
            if (worker is not null) parts.RequireThreads();
            using ProgressDisplay progress = context.Progress();
            parts.Work(worker ?? RunWorker.Alone with { Waits = true },
                found =>
                {
                    report = found;
                    (examples, sheet) = CamFolder.Write(
                        destination, found, place => CamPictures.Write(model, layer, drawn, methods, of, place, context.Cancellation), parts.Identity);
                },
                progress.Of<EvaluationProgress>(done => new WorkflowProgress($"maps of {layer}", done.Images, done.Total, "images")),
                context.Cancellation);
        }
        if (worker is not null) return Worked(context, run, worker, parts.Made, clock.Elapsed.TotalSeconds, $"cam {layer}", report is not null, Complete());
        // Where workers joined the parts before this process could, theirs are the figures.
        if (report is null) (report, examples, sheet) = DocumentFile.Read<CamsDocument>(document);
        if (sheet is not null) sheet = Path.Combine(destination, sheet);
        context.Result(
            new CamResult(
                run.Root, document, report, [.. examples.Select(Shown)], sheet, engines.InWords),
            text =>
            {
                Print(text, report, sheet);
                engines.Write(text);
            });
        return ExitCode.Done;
    }

    /// <summary>What one of several workers says.</summary>
    private static int Worked(CommandContext context, RunFolder run, RunWorker worker, int made, double seconds, string what, bool joined, bool complete)
    {
        string[] left = complete ? [] : [$"{what}: parts are being made by others."];
        WorkerOptions.Say(
            context,
            new WorkResult(run.Root, worker.ToString(), complete, Math.Round(seconds, 3), made > 0 ? [new MadeParts(what, made)] : [], joined ? [what] : [], left),
            what);
        return ExitCode.Done;
    }

    protected override string AfterInterruption(CommandContext context) => "Give the same command again.";

    private static int[] Chosen(IImageSource source, ulong seed, int count)
    {
        int[] order = [.. new CounterRandom(seed, "cams/images", 0).Permutation(source.Count)];
        return [.. order.Take(count == 0 ? order.Length : count).Order()];
    }

    /// <summary>Six of the measured images, evenly spaced, so of different classes.</summary>
    private static (string, RgbImage, int?)[] Spaced(IImageSource source, int[] chosen, bool labels)
    {
        int count = Math.Min(6, chosen.Length);
        return [.. Enumerable.Range(0, count).Select(i => chosen[i * chosen.Length / count])
            .Select(index => (source.Id(index), source.Read(index), labels ? source.Label(index) : (int?)null))];
    }

    private static (string, RgbImage, int?) Named(WorkflowSettings settings, ImageModel model, string name, bool labels)
    {
        var (id, image, className) = RunImages.Find(settings, name);
        int label = !labels ? -1 : Enumerable.Range(0, model.Outputs).FirstOrDefault(i => model.ClassName(i) == className, -1);
        return (File.Exists(name) ? Path.GetFileName(name) : id, image, label < 0 ? null : label);
    }

    private static void Print(TextWriter text, CamReport report, string? sheet)
    {
        text.WriteLine(
            $"{report.Layer}, {string.Join(" × ", report.Grid)}: {Humane.Count(report.Images)} images{(report.Top1 is { } right ? $", {Humane.Percent(right)} classified rightly" : "")}; maps of the "
            + (report.Class == CamClass.True ? "true class" : "predicted class"));
        text.WriteLine(
            $"  {"method",-15} {"all zero",9} {"if right",9} {"if wrong",9} {"nowhere > 0",12} {"sum <= 0",9} {"silent",9} {"area > 0",9}");
        foreach (CamSummary one in report.Methods)
        {
            text.WriteLine(
                $"  {one.Name,-15} {Humane.Percent(one.AllZero),9} {Share(one.AllZeroWhereRight),9} {Share(one.AllZeroWhereWrong),9} {Humane.Percent(one.NowherePositive),12} "
                + $"{Humane.Percent(one.NegativeSum),9} {Humane.Percent(one.Silent),9} {Humane.Percent(one.PositiveArea),9}");
        }
        if (sheet is not null) text.WriteLine(sheet);
    }

    /// <summary>An example with its pictures as files, each of which holds one.</summary>
    private static CamExampleFiles Shown(CamExample example) =>
        new(example.Image, example.ClassName, example.MapClass, example.Predicted, example.Input.File,
        example.Overlays.ToDictionary(pair => pair.Key, pair => pair.Value.File), example.AllZero);

    private static string Share(double? fraction) => fraction is { } value ? Humane.Percent(value) : "-";
}
