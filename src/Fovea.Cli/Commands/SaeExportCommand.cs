using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Dictionaries.SaeLens;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea sae export</c>: a dictionary as a folder that SAELens loads.</summary>
internal sealed class SaeExportCommand : FoveaCommand
{
    private readonly Option<string?> _run = new("--run") { Description = "The run folder.", HelpName = "DIR" };
    private readonly Option<string?> _layer =
        new("--layer") { Description = "The dictionary's layer (the first one harvested).", HelpName = "L" };
    private readonly Option<string?> _name = new("--name") { Description = "The dictionary (the layer's only one).", HelpName = "NAME" };
    private readonly Option<string?> _from =
        new("--from")
        {
            Description = "In place of a run: any folder with the cfg.json of a dictionary, such as a member of a sweep.",
            HelpName = "DIR"
        };
    private readonly Option<string> _out = new("--out") { Description = "The folder to write.", HelpName = "DIR", Required = true };

    public SaeExportCommand(AppEnvironment app)
        : base(app, "export", "A dictionary in SAELens' layout, with the same codes: SAE.load_from_disk reads it.")
    {
        foreach (Option option in (Option[])[_run, _layer, _name, _from, _out]) Add(option);
        Examples = ["fovea sae export --run runs/demo --name topk --out exported/topk"];
    }

    protected override int Execute(CommandContext context)
    {
        string output = context.Get(_out)!;
        Exported source = Source(context);
        string folder = source.Folder;
        if (Path.GetFullPath(folder) == Path.GetFullPath(output))
            throw FoveaException.BadConfiguration($"{output} is the dictionary itself. Give another folder to write.");
        using SparseAutoencoder autoencoder = AutoencoderFile.Load(folder);
        string report = Path.Combine(folder, TrainedAutoencoder.ReportName);
        AutoencoderReport? measured = File.Exists(report) ? DocumentFile.Read<AutoencoderReport>(report) : null;
        SaeLensFile.Export(output, autoencoder, source.Model, source.Layer, measured?.Validation ?? measured?.Train);
        string? architecture = SaeConfiguration.Read(Path.Combine(output, AutoencoderFile.ConfigurationName)).Architecture;
        context.Result(
            new SaeExportResult(
                Path.GetFullPath(output), autoencoder.Architecture, architecture, autoencoder.InputSize, autoencoder.LatentSize),
            text => text.WriteLine(
                $"{output}: {autoencoder.Architecture}, {autoencoder.InputSize} → {autoencoder.LatentSize}, for SAELens a "
                    + $"{architecture} SAE"));
        return ExitCode.Done;
    }

    private Exported Source(CommandContext context)
    {
        string? from = context.Get(_from), folder = context.Get(_run);
        if ((from is null) == (folder is null))
            throw FoveaException.BadConfiguration("Say what to export: either --run DIR, or --from DIR.");
        if (from is not null) return new Exported(from, null, null);
        WorkflowSettings settings = Recipe.OfRun(folder!, []).Settings;
        var run = new RunFolder(folder!);
        string layer = RunUnits.Layer(settings, context.Get(_layer));
        string[] names = [.. RunUnits.Dictionaries(run, settings, layer)];
        string? name = context.Get(_name) ?? (names.Length == 1 ? names[0] : null);
        if (name is null || !names.Contains(name))
            throw FoveaException.BadConfiguration(
                $"Say which dictionary of {layer} with --name; there are: "
                    + $"{string.Join(", ", names)}.{(name is null ? "" : Suggestions.Sentence(name, names))}");
        return new Exported(run.Dictionary(layer, name), layer, settings.Model.Network is { } file
            ? Path.GetFileName(file) : settings.Model.Architecture);
    }

    /// <summary>A dictionary's folder, and what is known of it besides.</summary>
    private sealed record Exported(string Folder, string? Layer, string? Model);
}
