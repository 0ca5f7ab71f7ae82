namespace Fovea.Cli.Results;

/// <summary>Tables of a run.</summary>
/// <param name="Tables">Each with its rows.</param>
/// <param name="Csv">The file that was written; null where none was asked for.</param>
internal sealed record TableResult(IReadOnlyList<TableSummary> Tables, string? Csv) : ICommandResult
{
    public static string Command => "`table`";
}

/// <summary>A table.</summary>
/// <param name="File">The file.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record TableSummary(string File, int Rows);
