namespace Fovea.Cli.Recipes;

/// <summary>Where a value of a recipe was said: what an error points at and what the resolved recipe states beside the value.</summary>
/// <param name="Place">For errors: <c>recipes/demo.toml:12:5</c>, <c>--set train.epochs=2</c>.</param>
/// <param name="Note">For the resolved recipe: <c>demo.toml line 12</c>.</param>
internal sealed record Origin(string Place, string Note)
{
    /// <summary>A place in a file; line and column count from 0, as the parser's do.</summary>
    public static Origin InFile(string file, int line, int column, string? note = null) =>
        new($"{file}:{line + 1}:{column + 1}", note ?? $"{Path.GetFileName(file)} line {line + 1}");

    /// <summary>An option of the command line.</summary>
    public static Origin Option(string text) => new(text, text);
}
