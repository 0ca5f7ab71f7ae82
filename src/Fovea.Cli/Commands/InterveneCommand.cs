using System.CommandLine;
using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.IO;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Training;
using TorchSharp;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea intervene</c>: units of a run are changed, and what becomes of the network's answers is measured.</summary>
internal sealed class InterveneCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer = new("--layer") { Description = "A layer of the run (the first one harvested).", HelpName = "L" };
    private readonly Option<string> _source = new("--source")
    {
        Description = "Whose units: neurons, or a dictionary's name.",
        HelpName = "S",
        DefaultValueFactory = _ => UnitGroup.NeuronsName,
    };
    private readonly Option<string?> _units = new("--units")
    {
        Description = "Their numbers, such as 3,17,20-29; all of them where --direction is not given.",
        HelpName = "U",
    };
    private readonly Option<string?> _direction = new("--direction")
    {
        Description = "Directions in place of units: a .npy of [channels] or [directions, channels].",
        HelpName = "FILE",
    };
    private readonly Option<string> _operation = new("--operation")
    {
        Description = "What becomes of their values: zero, mean (over the vectors that dictionaries were trained on), scale=X, add=X.",
        HelpName = "OP",
        DefaultValueFactory = _ => "zero",
    };
    private readonly Option<string> _error = SharedOptions.Choice(
        new Option<string>("--error")
        {
            Description = "What becomes of the dictionary's error.",
            HelpName = "kept|dropped|both",
            DefaultValueFactory = _ => "both",
        },
        "kept", "dropped", "both");
    private readonly Option<bool> _together = new("--together") { Description = "Change them all at once (each alone)." };
    private readonly Option<int?> _images = SharedOptions.Positive(new Option<int?>("--images")
    {
        Description = "Images, drawn with the run's seed from those that no dictionary was trained on (200; 0: all).",
        HelpName = "N",
    }, 0);
    private readonly Option<string?> _class = SharedOptions.Choice(new Option<string?>("--class")
    {
        Description = "Whose logit: that of an image's own class, or of the one predicted (true where the classes are the network's).",
        HelpName = "true|predicted",
    }!, "true", "predicted")!;
    private readonly Option<string?> _csv = new("--csv") { Description = "A table to write, a row a change.", HelpName = "FILE" };

    public InterveneCommand(AppEnvironment app)
        : base(app, "intervene", "Change units of a layer, and measure what becomes of the network's answers beside what derivatives predict.")
    {
        foreach (Option option in (Option[])[_run, _layer, _source, _units, _direction, _operation, _error, _together, _images, _class, _csv])
            Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea intervene --run runs/demo --units 3,17", "fovea intervene --run runs/demo --source topk --error kept --csv effects.csv",
            "fovea intervene --run runs/demo --source topk --units 3,17 --together --operation scale=2 --json"];
    }

    protected override int Execute(CommandContext context)
    {
        if (context.Get(_direction) is not null && context.Has(_source))
            throw FoveaException.BadConfiguration("--direction and --source both name units: give one of them.");
        string folder = context.Get(_run)!;
        torch.Device device = context.Device();
        UnitOperation? given = Operation(context.Get(_operation)!);
        WorkflowSettings settings = Recipe.OfRun(folder, []).Settings;
        var run = new RunFolder(folder);
        string layer = RunUnits.Layer(settings, context.Get(_layer));
        bool predicted = context.Get(_class) is { } word ? word == "predicted" : !NetworkClasses.AreOfImages(settings.Model);
        bool answer = settings.Model.Classes == NetworkClasses.None;
        if (answer && context.Get(_class) is { } asked)
            throw FoveaException.BadConfiguration(
                $"--class {asked}: the run's network has no classes ([model] classes). Leave it out: effects are then on the answer as a whole.");
        if (!predicted && !NetworkClasses.AreOfImages(settings.Model))
            throw FoveaException.BadConfiguration(
                "--class true: the classes of the images are not the network's ([model] classes). Ask for the predicted class.");
        string? csv = context.Get(_csv);
        using ImageModel model = RunModel.Load(run, settings, device);
        int channels = model.Layers.First(one => one.Name == layer).Shape[0];
        string source = context.Get(_direction) is null ? context.Get(_source)! : "directions";
        UnitGroup? group = context.Get(_direction) is null ? RunUnits.Open(run, settings, layer, source, device) : null;
        using IDisposable? opened = group?.Autoencoder;
        EffectUnits[] kinds = group is null ? [Directions(context.Get(_direction)!, layer)]
            : group.Autoencoder is not { } dictionary ? [EffectUnits.Neurons(layer)]
            : [.. Errors(context).Select(error => EffectUnits.Latents(layer, dictionary, error))];
        int count = kinds[0].Count(channels);
        int[] units = Numbers(context.Get(_units), count);
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(layer));
        var (evaluated, read) = RunSources.OpenBoth(settings, Environment.CurrentDirectory);
        using IImageSource validation = evaluated, harvested = read;
        var (images, all) = RunSources.EvaluationImages(validation, harvested, store);
        all ??= [.. Enumerable.Range(0, images.Count)];
        int wanted = context.Get(_images) ?? 200;
        int[] chosen = EffectImages.Draw(all, wanted == 0 ? Math.Max(all.Count, 1) : wanted, settings.Seed);
        UnitOperation operation = given ?? UnitOperation.Mean(UnitMeans.Of(kinds[0], store, settings.Seed, context.Cancellation));
        List<UnitEffect> effects = [];
        using (ProgressDisplay progress = context.Progress())
        {
            foreach (EffectUnits kind in kinds)
            {
                var results = EffectEvaluator.Evaluate(model, kind, operation, images, new EffectOptions
                {
                    Sets = context.Get(_together) ? [units] : [.. units.Select(unit => (int[])[unit])],
                    Images = chosen,
                    OfPredictedClass = predicted && !answer,
                    OfAnswer = answer,
                    Seed = settings.Seed,
                }, null, progress.Of<EvaluationProgress>(
                    done => new WorkflowProgress($"{kind.Caption} of {layer}", done.Images, done.Total, "images")), context.Cancellation);
                effects.AddRange(results.Select(one => UnitEffect.Of(one, Word(kind.Error), answer ? null : model.ClassName)));
            }
        }
        if (csv is not null) AtomicFile.WriteText(csv, EffectCsv.Of(effects));
        var result = new InterveneResult(
            run.Root, layer, source, context.Get(_operation)!, answer ? "none" : predicted ? "predicted" : "true", chosen.Length,
            EffectStudy.IsExact(model, layer), EffectStudy.Between(model, layer), effects, csv is null ? null : Path.GetFullPath(csv));
        context.Result(result, text => Print(text, result));
        return ExitCode.Done;
    }

    protected override string AfterInterruption(CommandContext context) => "Give the same command again.";

    /// <summary>The operation; null: the mean, which the run's vectors tell.</summary>
    private static UnitOperation? Operation(string word)
    {
        if (word == "zero") return UnitOperation.Zero;
        if (word == "mean") return null;
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string name = equals < 0 ? word : word[..equals];
        if (name is "scale" or "add" && equals > 0 && double.TryParse(
            word[(equals + 1)..], System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out double number))
            return name == "scale" ? UnitOperation.Scale(number) : UnitOperation.Add(number);
        throw FoveaException.BadConfiguration($"--operation {word}: say zero, mean, scale=X or add=X, X being a number.");
    }

    private IEnumerable<DictionaryError> Errors(CommandContext context) => context.Get(_error) switch
    {
        "kept" => [DictionaryError.Kept],
        "dropped" => [DictionaryError.Dropped],
        _ => Enum.GetValues<DictionaryError>(),
    };

    private static EffectUnits Directions(string path, string layer)
    {
        using var scope = torch.NewDisposeScope();
        torch.Tensor file = NumpyFile.Read(path).to(torch.float32);
        if (file.dim() == 1) file = file.unsqueeze(0);
        if (file.dim() != 2 || file.numel() == 0)
            throw FoveaException.BadData($"{path} has the shape [{string.Join(", ", file.shape)}]: [channels] or [directions, channels] is needed.");
        float[] all = file.contiguous().data<float>().ToArray();
        int length = (int)file.shape[1];
        return EffectUnits.Directions(layer, [.. Enumerable.Range(0, all.Length / length).Select(i => all[(i * length)..((i + 1) * length)])]);
    }

    /// <summary>Such as 3,17,20-29.</summary>
    private static int[] Numbers(string? text, int count)
    {
        if (text is null) return [.. Enumerable.Range(0, count)];
        List<int> numbers = [];
        foreach (string entry in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = entry.Split('-');
            if (ends.Length > 2 || !int.TryParse(ends[0], out int first) || !int.TryParse(ends[^1], out int last) || last < first)
                throw FoveaException.BadConfiguration($"--units {text}: '{entry}' is no unit and no range of them. Write 3,17,20-29, from 0 to {count - 1}.");
            if (first < 0 || last >= count)
                throw FoveaException.BadConfiguration($"--units {text}: there are {count} units, from 0 to {count - 1}.");
            for (int unit = first; unit <= last; unit++) numbers.Add(unit);
        }
        return numbers.Count > 0 ? [.. numbers.Distinct()] : throw FoveaException.BadConfiguration("--units names no unit: write 3,17,20-29.");
    }

    private static string? Word(DictionaryError? error) => error?.ToString().ToLowerInvariant();

    private static void Print(TextWriter text, InterveneResult result)
    {
        text.WriteLine(
            $"{result.Layer}, {result.Source}, {result.Operation}: {Humane.Count(result.Images)} image{(result.Images == 1 ? "" : "s")}, {(result.Class == "none" ? "what is left of the answer" : $"logit of the {result.Class} class")}"
            + (result.Exact ? "; pooling and a linear head follow, so that predictions are exact" : $"; between: {string.Join(", ", result.Between)}"));
        text.WriteLine($"  {"units",-16} {"error",-8} {"active",7} {"logit",9} {"95 % interval",20} {"probability",12} {"top-1",8} {"predicted",10} {"r",6}");
        foreach (UnitEffect one in result.Effects.OrderByDescending(one => Math.Abs(one.Logit.Mean)))
        {
            string units = one.Units.Count > 4 ? $"{one.Units.Count} units" : string.Join(",", one.Units);
            text.WriteLine(FormattableString.Invariant(
                $"  {units,-16} {one.Error ?? "",-8} {Humane.Percent((double)one.Active / one.Images),7} {Fixed(one.Logit.Mean),9} {Interval(one.Logit),20} {Number(one.Probability),12} {Number(one.Accuracy),8} {Fixed(one.Gradient?.Mean ?? 0),10} {Fixed(one.Gradient?.Correlation ?? double.NaN, "0.00"),6}"));
        }
        if (result.Csv is { } csv) text.WriteLine(csv);
    }

    private static string Number(EffectEstimate? one) => one is null ? "–" : Fixed(one.Mean);

    /// <summary>With four digits; what is no number a dash, and what would break the columns with an exponent.</summary>
    private static string Fixed(double value, string format = "0.0000") => !double.IsFinite(value) ? "–"
        : value.ToString(Math.Abs(value) < 1e5 ? format : "0.00e+0", System.Globalization.CultureInfo.InvariantCulture);

    private static string Interval(EffectEstimate one) => $"{Fixed(one.Lower)} … {Fixed(one.Upper)}";
}
