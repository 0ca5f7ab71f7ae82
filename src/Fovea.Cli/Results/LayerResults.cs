namespace Fovea.Cli.Results;

/// <summary>Layers and networks side by side.</summary>
/// <param name="Runs">The run folders.</param>
/// <param name="Rows">What they measured.</param>
/// <param name="Csv">The table for spreadsheets; null where none was asked for.</param>
/// <param name="Document">The document; null where none was asked for.</param>
internal sealed record LayersResult(IReadOnlyList<string> Runs, IReadOnlyList<LayerRow> Rows, string? Csv, string? Document) : ICommandResult
{
    public static string Command => "`layers`";
}
