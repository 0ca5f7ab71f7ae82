using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae import</c>: a dictionary of SAELens' as one of a run, or as a folder.</summary>
internal sealed class SaeImportCommand : FoveaCommand
{
    private readonly Argument<string> _from =
        new("FOLDER") { Description = "A folder with cfg.json and sae_weights.safetensors in SAELens' layout." };
    private readonly Option<string?> _run =
        new("--run") { Description = "The run folder to put it into; it is measured on the held-out vectors.", HelpName = "DIR" };
    private readonly Option<string?> _layer = new("--layer") { Description = "The layer of the run that it belongs to.", HelpName = "L" };
    private readonly Option<string?> _name = new("--name") { Description = "Its name there (the folder's).", HelpName = "NAME" };
    private readonly Option<string?> _filter =
        new("--filter") { Description = "The draws to measure it on (the first one harvested).", HelpName = "F" };
    private readonly Option<string?> _out = new("--out") { Description = "In place of a run: the folder to write.", HelpName = "DIR" };
    private readonly Option<double?> _scale = new("--input-scale")
    {
        Description = "The number activations were multiplied by in training, where cfg.json says expected_average_only_in.",
        HelpName = "X",
    };

    public SaeImportCommand(AppEnvironment app)
        : base(app, "import",
            "A dictionary in SAELens' layout, into a run or as a folder. A file is read as data; nothing in it is executed.")
    {
        Add(_from);
        foreach (Option option in (Option[])[_run, _layer, _name, _filter, _out, _scale]) Add(option);
        Examples = ["fovea sae import exported/topk --run runs/demo --layer block4 --name theirs",
            "fovea sae import exported/topk --out dictionaries/theirs"];
    }

    protected override int Execute(CommandContext context)
    {
        string from = context.Get(_from);
        string? run = context.Get(_run), output = context.Get(_out);
        if ((run is null) == (output is null))
            throw FoveaException.BadConfiguration("Say where it is to go: either --run DIR with --layer L, or --out DIR.");
        using SparseAutoencoder autoencoder = SaeLensFile.Import(from, context.Get(_scale));
        ImportedDictionary? imported = null;
        if (run is not null)
        {
            imported = DictionaryImport.IntoRun(autoencoder, new RunFolder(run), Recipe.OfRun(run, []).Settings, new DictionaryImportOptions
            {
                Name = context.Get(_name) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(from))),
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
                Path.GetFullPath(output!), autoencoder.Architecture, autoencoder.InputSize, autoencoder.LatentSize, scores?.L0, scores?.Fvu,
                    scores?.DeadFraction),
            text => text.WriteLine($"{output}: {autoencoder.Architecture}, {autoencoder.InputSize} → {autoencoder.LatentSize}"
                + (scores is null
                    ? "" : $"; L0 {Humane.Number(scores.L0)}, FVU {Humane.Number(scores.Fvu)}, dead {Humane.Percent(scores.DeadFraction)}")));
        return ExitCode.Done;
    }
}
