using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.IO;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea table</c>: a run's Parquet tables for spreadsheets.</summary>
internal sealed class TableCommand : FoveaCommand
{
    private readonly Argument<string> _path = new("PATH") { Description = "A table of a run (.parquet), or a run folder: its tables are then listed." };
    private readonly Option<string?> _csv = new("--csv") { Description = "A file to write, comma-separated (the text goes to the terminal).", HelpName = "FILE" };

    public TableCommand(AppEnvironment app)
        : base(app, "table", "A table of a run as comma-separated values, a column a field; what is nested gets names like picture.file.")
    {
        Add(_path);
        Add(_csv);
        Examples = ["fovea table runs/demo", "fovea table runs/demo/features/block4/topk/features.parquet --csv features.csv"];
    }

    protected override int Execute(CommandContext context)
    {
        string path = context.Get(_path)!;
        if (Directory.Exists(path)) return List(context, path);
        (string text, int rows) = TableText.Of(path);
        string? csv = context.Get(_csv);
        if (csv is not null) AtomicFile.WriteText(csv, text);
        context.Result(new TableResult([new TableSummary(path, rows)], csv is null ? null : Path.GetFullPath(csv)), output =>
        {
            if (csv is null) output.Write(text);
            else output.WriteLine($"{csv}: {Humane.Count(rows)} {(rows == 1 ? "row" : "rows")}");
        });
        return ExitCode.Done;
    }

    private int List(CommandContext context, string folder)
    {
        if (context.Get(_csv) is not null) throw FoveaException.BadConfiguration("--csv writes one table: name a .parquet file.");
        TableSummary[] tables = [.. Directory.EnumerateFiles(folder, "*.parquet", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => new TableSummary(Path.GetRelativePath(folder, file), TableText.Rows(file)))];
        if (tables.Length == 0) throw FoveaException.BadData($"{folder} has no tables (.parquet).");
        context.Result(new TableResult(tables, null), output =>
        {
            foreach (TableSummary table in tables) output.WriteLine($"{Humane.Count(table.Rows),10}  {table.File}");
        });
        return ExitCode.Done;
    }
}
