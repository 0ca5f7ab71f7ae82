using System.CommandLine;
using Fovea.Activations;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Dictionaries;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.IO;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae import</c>: a dictionary of SAELens' as one of a run, or as a folder.</summary>
internal sealed class SaeImportCommand : FoveaCommand
{
    private readonly Argument<string> _from = new("FOLDER") { Description = "A folder with cfg.json and sae_weights.safetensors in SAELens' layout." };
    private readonly Option<string?> _run = new("--run") { Description = "The run folder to put it into; it is measured on the held-out vectors.", HelpName = "DIR" };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer of the run that it belongs to.", HelpName = "L" };
    private readonly Option<string?> _name = new("--name") { Description = "Its name there (the folder's).", HelpName = "NAME" };
    private readonly Option<string?> _filter = new("--filter") { Description = "The draws to measure it on (the first one harvested).", HelpName = "F" };
    private readonly Option<string?> _out = new("--out") { Description = "In place of a run: the folder to write.", HelpName = "DIR" };
    private readonly Option<double?> _scale = new("--input-scale")
    {
        Description = "The number activations were multiplied by in training, where cfg.json says expected_average_only_in.",
        HelpName = "X",
    };

    public SaeImportCommand(AppEnvironment app) : base(app, "import", "A dictionary in SAELens' layout, into a run or as a folder. A file is read as data; nothing in it is executed.")
    {
        Add(_from);
        foreach (Option option in (Option[])[_run, _layer, _name, _filter, _out, _scale]) Add(option);
        Examples = ["fovea sae import exported/topk --run runs/demo --layer block4 --name theirs", "fovea sae import exported/topk --out dictionaries/theirs"];
    }

    protected override int Execute(CommandContext context)
    {
        string from = context.Get(_from);
        string? run = context.Get(_run), output = context.Get(_out);
        if ((run is null) == (output is null)) throw FoveaException.BadConfiguration("Say where it is to go: either --run DIR with --layer L, or --out DIR.");
        using SparseAutoencoder autoencoder = SaeLensFile.Import(from, context.Get(_scale));
        AutoencoderReport? report = null;
        if (run is not null) (output, report) = IntoRun(context, autoencoder, new RunFolder(run), Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(from))));
        else
        {
            if (Path.GetFullPath(from) == Path.GetFullPath(output!)) throw FoveaException.BadConfiguration($"{output} is the folder to read. Give another one to write.");
            AutoencoderFile.Save(output!, autoencoder);
        }
        AutoencoderScores? scores = report?.Validation ?? report?.Train;
        context.Result(
            new SaeImportResult(Path.GetFullPath(output!), autoencoder.Architecture, autoencoder.InputSize, autoencoder.LatentSize, scores?.L0, scores?.Fvu, scores?.DeadFraction),
            text => text.WriteLine($"{output}: {autoencoder.Architecture}, {autoencoder.InputSize} → {autoencoder.LatentSize}"
                + (scores is null ? "" : $"; L0 {Humane.Number(scores.L0)}, FVU {Humane.Number(scores.Fvu)}, dead {Humane.Percent(scores.DeadFraction)}")));
        return ExitCode.Done;
    }

    private (string Folder, AutoencoderReport Report) IntoRun(CommandContext context, SparseAutoencoder autoencoder, RunFolder run, string folderName)
    {
        string layer = context.Get(_layer) ?? autoencoder.Layer ?? throw FoveaException.BadConfiguration("Say with --layer which layer of the run it belongs to.");
        autoencoder.RequireLayer(layer);
        autoencoder.Layer = layer;
        string name = context.Get(_name) ?? folderName, folder = run.Dictionary(layer, name);
        if (SafeName.Collision([RunFolder.NeuronSource, name]) is not null)
            throw FoveaException.BadConfiguration($"A dictionary cannot be called '{name}'. Give it a name with --name.");
        WorkflowSettings settings = Recipe.OfRun(run.Root, []).Settings;
        using FolderLock held = FolderLock.Take(run.Root);
        // What a killed import left has no cfg.json, and is replaced.
        if (RunUnits.Dictionaries(run, settings, layer).Contains(name))
            throw FoveaException.BadConfiguration($"{layer} of this run has a dictionary '{name}' already. Give another name with --name.");
        using ActivationStore store = ActivationStore.Open(run.ActivationsOf(layer));
        if (store.Dimension != autoencoder.InputSize)
            throw FoveaException.BadData($"It is for vectors of {autoencoder.InputSize} components; {layer} of this run has {store.Dimension} channels.");
        AutoencoderReport report = Measure(context, autoencoder, store, name, settings.Seed);
        DocumentFile.Write(Path.Combine(folder, TrainedAutoencoder.ReportName), report);
        AutoencoderFile.Save(folder, autoencoder);
        return (folder, report);
    }

    /// <summary>The document that a training leaves, after no step; on the same sample of training rows.</summary>
    private AutoencoderReport Measure(CommandContext context, SparseAutoencoder autoencoder, ActivationStore store, string name, ulong seed)
    {
        var (training, validation) = store.Draws(context.Get(_filter) ?? store.Manifest.Filters[0]);
        AutoencoderScores Scores(RowSet rows) => DictionaryEvaluation.Scores(autoencoder, store, rows, cancellation: context.Cancellation);
        return new AutoencoderReport
        {
            Name = name,
            Architecture = autoencoder.Architecture,
            DIn = autoencoder.InputSize,
            DSae = autoencoder.LatentSize,
            Sparsity = autoencoder.Sparsity,
            InputScale = autoencoder.InputScale,
            Steps = 0,
            Outliers = OutlierMeasurement.Measure(store, training, context.Cancellation),
            Train = Scores(TrainingSample.Of(training, validation.Count, seed)),
            Validation = validation.Count == 0 ? null : Scores(validation),
        };
    }
}
