using System.CommandLine;
using Fovea.Activations;
using Fovea.Autoencoders;
using Fovea.Cli.Recipes;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Interpretation;
using Fovea.Runs;
using Fovea.Runs.Settings;
using static TorchSharp.torch;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae eval</c>: the dictionaries of a run on held-out vectors, on the draws of any harvested filter.</summary>
internal sealed class SaeEvalCommand : FoveaCommand
{
    private const int Batch = 1024;
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _layer = new("--layer") { Description = "Only dictionaries of this layer.", HelpName = "L" };
    private readonly Option<string?> _name = new("--name") { Description = "Only the dictionary of this name.", HelpName = "NAME" };
    private readonly Option<string?> _filter = new("--filter")
    {
        Description = "The draws to evaluate on (those it was trained on).",
        HelpName = "F",
    };

    public SaeEvalCommand(AppEnvironment app) : base(app, "eval", "Reconstruction and sparsity of a run's autoencoders on held-out vectors, measured anew.")
    {
        foreach (Option option in (Option[])[_run, _layer, _name, _filter]) Add(option);
        Add(SharedOptions.Threads);
        Add(SharedOptions.Device);
        Examples = ["fovea sae eval --run runs/demo", "fovea sae eval --run runs/demo --name topk --filter none --json"];
    }

    protected override int Execute(CommandContext context)
    {
        string runFolder = context.Get(_run)!;
        var run = new RunFolder(runFolder);
        Device device = context.Device();
        Evaluated[] all = [.. Chosen(context, Recipe.OfRun(runFolder, []).Settings).Select(dictionary => Evaluate(context, run, dictionary, device))];
        context.Result(new { Run = run.Root, Dictionaries = all }, text =>
        {
            foreach (Evaluated one in all)
            {
                text.WriteLine($"{DictionaryLine.Of(one)} on {Humane.Count(one.Vectors)} held-out vectors of {one.Filter}");
                if (one.Splice is { } splice)
                    text.WriteLine($"  spliced in: top-1 {Humane.Percent(splice.Spliced.Top1)} "
                        + $"instead of {Humane.Percent(splice.Original.Top1)} on {Humane.Count(splice.Images)} images");
            }
        });
        return ExitCode.Done;
    }

    private DictionarySettings[] Chosen(CommandContext context, WorkflowSettings settings)
    {
        string? layer = context.Get(_layer), name = context.Get(_name);
        DictionarySettings[] chosen = [.. settings.Dictionary.Where(dictionary => (layer is null || dictionary.Layer == layer) && (name is null || dictionary.Name == name))];
        if (chosen.Length > 0) return chosen;
        string known = string.Join(", ", settings.Dictionary.Select(dictionary => $"{dictionary.Layer}/{dictionary.Name}"));
        throw FoveaException.BadConfiguration($"The recipe of this run has no such dictionary. It has: {known}.");
    }

    private Evaluated Evaluate(CommandContext context, RunFolder run, DictionarySettings settings, Device device)
    {
        string folder = run.Dictionary(settings.Layer, settings.Name), splice = Path.Combine(folder, "splice.json");
        var report = JsonFile.Read<AutoencoderReport>(Path.Combine(folder, TrainedAutoencoder.ReportName));
        string filter = context.Get(_filter) ?? settings.Filter;
        using SparseAutoencoder autoencoder = AutoencoderFile.Load(folder, device);
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(settings.Layer));
        AutoencoderScores scores = Measure(autoencoder, store, store.Draws(filter).Validation, report.InputScale, context.Cancellation);
        return new Evaluated(settings.Name, settings.Layer, autoencoder.Architecture, autoencoder.InputSize, autoencoder.LatentSize, scores.L0, scores.Fvu,
            scores.DeadFraction, scores.Loss, filter, scores.Vectors, scores.ExplainedVariance, File.Exists(splice) ? JsonFile.Read<SpliceResult>(splice) : null);
    }

    /// <summary>Scores at inference, in the scale of the training's vectors, so that they compare with its own.</summary>
    internal static AutoencoderScores Measure(SparseAutoencoder autoencoder, ActivationStore store, long[] rows, double scale, CancellationToken cancellation)
    {
        var metrics = new AutoencoderMetrics(autoencoder.InputSize, autoencoder.LatentSize);
        var buffer = new float[Batch * store.Dimension];
        using var frozen = no_grad();
        for (int start = 0; start < rows.Length; start += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            int count = Math.Min(Batch, rows.Length - start);
            store.Read(rows.AsSpan(start, count), buffer);
            Tensor x = tensor(buffer.AsMemory(0, count * store.Dimension), [count, store.Dimension]).to(autoencoder.DType).to(autoencoder.Device);
            Tensor codes = autoencoder.EncodeDense(x);
            Tensor output = autoencoder.DecodeDense(codes);
            metrics.Add(x * scale, output * scale, codes);
            metrics.AddDetails(x, output, codes);
        }
        return metrics.Scores();
    }

    /// <summary>A dictionary measured. The loss is the reconstruction's alone: the penalty belongs to training.</summary>
    private sealed record Evaluated(
        string Name, string Layer, string Architecture, int DIn, int DSae, double L0, double Fvu, double DeadFraction, double Loss,
        string Filter, long Vectors, double ExplainedVariance, SpliceResult? Splice)
        : DictionaryOutcome(Name, Layer, Architecture, DIn, DSae, L0, Fvu, DeadFraction, Loss);
}
