using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Dictionaries.Foreign;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae import</c>: a dictionary of another library as one of a run, or as a folder.</summary>
internal sealed class SaeImportCommand : FoveaCommand
{
    private readonly Argument<string> _from =
        new("PATH")
        {
            Description = "A folder of SAELens (cfg.json) or dictionary_learning (ae.pt), or a file of weights of dictionary_learning, "
                + "overcomplete or saev."
        };
    private readonly Option<string?> _run =
        new("--run") { Description = "The run folder to put it into; it is measured on the held-out vectors.", HelpName = "DIR" };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer of the run that it belongs to.", HelpName = "L" };
    private readonly Option<string?> _name = new("--name") { Description = "Its name there (the folder's).", HelpName = "NAME" };
    private readonly Option<string?> _filter =
        new("--filter") { Description = "The draws to measure it on (the first one harvested).", HelpName = "F" };
    private readonly Option<string?> _out = new("--out") { Description = "In place of a run: the folder to write.", HelpName = "DIR" };
    private readonly Option<double?> _scale = new("--input-scale")
    {
        Description = "The number activations were multiplied by in training, where that is not in the weights.",
        HelpName = "X",
    };
    private readonly Option<string?> _architecture = new("--architecture")
    {
        Description = "The variant, where tensors alone do not say it (overcomplete; dictionary_learning without config.json).",
        HelpName = "A",
    };
    private readonly Option<int?> _k = new("--k") { Description = "k, where the file does not hold it (overcomplete).", HelpName = "K" };
    private readonly Option<double?> _threshold = new("--threshold")
    {
        Description = "The running_threshold of overcomplete's BatchTopK, which its state dict leaves out.",
        HelpName = "X",
    };
    private readonly Option<string?> _normalization = new("--normalization")
    {
        Description = "How overcomplete brings its dictionary to a length: l2 (its default), max_l2, l1, max_l1 or identity.",
        HelpName = "N",
    };

    private readonly Option<double?> _delta = new("--delta")
    {
        Description = "How far the directions of overcomplete's archetypal dictionaries may stand off the hull of their points (1).",
        HelpName = "X",
    };

    public SaeImportCommand(AppEnvironment app)
        : base(app, "import",
            "A dictionary of SAELens, dictionary_learning, overcomplete or saev, into a run or as a folder. A file is read as data; "
                + "nothing in it is executed.")
    {
        Add(_from);
        foreach (Option option in (Option[])[_run, _layer, _name, _filter, _out, _scale, _architecture, _k, _threshold, _normalization,
            _delta])
            Add(option);
        Examples = ["fovea sae import exported/topk --run runs/demo --layer block4 --name theirs",
            "fovea sae import exported/topk --out dictionaries/theirs",
            "fovea sae import sae.pt --k 32 --run runs/demo --layer block4 --name overcomplete"];
    }

    protected override int Execute(CommandContext context)
    {
        string from = context.Get(_from);
        string? run = context.Get(_run), output = context.Get(_out);
        if ((run is null) == (output is null))
            throw FoveaException.BadConfiguration("Say where it is to go: either --run DIR with --layer L, or --out DIR.");
        using ForeignDictionary found = ForeignDictionaries.Import(from, new ForeignOptions
        {
            InputScale = context.Get(_scale),
            Architecture = context.Get(_architecture),
            K = context.Get(_k),
            Threshold = context.Get(_threshold),
            Normalization = context.Get(_normalization),
            Delta = context.Get(_delta),
        });
        SparseAutoencoder autoencoder = found.Autoencoder;
        foreach (string note in found.Notes) context.Note(note);
        ImportedDictionary? imported = null;
        if (run is not null)
        {
            imported = DictionaryImport.IntoRun(autoencoder, new RunFolder(run), Recipe.OfRun(run, []).Settings, new DictionaryImportOptions
            {
                Name = context.Get(_name) ?? NameOf(from),
                Layer = context.Get(_layer),
                Filter = context.Get(_filter),
            }, context.Cancellation);
            output = imported.Folder;
            foreach (string note in imported.Notes) context.Note(note);
        }
        else
        {
            if (Path.GetFullPath(from) == Path.GetFullPath(output!))
                throw FoveaException.BadConfiguration($"{output} is the folder to read. Give another one to write.");
            AutoencoderFile.Save(output!, autoencoder);
        }
        AutoencoderScores? scores = imported?.Scores;
        context.Result(
            new SaeImportResult(
                Path.GetFullPath(output!), found.Library, autoencoder.Architecture, autoencoder.InputSize, autoencoder.LatentSize,
                    scores?.L0, scores?.Fvu,
                    scores?.DeadFraction),
            text => text.WriteLine($"{output}: {autoencoder.Architecture} of {found.Library}, {autoencoder.InputSize} → "
                + $"{autoencoder.LatentSize}"
                + (scores is null
                    ? "" : $"; L0 {Humane.Number(scores.L0)}, FVU {Humane.Number(scores.Fvu)}, dead {Humane.Percent(scores.DeadFraction)}")));
        return ExitCode.Done;
    }

    private static string NameOf(string path) => File.Exists(path)
        ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
}
