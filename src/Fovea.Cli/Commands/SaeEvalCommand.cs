using System.CommandLine;
using Fovea.Activations;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Models;
using Fovea.Runs;
using Fovea.Runs.Settings;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae eval</c>: the dictionaries of a run on held-out vectors, on the draws of any harvested filter.</summary>
internal sealed class SaeEvalCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer = new("--layer") { Description = "Only dictionaries of this layer.", HelpName = "L" };
    private readonly Option<string?> _name = new("--name") { Description = "Only the dictionary of this name.", HelpName = "NAME" };
    private readonly Option<string?> _filter = new("--filter")
    {
        Description = "The draws to evaluate on (those it was trained on).",
        HelpName = "F",
    };
    private readonly Option<bool> _splice = new("--splice")
    {
        Description = "Measure the classifier with each of them spliced in anew, on the run's held-out images (else splice.json is read).",
    };

    public SaeEvalCommand(AppEnvironment app)
        : base(app, "eval", "Reconstruction, sparsity and faithfulness of a run's autoencoders on what was held out, measured anew.")
    {
        foreach (Option option in (Option[])[_run, _layer, _name, _filter, _splice]) Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea sae eval --run runs/demo", "fovea sae eval --run runs/demo --name topk --filter none --json",
            "fovea sae eval --run runs/demo --splice"];
    }

    protected override int Execute(CommandContext context)
    {
        string runFolder = context.Get(_run)!;
        var run = new RunFolder(runFolder);
        Device device = context.Device();
        WorkflowSettings settings = Recipe.OfRun(runFolder, []).Settings;
        Subject[] chosen = Chosen(context, run, settings);
        var splices = new Dictionary<Subject, (SpliceResult? Splice, FaithfulnessResult? Faithfulness)>();
        var engines = new EnginesSaid();
        foreach (var layer in context.Get(_splice) ? chosen.GroupBy(dictionary => dictionary.Layer) : [])
        {
            var results = Splice(context, run, settings, layer.Key, [.. layer], device, engines);
            foreach (var (dictionary, result) in layer.Zip(results)) splices.Add(dictionary, result);
        }
        EvaluatedDictionary[] all =
            [.. chosen.Select(dictionary => Evaluate(context, run, dictionary, device, splices.GetValueOrDefault(dictionary)))];
        context.Result(new SaeEvalResult(run.Root, all, engines.InWords), text =>
        {
            foreach (EvaluatedDictionary one in all)
            {
                text.WriteLine(
                    $"{DictionaryLine.Of(one)} on {Humane.Count(one.Vectors)} held-out vectors of {one.Filter}{As(one.TrainedWithCap)}");
                text.WriteLine(
                    DictionaryLine.Details(one.DenseFraction, one.ActiveUnits, one.ActiveUnitsDrop, one.Shrinkage, one.Coherence));
                if (one.Splice is { } splice) text.WriteLine(DictionaryLine.Of(splice));
                if (one.Faithfulness is { } faithfulness) text.WriteLine(DictionaryLine.Of(faithfulness));
            }
            engines.Write(text);
        });
        return ExitCode.Done;
    }

    private static string As(double? cap) =>
        cap is { } times ? $" (vectors as they are; trained with cap {Humane.Number(times)}, which metrics.json is measured with)" : "";

    private static IEnumerable<(SpliceResult? Splice, FaithfulnessResult? Faithfulness)> Splice(
        CommandContext context, RunFolder run, WorkflowSettings settings, string layer, Subject[] dictionaries, Device device,
        EnginesSaid engines)
    {
        using ImageModel model = RunModel.Load(run, settings, device, engines.Add);
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(layer));
        // The run's settings have full paths.
        var (evaluated, read) = RunSources.OpenBoth(settings, Environment.CurrentDirectory);
        using IImageSource validation = evaluated, harvested = read;
        var (source, images) = RunSources.EvaluationImages(validation, harvested, store);
        List<IFeatureDictionary> loaded = [];
        try
        {
            foreach (Subject dictionary in dictionaries) loaded.Add(AutoencoderFile.Load(run.Dictionary(layer, dictionary.Name), device));
            using ProgressDisplay progress = context.Progress();
            var options = new SpliceOptions { Images = images, Mean = store.TrainingMean(context.Cancellation) };
            var told = progress.Of<EvaluationProgress>(done => new WorkflowProgress($"splice {layer}", done.Images, done.Total, "images"));
            return !NetworkClasses.AreOfImages(settings.Model)
                ? FaithfulnessEvaluation.Evaluate(model, layer, loaded, source, options, told, context.Cancellation)
                    .Select(one => ((SpliceResult?)null, (FaithfulnessResult?)one)).ToArray()
                : SplicedEvaluation.Evaluate(model, layer, loaded, source, options, told, context.Cancellation)
                    .Select(one => ((SpliceResult?)one, (FaithfulnessResult?)null)).ToArray();
        }
        finally
        {
            foreach (IFeatureDictionary dictionary in loaded) dictionary.Dispose();
        }
    }

    private Subject[] Chosen(CommandContext context, RunFolder run, WorkflowSettings settings)
    {
        string? layer = context.Get(_layer), name = context.Get(_name);
        Subject[] all =
            [.. (settings.Harvest?.Layers ?? []).SelectMany(
                one => RunUnits.Dictionaries(run, settings, one).Select(dictionary => new Subject(one, dictionary,
            settings.Dictionary.FirstOrDefault(known => known.Layer == one && known.Name == dictionary)?.Filter)))];
        Subject[] chosen =
            [.. all.Where(dictionary => (layer is null || dictionary.Layer == layer) && (name is null || dictionary.Name == name))];
        if (chosen.Length > 0) return chosen;
        throw FoveaException.BadConfiguration(
            $"This run has no such dictionary. It has: "
                + $"{string.Join(", ", all.Select(dictionary => $"{dictionary.Layer}/{dictionary.Name}"))}.");
    }

    private EvaluatedDictionary Evaluate(
        CommandContext context, RunFolder run, Subject subject, Device device,
        (SpliceResult? Splice, FaithfulnessResult? Faithfulness) measured)
    {
        string folder = run.Dictionary(subject.Layer, subject.Name);
        var report = DocumentFile.Read<AutoencoderReport>(Path.Combine(folder, TrainedAutoencoder.ReportName));
        using SparseAutoencoder autoencoder = AutoencoderFile.Load(folder, device);
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(subject.Layer));
        autoencoder.RequireNetwork(store.Manifest.Network);
        // One from elsewhere was trained on no filter's draws here.
        string filter = context.Get(_filter) ?? subject.Filter ?? store.Manifest.MainFilter;
        AutoencoderScores scores = DictionaryEvaluation.Scores(
            autoencoder, store, store.Draws(filter).Validation, cancellation: context.Cancellation);
        return new EvaluatedDictionary(
            subject.Name, subject.Layer, autoencoder.Architecture, autoencoder.InputSize, autoencoder.LatentSize, scores.L0, scores.Fvu,
            scores.DeadFraction, scores.Loss, filter, scores.Vectors, scores.ExplainedVariance, scores.DenseFraction!.Value,
                scores.ActiveUnits!.Value,
            scores.ActiveUnitsDrop, scores.Shrinkage!, DictionarySimilarity.Coherence(autoencoder.DecoderWeight),
            measured.Splice ?? DocumentFile.Find<SpliceDocument>(Path.Combine(folder, SpliceDocument.FileName)),
            measured.Faithfulness ?? DocumentFile.Find<FaithfulnessDocument>(Path.Combine(folder, FaithfulnessDocument.FileName)),
                report.Outliers is { Capped: true } outliers ? outliers.Factor : null);
    }

    /// <summary>A dictionary of the run; the filter whose draws it was trained on, where the recipe says.</summary>
    private sealed record Subject(string Layer, string Name, string? Filter);
}
