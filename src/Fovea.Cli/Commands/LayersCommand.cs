using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.IO;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea layers</c>: what runs measured of layers' units, layers and networks side by side.</summary>
internal sealed class LayersCommand : FoveaCommand
{
    private readonly Argument<string[]> _runs = new("RUN")
    {
        Description = "Run folders; of each all layers, neurons and dictionaries.",
        Arity = ArgumentArity.OneOrMore,
    };
    private readonly Option<string?> _csv = new("--csv") { Description = "A table for spreadsheets to write.", HelpName = "FILE" };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "The document to write, JSON.", HelpName = "FILE" };

    public LayersCommand(AppEnvironment app)
        : base(app, "layers", "What runs measured of their layers, side by side, as a Markdown table: nothing is measured anew.")
    {
        Add(_runs);
        Add(_csv);
        Add(_out);
        Examples = ["fovea layers runs/demo", "fovea layers runs/layers-resnet18 runs/demo --csv layers.csv > layers.md"];
    }

    protected override int Execute(CommandContext context)
    {
        string[] folders = [.. context.Get(_runs).Select(Path.GetFullPath)];
        LayerRow[] rows = [.. folders.SelectMany(folder => LayerTable.Of(new RunFolderReader(folder)))];
        if (rows.Length == 0)
        {
            throw FoveaException.BadData(
                "These runs have no dictionaries yet, and nothing was measured of their neurons. Run their recipes: fovea run RECIPE.toml");
        }
        string? csv = context.Get(_csv), document = context.Get(_out);
        if (csv is not null) AtomicFile.WriteText(csv, LayerLines.Csv(rows));
        if (document is not null) DocumentFile.Write(document, new LayersDocument { Rows = rows });
        context.Result(new LayersResult(folders, rows, Full(csv), Full(document)), text => text.Write(LayerLines.Markdown(rows)));
        return ExitCode.Done;
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);
}
